// A table of state: found and changed the same way by index as by scan, and the same when its files are folded.
import fc from "fast-check";
import { expect, test } from "vitest";
import { foldChanges } from "../../src/stream/state/state-fold.ts";
import { usualIndexPolicy } from "../../src/stream/state/state-index.ts";
import { nextFolding } from "../../src/stream/state/state-manifest.ts";
import type { StateFile } from "../../src/stream/state/state-manifest.ts";
import { StateTable } from "../../src/stream/state/state-table.ts";
import type { StateTableOptions } from "../../src/stream/state/state-table.ts";
import { StateWriter } from "../../src/stream/state/state-writer.ts";
import type { Engine } from "../../src/engine/base/engine.ts";
import type { StateTableSpec } from "../../src/stream/plan/state-spec.ts";
import { roundCount } from "../round-count.ts";
import { testEngine } from "./query-doubles.ts";

const columns = [
  { name: "__id", type: "BIGINT" },
  { name: "__k0", type: "VARCHAR" },
  { name: "__k1", type: "STRUCT(a INTEGER)" },
  { name: "__p0", type: "INTEGER" },
];
const spec: StateTableSpec = { name: "groups", columns, soughtBy: ["__k0", "__k1"], isCounted: true };
const always = { rowCountMin: 0, rowsPerKeyMin: 0, scanCount: 0 };

/** A table of its own database, on a connection of its own. */
async function tableOn(
  engine: Engine,
  options: Pick<StateTableOptions, "database" | "spec" | "policy" | "outdatedFrom">,
): Promise<{ readonly table: StateTable; readonly writer: StateWriter }> {
  const writer = new StateWriter(await engine.sql.connect());
  const { connection } = writer;
  let count = 0;
  const scratch = async (select: string): Promise<string> => {
    const name = `${options.database}.scratch${(count += 1)}`;
    await connection.run(`CREATE TABLE ${name} AS ${select}`);
    return name;
  };
  return { table: new StateTable({ writer, scratch, operatorId: 0, ...options }), writer };
}

/** Ids to remove, ids to replace, rows to add; then keys to look for. */
interface Step {
  readonly gone: readonly number[];
  readonly replaced: readonly number[];
  readonly added: number;
  readonly sought: readonly number[];
}

const ids = fc.uniqueArray(fc.nat(60), { maxLength: 4 });
const step: fc.Arbitrary<Step> = fc.record({ gone: ids, replaced: ids, added: fc.nat(20), sought: ids });

/** Ids below 3 have null keys. */
const keysOf = (id: number): string =>
  `CASE WHEN ${id} >= 3 THEN 'k${id % 40}' END AS __k0, CASE WHEN ${id} <> 1 THEN {'a': CASE WHEN ${id} <> 2 THEN ${id} END} END AS __k1`;

const rowsSql = (rows: readonly { readonly op: number; readonly id: number }[], value: number): string =>
  rows
    .map(({ op, id }) => `SELECT ${op} AS __op, CAST(${id} AS BIGINT) AS __id, ${keysOf(id)}, ${value} AS __p0`)
    .join(" UNION ALL ");

/** Sought by columns, and by expressions over the row; by index and by scan; with replaced rows taken out at once and later. */
const ways = [
  { of: spec, by: "index", policy: always, outdatedFrom: Infinity },
  { of: spec, by: "index", policy: always, outdatedFrom: 0 },
  { of: spec, by: "scan", policy: usualIndexPolicy, outdatedFrom: 0 },
  {
    of: { ...spec, soughtBy: ["l.__k0 || ''", "l.__k1"], alias: "l" },
    by: "index",
    policy: always,
    outdatedFrom: 0,
  },
];

