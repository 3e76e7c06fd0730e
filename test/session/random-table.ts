// test/session/random-table.ts: tables of random features, changed by random statements, and the rows that each version must have.
import * as fc from "fast-check";
import type { Session } from "../../src/session/door/session.ts";

/** A row by column; what a version lacks is undefined. */
export interface Row {
  readonly id: bigint;
  readonly n: bigint | null;
  readonly s: { readonly a: number | null; readonly b?: string | null } | null;
  readonly extra?: string | null;
}

/** One change of the table. */
export type Event =
  | { readonly kind: "insert"; readonly ids: readonly number[] }
  | { readonly kind: "overwrite"; readonly ids: readonly number[] }
  | { readonly kind: "delete"; readonly from: number; readonly to: number }
  | { readonly kind: "update"; readonly from: number; readonly to: number }
  | { readonly kind: "setField"; readonly from: number; readonly to: number }
  | { readonly kind: "merge"; readonly ids: readonly number[]; readonly evolves: boolean }
  | { readonly kind: "widen" }
  | { readonly kind: "rename" };

const ids = fc.uniqueArray(fc.nat(15), { minLength: 1, maxLength: 6 });
const span = { from: fc.nat(12), to: fc.nat(15) };
/** Any of them. */
export const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("insert" as const), ids }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("overwrite" as const), ids }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), ...span }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("update" as const), ...span }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("setField" as const), ...span }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("merge" as const), ids, evolves: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "widen" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "rename" as const }) },
);

/** What a table is made with. */
export interface Features {
  /** Of column mapping. */
  readonly mode: string;
  readonly isPartitioned: boolean;
  /** Rows have ids. */
  readonly isTracked: boolean;
  /** Properties beside. */
  readonly others: readonly (readonly [string, string])[];
}

/** Any of them. */
export const features: fc.Arbitrary<Features> = fc.record({
  mode: fc.constantFrom("none", "name", "id"),
  isPartitioned: fc.boolean(),
  isTracked: fc.boolean(),
  others: fc.subarray<readonly [string, string]>([
    ["delta.checkpointPolicy", "v2"],
    ["delta.enableInCommitTimestamps", "true"],
    ["delta.enableDeletionVectors", "true"],
    ["delta.enableMaterializePartitionColumnsFeature", "true"],
    ["delta.checkpoint.writeStatsAsStruct", "true"],
    ["delta.checkpoint.writeStatsAsJson", "false"],
  ]),
});

/** What happened to rows in a version, as the change feed must tell it. */
export class Model {
  readonly versions: (readonly Row[])[] = [];
  hasExtra = false;
  hasB = false;
  isWide = false;
  isRenamed = false;
  /** Versions whose rows are all new. */
  readonly overwrites: Set<number> = new Set();
  /** Versions that only add rows. */
  readonly appends: Set<number> = new Set();

  get now(): readonly Row[] {
    return this.versions.at(-1) ?? [];
  }

  row(id: number): Row {
    return {
      id: BigInt(id),
      n: BigInt(id % 4),
      s: id % 5 === 0 ? null : { a: id, ...(this.hasB && { b: null }) },
      ...(this.hasExtra && { extra: null }),
    };
  }

  /** Every row with the columns that there are now. */
  complete(rows: readonly Row[]): readonly Row[] {
    return rows.map((row) => ({
      ...row,
      s: row.s === null ? null : { ...row.s, ...(this.hasB && { b: row.s.b ?? null }) },
      ...(this.hasExtra && { extra: row.extra ?? null }),
    }));
  }
}

const valuesOf = (wanted: readonly number[]): string =>
  wanted.map((id) => `(${id}, ${id % 4}, ${id % 5 === 0 ? "NULL" : `named_struct('a', ${id})`})`).join(", ");

