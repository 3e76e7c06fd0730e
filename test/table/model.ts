// test/table/model.ts: a naive table in memory, and predicates that it can judge by itself. Spark's three-valued logic.
import * as fc from "fast-check";

/** A row of the model's table. */
export type ModelRow = {
  readonly id: bigint;
  readonly part: string | null;
  readonly text: string | null;
  readonly price: number | null;
};

/** Spark SQL of the table that `ModelRow` describes. */
export const modelSchema = "id BIGINT, part STRING, text STRING, price DOUBLE";

/** A row's text, the same for rows that Spark takes as equal. */
export function keyOf(row: Readonly<Record<string, unknown>>): string {
  return [row["id"], row["part"], row["text"], row["price"]].map(String).join("|");
}

export const parts: readonly (string | null)[] = ["a", "b c", "ü/%=", null];

const texts: readonly (string | null)[] = ["", "x", "it's", "zebra", null];

const prices: readonly (number | null)[] = [-1.5, 0, 2, 1e300, Number.NaN, Number.POSITIVE_INFINITY, null];

/** One row; `id` is given by the history, so that every row is another. */
export const rowShape: fc.Arbitrary<Omit<ModelRow, "id">> = fc.record({
  part: fc.constantFrom(...parts),
  text: fc.constantFrom(...texts),
  price: fc.constantFrom(...prices),
});

/** A predicate as Spark SQL, and what it says of a row: null is unknown. */
export interface ModelPredicate {
  readonly sql: string;
  readonly holds: (row: ModelRow) => boolean | null;
}

type Comparison = "=" | "<" | "<=" | ">" | ">=" | "<>";

type Value = string | number | bigint;

/** NaN equals itself and is greater than all other numbers. */
function order(a: Value, b: Value): number {
  if (typeof a === "string" || typeof b === "string")
    return Buffer.compare(Buffer.from(String(a)), Buffer.from(String(b)));
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
}

const verdicts: Readonly<Record<Comparison, (order: number) => boolean>> = {
  "=": (n) => n === 0,
  "<": (n) => n < 0,
  "<=": (n) => n <= 0,
  ">": (n) => n > 0,
  ">=": (n) => n >= 0,
  "<>": (n) => n !== 0,
};

const comparison = fc.constantFrom<Comparison>("=", "<", "<=", ">", ">=", "<>");

function compare(column: keyof ModelRow, op: Comparison, value: Value): ModelPredicate {
  const literal =
    typeof value === "string"
      ? `'${value.replaceAll("'", "''")}'`
      : Number.isNaN(value)
        ? "double('NaN')"
        : String(value);
  const holds = (row: ModelRow): boolean | null => {
    const found = row[column];
    return found === null ? null : verdicts[op](order(found, value));
  };
  return { sql: `${column} ${op} ${literal}`, holds };
}

const isPresent = <T>(value: T | null): value is T => value !== null;

const leaf: fc.Arbitrary<ModelPredicate> = fc.oneof(
  fc.tuple(comparison, fc.bigInt({ min: 0n, max: 40n })).map(([op, value]) => compare("id", op, value)),
  fc.tuple(comparison, fc.constantFrom(...parts.filter(isPresent))).map(([op, value]) => compare("part", op, value)),
  fc.tuple(comparison, fc.constantFrom(...texts.filter(isPresent))).map(([op, value]) => compare("text", op, value)),
  fc.tuple(comparison, fc.constantFrom(-1.5, 0, 2, Number.NaN)).map(([op, value]) => compare("price", op, value)),
  fc.constantFrom<keyof ModelRow>("part", "text", "price").map((column) => ({
    sql: `${column} IS NULL`,
    holds: (row: ModelRow) => row[column] === null,
  })),
  fc.constantFrom<keyof ModelRow>("part", "text").map((column) => ({
    sql: `${column} IN ('a', 'x')`,
    holds: (row: ModelRow) => (row[column] === null ? null : row[column] === "a" || row[column] === "x"),
  })),
);

const both = (a: boolean | null, b: boolean | null): boolean | null =>
  a === false || b === false ? false : a === null || b === null ? null : true;

const negated = (a: boolean | null): boolean | null => (a === null ? null : !a);

/** Any predicate over the model's columns. */
export const predicate: fc.Arbitrary<ModelPredicate> = fc.letrec<{ any: ModelPredicate }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    leaf,
    fc.tuple(tie("any"), tie("any")).map(([a, b]) => ({
      sql: `(${a.sql} AND ${b.sql})`,
      holds: (row: ModelRow) => both(a.holds(row), b.holds(row)),
    })),
    fc.tuple(tie("any"), tie("any")).map(([a, b]) => ({
      sql: `(${a.sql} OR ${b.sql})`,
      holds: (row: ModelRow) => negated(both(negated(a.holds(row)), negated(b.holds(row)))),
    })),
    tie("any").map((a) => ({ sql: `NOT (${a.sql})`, holds: (row: ModelRow) => negated(a.holds(row)) })),
  ),
})).any;

/** The rows for which a predicate is true. */
export function filterRows(rows: readonly ModelRow[], where: ModelPredicate): readonly ModelRow[] {
  return rows.filter((row) => where.holds(row) === true);
}