test.each(ways)("rows are found by $of.soughtBy, by $by, and are the latest", { timeout: 300_000 }, async (way) => {
  const { of, policy, outdatedFrom } = way;
  const engine = testEngine();
  await using connection = await engine.sql.connect();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const database = `state_test_${ways.indexOf(way)}_${(count += 1)}`;
      await connection.run(`ATTACH ':memory:' AS ${database}`);
      // Above what is scanned in no time.
      const base = 20_000;
      const { table, writer } = await tableOn(engine, { database, spec: of, policy, outdatedFrom });
      await table.create();
      await table.add(
        `(SELECT range + 1000 AS __id, 'x' || range AS __k0, NULL AS __k1, -1 AS __p0 FROM range(${base}))`,
        "true",
        base,
      );
      await table.count();
      const live = new Map<number, number>();
      const rowsOf = async (from: string): Promise<readonly (readonly [number, number])[]> =>
        (await connection.rows(`SELECT __id, __p0 FROM ${from} AND __p0 >= 0 ORDER BY 1`)).map(
          (row) => [Number(row["__id"]), Number(row["__p0"])] as const,
        );
      let next = 0;
      for (const [at, { gone, replaced, added, sought }] of steps.entries()) {
        const removes = gone.filter((id) => live.has(id));
        const replaces = replaced.filter((id) => live.has(id) && !gone.includes(id));
        const comes = Array.from({ length: added }, () => next++);
        const changes = [
          ...removes.map((id) => ({ op: 0, id })),
          ...replaces.map((id) => ({ op: 2, id })),
          ...comes.map((id) => ({ op: 1, id })),
        ];
        if (changes.length > 0) {
          await connection.run(`CREATE TABLE ${database}.changes${at} AS ${rowsSql(changes, at)}`);
          const counts = {
            goes: removes.length + replaces.length,
            comes: replaces.length + comes.length,
            removed: removes.length,
          };
          table.change(`${database}.changes${at}`, counts);
        }
        for (const id of removes) live.delete(id);
        for (const id of [...replaces, ...comes]) live.set(id, at);
        expect(table.rowCount).toBe(base + live.size);
        if (sought.length === 0) continue;
        await connection.run(
          `CREATE OR REPLACE TABLE ${database}.sought AS SELECT __k0 AS a, __k1 AS b FROM (${rowsSql(
            sought.map((id) => ({ op: 1, id })),
            at,
          )})`,
        );
        const found = await table.seek(`${database}.sought`, ["a", "b"]);
        const same =
          of.alias === undefined
            ? found.on("live", "given")
            : "live.__k0 IS NOT DISTINCT FROM given.a AND live.__k1 IS NOT DISTINCT FROM given.b";
        const asked = `(SELECT live.* FROM ${found.from} AS live SEMI JOIN ${database}.sought AS given ON ${same}) WHERE true`;
        const expected = [...live].filter(([id]) => sought.includes(id)).toSorted(([x], [y]) => x - y);
        expect(await rowsOf(asked)).toEqual(expected);
      }
      const whole = await table.settled();
      expect(table.rowCount).toBe(base + live.size);
      expect(await rowsOf(`${whole} WHERE true`)).toEqual([...live].toSorted(([x], [y]) => x - y));
      await writer[Symbol.asyncDispose]();
      await connection.run(`DETACH ${database}`);
    }),
    { seed: 3, numRuns: roundCount(25) },
  );
});

test("an index is made for keys that lie anywhere, and not for keys that lie near each other", async () => {
  const engine = testEngine();
  await using connection = await engine.sql.connect();
  await connection.run("ATTACH ':memory:' AS near_and_far");
  const policy = { rowCountMin: 0, rowsPerKeyMin: 1000, scanCount: 2 };
  const numbers: StateTableSpec = {
    name: "groups",
    columns: [
      { name: "__id", type: "BIGINT" },
      { name: "__k0", type: "BIGINT" },
    ],
    soughtBy: ["__k0"],
    isCounted: true,
  };
  const { table, writer } = await tableOn(engine, { database: "near_and_far", spec: numbers, policy });
  await table.create();
  await table.add("(SELECT range AS __id, range AS __k0 FROM range(50_000))", "true", 50_000);
  await table.count();
  const indexesAfter = async (distance: number): Promise<number> => {
    const given = `(SELECT range * ${distance} + 7 AS __k0 FROM range(10))`;
    for (let batch = 0; batch < 10; batch += 1) {
      const found = await table.seek(given);
      const [row] = await connection.rows(
        `SELECT count(*) AS n FROM ${found.from} AS live SEMI JOIN ${given} AS given ON ${found.on("live", "given")}`,
      );
      expect(Number(row?.["n"])).toBe(10);
    }
    return (await connection.rows("SELECT 1 FROM duckdb_indexes() WHERE database_name = 'near_and_far'")).length;
  };
  expect(await indexesAfter(3)).toBe(0);
  expect(await indexesAfter(4000)).toBe(1);
  await writer[Symbol.asyncDispose]();
  await connection.run("DETACH near_and_far");
});