/** Runs an event, and says what the table holds then; null where it is left as it was. */
async function apply(spark: Session, model: Model, each: Event): Promise<readonly Row[] | null> {
  const number = model.isRenamed ? "`number, n`" : "n";
  const within = ({ id }: Row): boolean => "from" in each && id >= each.from && id <= each.to;
  const where = "from" in each ? `WHERE id BETWEEN ${each.from} AND ${each.to}` : "";
  const changed = (change: (row: Row) => Row): readonly Row[] | null =>
    model.now.some(within) ? model.now.map((row) => (within(row) ? change(row) : row)) : null;
  switch (each.kind) {
    case "insert":
    case "overwrite": {
      const fresh = each.ids.filter(
        (id) => each.kind === "overwrite" || !model.now.some((row) => row.id === BigInt(id)),
      );
      if (fresh.length === 0) return null;
      const word = each.kind === "insert" ? "INTO" : "OVERWRITE";
      await spark.sql(
        `INSERT ${word} t (id, ${number}, s) SELECT id, n, ${model.hasB ? "CASE WHEN s IS NOT NULL THEN named_struct('a', s.a, 'b', CAST(NULL AS STRING)) END" : "s"} FROM VALUES ${valuesOf(fresh)}, (99, 0, named_struct('a', 0)) AS v(id, n, s) WHERE id < 99`,
      );
      return [...(each.kind === "insert" ? model.now : []), ...fresh.map((id) => model.row(id))];
    }
    case "delete":
      await spark.sql(`DELETE FROM t ${where}`);
      return model.now.some(within) ? model.now.filter((row) => !within(row)) : null;
    case "update": {
      const by = model.isWide ? 5_000_000_000n : 7n;
      await spark.sql(`UPDATE t SET ${number} = ${number} + ${by} ${where}`);
      return changed((row) => ({ ...row, n: row.n === null ? null : row.n + by }));
    }
    case "setField":
      await spark.sql(`UPDATE t SET s.a = 77 ${where}`);
      return changed((row) => ({ ...row, s: { ...(model.hasB && { b: row.s?.b ?? null }), a: 77 } }));
    case "merge": {
      const words = each.evolves ? "WITH SCHEMA EVOLUTION " : "";
      const source = `SELECT id, id + 1 AS m, named_struct('a', CAST(id AS INT), 'b', 'new') AS s, 'e' AS extra FROM VALUES ${each.ids.map((id) => `(${id})`).join(", ")} AS v(id)`;
      const isNew = (id: number): boolean => !model.now.some((row) => row.id === BigInt(id));
      if (each.evolves) {
        await spark.sql(
          `MERGE ${words}INTO t USING (SELECT id, s, extra FROM (${source})) u ON t.id = u.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *`,
        );
        [model.hasB, model.hasExtra] = [true, true];
        const given = (id: number): Pick<Row, "s" | "extra"> => ({ s: { a: id, b: "new" }, extra: "e" });
        const held = model.now.map((row) =>
          each.ids.includes(Number(row.id)) ? { ...row, ...given(Number(row.id)) } : row,
        );
        return model.complete([
          ...held,
          ...each.ids.filter(isNew).map((id) => ({ id: BigInt(id), n: null, ...given(id) })),
        ]);
      }
      await spark.sql(`MERGE INTO t USING (${source}) u ON t.id = u.id WHEN MATCHED AND u.id % 2 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET ${number} = u.m
        WHEN NOT MATCHED THEN INSERT (id, ${number}) VALUES (u.id, u.m)`);
      const kept = model.now.filter((row) => !(each.ids.includes(Number(row.id)) && row.id % 2n === 0n));
      const set = kept.map((row) => (each.ids.includes(Number(row.id)) ? { ...row, n: row.id + 1n } : row));
      return model.complete([
        ...set,
        ...each.ids.filter(isNew).map((id) => ({ id: BigInt(id), n: BigInt(id + 1), s: null })),
      ]);
    }
    case "widen":
      if (model.isWide) return null;
      await spark.sql(`ALTER TABLE t ALTER COLUMN ${number} TYPE BIGINT`);
      model.isWide = true;
      return model.now;
    case "rename":
      await spark.sql(`ALTER TABLE t RENAME COLUMN ${number} TO ${model.isRenamed ? "n" : "`number, n`"}`);
      model.isRenamed = !model.isRenamed;
      return model.now;
  }
}

/** Rows as text, sorted, whatever their column is called and however wide it is. */
export function textsOf(rows: Iterable<object>): readonly string[] {
  return Array.from(rows, (row) => {
    const { id, s, extra, ...rest } = row as Row & Record<string, unknown>;
    const n = Object.entries(rest).find(([name]) => name === "n" || name === "number, n")?.[1];
    const struct = s === null || s === undefined ? "null" : `${s.a} ${s.b ?? "-"}`;
    return [id, n, struct, extra ?? "-"].map(String).join(" | ");
  }).toSorted();
}

/**
 * Makes the table `t`, and changes it.
 * @returns the model of it, and the first version from which on names and types are the same
 */
export async function live(
  spark: Session,
  { mode, isPartitioned, isTracked, others }: Features,
  events: readonly Event[],
): Promise<{ readonly model: Model; readonly comparable: number }> {
  await spark.createTable("t", {
    schema: "id BIGINT, n INT, s STRUCT<a: INT>",
    partitionBy: isPartitioned ? ["n"] : [],
    properties: {
      "delta.columnMapping.mode": mode,
      "delta.enableTypeWidening": "true",
      "delta.enableChangeDataFeed": "true",
      "delta.checkpointInterval": "3",
      ...(isTracked ? { "delta.enableRowTracking": "true" } : {}),
      ...Object.fromEntries(others),
    },
  });
  const model = new Model();
  model.versions.push([]);
  let comparable = 1;
  for (const each of events) {
    if (each.kind === "rename" && mode === "none") continue;
    const isAppend = onlyAdds(model.now, each);
    const isSame = [model.hasB, model.hasExtra].join();
    const after = await apply(spark, model, each);
    if (after === null) continue;
    model.versions.push(after);
    if (isAppend) model.appends.add(model.versions.length - 1);
    if (each.kind === "overwrite") model.overwrites.add(model.versions.length - 1);
    if (each.kind === "rename" || each.kind === "widen" || isSame !== [model.hasB, model.hasExtra].join())
      comparable = model.versions.length;
  }
  return { model, comparable };
}

/** True for what leaves every row that there is alone. */
function onlyAdds(rows: readonly Row[], each: Event): boolean {
  if (each.kind === "insert") return true;
  if (each.kind === "overwrite") return rows.length === 0;
  return each.kind === "merge" && !rows.some(({ id }) => each.ids.includes(Number(id)));
}
