// test/session/random-table.test.ts: tables of random features, changed by random statements: every version reads the same by every way,
// its changes lead from one version to the next, and rows keep their ids. PROTOCOL.md, all table features together.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Session } from "../../src/session/session.ts";
import { roundCount } from "../round-count.ts";
import { sessionOver, sharedEngine } from "../table/life.ts";

const engine = sharedEngine();

/** A row by column; what a version lacks is undefined. */
interface Row {
  readonly id: bigint;
  readonly n: bigint | null;
  readonly s: { readonly a: number | null; readonly b?: string | null } | null;
  readonly extra?: string | null;
}

type Event =
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
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("insert" as const), ids }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("overwrite" as const), ids }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), ...span }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("update" as const), ...span }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("setField" as const), ...span }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("merge" as const), ids, evolves: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant({ kind: "widen" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "rename" as const }) },
);

const features = fc.record({
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

type Features = typeof features extends fc.Arbitrary<infer T> ? T : never;

/** What happened to rows in a version, as the change feed must tell it. */
class Model {
  readonly versions: (readonly Row[])[] = [];
  hasExtra = false;
  hasB = false;
  isWide = false;
  isRenamed = false;
  /** Versions whose rows are all new. */
  readonly overwrites = new Set<number>();

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
function textsOf(rows: Iterable<object>): readonly string[] {
  return Array.from(rows, (row) => {
    const { id, s, extra, ...rest } = row as Row & Record<string, unknown>;
    const n = Object.entries(rest).find(([name]) => name === "n" || name === "number, n")?.[1];
    const struct = s === null || s === undefined ? "null" : `${s.a} ${s.b ?? "-"}`;
    return [id, n, struct, extra ?? "-"].map(String).join(" | ");
  }).toSorted();
}

async function checkVersion(spark: Session, model: Model, version: number): Promise<void> {
  const expected = textsOf(model.versions[version] ?? []);
  expect(textsOf(await (await spark.sql(`SELECT * FROM t VERSION AS OF ${version}`)).collect())).toEqual(expected);
  const table = await spark.deltaTable("t", { version });
  const rows = [];
  for await (const row of table.rows()) rows.push(row);
  expect(textsOf(rows)).toEqual(expected);
  const some = textsOf((model.versions[version] ?? []).filter(({ id }) => id >= 3n && id < 9n));
  const found = [];
  for await (const row of table.rows({ where: "id >= 3 AND id < 9" })) found.push(row);
  expect(textsOf(found)).toEqual(some);
}

/** The changes of each commit lead from the version before to it, where the columns are called alike in both. */
async function checkChanges(spark: Session, model: Model, from: number): Promise<void> {
  const table = await spark.deltaTable("t");
  const held = new Map((model.versions[from - 1] ?? []).map((row) => [row.id, row]));
  const told = [];
  for await (const row of table.changes({ from })) told.push(row);
  for (let version = from; version < model.versions.length; version += 1) {
    const own = told.filter((row) => Number(row["_commit_version"]) === version);
    for (const row of own) {
      const type = String(row["_change_type"]);
      if (type === "delete" || type === "update_preimage") expect(held.delete(row["id"] as bigint)).toBe(true);
    }
    for (const { _change_type: type, _commit_version: _, _commit_timestamp: __, ...row } of own)
      if (type === "insert" || type === "update_postimage") held.set(row["id"] as bigint, row as unknown as Row);
    expect([version, textsOf(held.values())]).toEqual([version, textsOf(model.versions[version] ?? [])]);
  }
}

/** A row has one id as long as it is there, no two have the same, and its version is the last in which its values changed. */
async function checkIds(spark: Session, model: Model): Promise<void> {
  const before = new Map<bigint, { readonly rowId: bigint; readonly text: string; readonly version: bigint }>();
  for (const [version, rows] of model.versions.entries()) {
    const answer = await spark.sql(
      `SELECT id, _metadata.row_id AS r, _metadata.row_commit_version AS v FROM t VERSION AS OF ${version}`,
    );
    const now = (await answer.collect()) as unknown as readonly { id: bigint; r: bigint; v: bigint }[];
    expect(new Set(now.map(({ r }) => r)).size).toBe(rows.length);
    const texts = new Map(rows.map((row) => [row.id, textsOf([row])[0] ?? ""]));
    for (const { id, r, v } of now) {
      const known = before.get(id);
      const text = texts.get(id) ?? "";
      if (known?.rowId === r && known.text === text)
        expect([version, id, v >= known.version]).toEqual([version, id, true]);
      if (known !== undefined && !model.overwrites.has(version))
        expect([version, id, r]).toEqual([version, id, known.rowId]);
    }
    const seen = new Set(now.map(({ id }) => id));
    for (const id of before.keys()) if (!seen.has(id)) before.delete(id);
    for (const { id, r, v } of now) before.set(id, { rowId: r, text: texts.get(id) ?? "", version: v });
  }
}

async function run(
  root: string,
  { mode, isPartitioned, isTracked, others }: Features,
  events: readonly Event[],
): Promise<void> {
  const spark = sessionOver(engine, root);
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
  let comparable = 1; // names and types are the same from this version on
  for (const each of events) {
    if (each.kind === "rename" && mode === "none") continue;
    const isSame = [model.hasB, model.hasExtra].join();
    const after = await apply(spark, model, each);
    if (after === null) continue;
    model.versions.push(after);
    if (each.kind === "overwrite") model.overwrites.add(model.versions.length - 1);
    if (each.kind === "rename" || each.kind === "widen" || isSame !== [model.hasB, model.hasExtra].join())
      comparable = model.versions.length;
  }
  for (let version = 0; version < model.versions.length; version += 1) await checkVersion(spark, model, version);
  if (comparable < model.versions.length) await checkChanges(spark, model, comparable);
  if (isTracked) await checkIds(spark, model);
}

test("every version of a table reads the same by every way, whatever its features", { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(features, fc.array(event, { minLength: 1, maxLength: 10 }), async (given, events) => {
      const root = mkdtempSync(join(tmpdir(), "alluvium-test-"));
      try {
        await run(root, given, events);
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    }),
    { numRuns: roundCount(8), seed: 11 },
  );
});
