// bench/source-rows.ts: the rows that everything is measured with. They depend on their number alone, so that every run, on
// every machine, has the same: id, a time that grows with it, one of 100,000 users (few of them busy), one of 8 kinds, an amount.
import type { StructType } from "../src/index.ts";

/** First row, and how many. */
export interface RowRange {
  readonly first: number;
  readonly count: number;
}

const field = (name: string, type: "long" | "timestamp" | "string" | "double"): StructType["fields"][number] => ({
  name,
  type: { kind: "primitive", name: type },
  nullable: true,
  metadata: {},
});

/** Columns of the events. */
export const eventSchema: StructType = {
  kind: "struct",
  fields: [
    field("id", "long"),
    field("ts", "timestamp"),
    field("user", "string"),
    field("kind", "string"),
    field("amount", "double"),
  ],
};

/** A DuckDB SELECT of these rows, in order of `id`. */
export function eventsSql({ first, count }: RowRange): string {
  const chance = (salt: number): string => `((hash(i * 8 + ${salt}) >> 11)::DOUBLE / 9007199254740992.0 + 1e-12)`;
  return `SELECT i AS id,
    make_timestamptz(${firstTimeUs} + i * 20000 + (hash(i * 8) % 5000000)::BIGINT) AS ts,
    'user' || lpad(floor(99999.0 * pow(${chance(1)}, 4))::BIGINT::VARCHAR, 6, '0') AS "user",
    CASE WHEN c < 0.4 THEN 'view' WHEN c < 0.65 THEN 'click' WHEN c < 0.75 THEN 'cart' WHEN c < 0.83 THEN 'buy'
      WHEN c < 0.85 THEN 'refund' WHEN c < 0.92 THEN 'login' WHEN c < 0.97 THEN 'logout' ELSE 'error' END AS kind,
    round(-25.0 * ln(${chance(3)} * ${chance(4)}), 2) AS amount
    FROM (SELECT i, ${chance(2)} AS c FROM range(${first}, ${first + count}) t(i))`;
}

/** The same columns as row objects, for writers that take those. */
export function eventObjects({ first, count }: RowRange): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: count }, (_, index) => {
    const id = first + index;
    return {
      id: BigInt(id),
      ts: new Date(firstTimeUs / 1000 + id * 20),
      user: `user${String((id * 7919) % 100_000).padStart(6, "0")}`,
      kind: kinds[id % kinds.length],
      amount: ((id * 31) % 10_000) / 100,
    };
  });
}

/** What `stream_filter` keeps and makes of the events, in Spark's SQL and DuckDB's alike. */
export const filterCondition = "kind = 'buy' AND amount > 50";
/** The columns after the filter. */
export const filterColumns: readonly string[] = ["id", "user", "amount * 1.2 AS gross"];

const kinds = ["view", "click", "cart", "buy", "refund", "login", "logout", "error"];
const firstTimeUs = 1_767_225_600_000_000; // 2026-01-01T00:00:00Z