test("folded changes leave what the changes leave one after another", { timeout: 300_000 }, async () => {
  const { sql } = testEngine();
  await using connection = await sql.connect();
  const change = fc.record({ op: fc.constantFrom(0, 1, 2), id: fc.nat(6), v: fc.nat(99) });
  // In one file an id is removed, replaced once, or rows of it come.
  const file = fc
    .array(change, { maxLength: 6 })
    .map((all) => all.filter(({ op, id }, at) => op === 1 || all.findIndex((one) => one.id === id) === at))
    .map((all) => all.filter(({ op, id }) => op !== 1 || !all.some((one) => one.op !== 1 && one.id === id)));
  interface Change {
    readonly op: number;
    readonly id: number;
    readonly v: number;
  }
  const apply = (rows: readonly (readonly [number, number])[], changes: readonly Change[]) => {
    const gone = new Set(changes.filter(({ op }) => op !== 1).map(({ id }) => id));
    const come = changes.filter(({ op }) => op !== 0).map(({ id, v }) => [id, v] as const);
    return [...rows.filter(([id]) => !gone.has(id)), ...come];
  };
  const relation = (changes: readonly Change[]): string =>
    `(SELECT * FROM (VALUES ${[{ op: 9, id: 0, v: 0 }, ...changes].map(({ op, id, v }) => `(${op}, ${id}, ${v})`).join(", ")}) AS c(__op, __id, v) WHERE __op <> 9)`;
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 5 }), async (files) => {
      const before = [0, 1, 2, 3].map((id) => [id, 100 + id] as const);
      const rows = await connection.rows(foldChanges(files.map(relation), ["v"]));
      const folded = rows.map((row) => ({ op: Number(row["__op"]), id: Number(row["__id"]), v: Number(row["v"]) }));
      const texts = (all: readonly (readonly [number, number])[]): readonly string[] => all.map(String).toSorted();
      expect(texts(apply(before, folded))).toEqual(
        texts(files.reduce<readonly (readonly [number, number])[]>(apply, before)),
      );
    }),
    { seed: 4, numRuns: roundCount(60) },
  );
});

test("changes of rows that are nothing but their id fold, too", async () => {
  const { sql } = testEngine();
  await using connection = await sql.connect();
  const part = (op: number, id: number): string => `(SELECT ${op} AS __op, ${id} AS __id)`;
  const rows = await connection.rows(`${foldChanges([part(1, 1), part(1, 2), part(0, 1)], [])} ORDER BY __id`);
  expect(rows).toEqual([
    { __op: 0, __id: 1 },
    { __op: 1, __id: 2 },
  ]);
});

test("what is written for small batches follows their rows, not the state, and files stay few", () => {
  const live = 5_000_000;
  let files: readonly StateFile[] = [{ kind: "snapshot", path: "", rowCount: live, sizeBytes: 1 }];
  let written = 0;
  let most = 0;
  for (let batch = 0; batch < 3000; batch += 1) {
    const folding = nextFolding(files, 1000, live);
    const kept =
      folding.kind === "all" ? [] : files.slice(0, files.length - (folding.kind === "deltas" ? folding.count : 0));
    const rowCount =
      folding.kind === "all" ? live : 1000 + files.slice(kept.length).reduce((sum, file) => sum + file.rowCount, 0);
    files = [...kept, { kind: folding.kind === "all" ? "snapshot" : "delta", path: "", rowCount, sizeBytes: 1 }];
    written += rowCount;
    most = Math.max(most, files.length);
  }
  expect(most).toBeLessThanOrEqual(60);
  expect(written).toBeLessThan(10 * 3000 * 1000);
});

test("a change that fails is told to who asks next, and no later one is begun", async () => {
  await using writer = new StateWriter(await testEngine().sql.connect());
  const begun: string[] = [];
  writer.begin(async () => void begun.push("before"));
  writer.begin(() => writer.connection.run("DELETE FROM no_such_table"));
  writer.begin(async () => void begun.push("after"));
  await expect(writer.done()).rejects.toThrow("no_such_table");
  await expect(writer.done()).rejects.toThrow("no_such_table");
  expect(begun).toEqual(["before"]);
});
