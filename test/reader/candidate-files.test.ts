// test/reader/candidate-files.test.ts: of a long checkpoint the files are chosen in DuckDB. A file that may hold a row is never given up.
import { renameSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePredicate } from "../../src/expression/predicate/parse-predicate.ts";
import type { AddFile, PartitionValues } from "../../src/format/action/action.ts";
import { heldFileCountMax } from "../../src/log/checkpoint/checkpoint-base.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../src/log/state/snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { chooseFiles, filesToRead, planFiles } from "../../src/reader/plan-scan.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { add, metadata, protocol, remove, testEngine, writeCommits } from "../log/table-builder.ts";

const engine = testEngine();
const fileCount = heldFileCountMax + 50;

const column = (name: string, type: string) => ({ name, type, nullable: true, metadata: {} });
const nested = { type: "struct", fields: [column("n/a", "integer")] };
const schemaString = JSON.stringify({
  type: "struct",
  fields: [
    column("id", "long"),
    column("text", "string"),
    column("day", "date"),
    column("at", "timestamp"),
    column("local", "timestamp_ntz"),
    column("price", "decimal(10,2)"),
    column("part", "string"),
    column("number", "integer"),
    { name: "deep", type: nested, nullable: true, metadata: {} },
  ],
});

const texts = ["", "a", "ab", "b", "Straße", "o'clock", "\u{1F600}", "zz\u{10FFFF}", "100%"];
const days = ["1969-12-31", "2020-02-29", "2024-01-01", "9999-12-31"];
const instants = ["1969-12-31T23:59:59.999Z", "2020-02-29T00:00:00.000Z", "2024-01-01T12:30:00.123Z"];

/** Statistics that are right, missing, or make no sense: of many shapes, the same ones in each run. */
function statsOf(index: number): string | undefined {
  if (index % 11 === 0) return undefined;
  if (index % 13 === 0) return '{"minValues":{"id":"a text","day":5},"maxValues":{"id":[],"day":"soon"}}';
  if (index % 17 === 0) return "no JSON {";
  if (index % 19 === 0) return beyondTheirTypes;
  return rightStatsOf(index);
}

const beyond = '{"id":-99999999999999999999,"price":123456789012.5,"deep":{"n/a":99999999999}}';
const beyondTheirTypes = `{"minValues":${beyond},"maxValues":${beyond}}`;

function rightStatsOf(index: number): string {
  const [low, high] = [(index * 7) % 40, ((index * 7) % 40) + (index % 5)];
  const pick = <T>(from: readonly T[], at: number): T => from[at % from.length] as T;
  const [first, last] = [pick(texts, index), pick(texts, index * 3)].toSorted() as [string, string];
  const minValues = {
    id: low === 3 ? "9007199254740993" : low,
    text: first,
    day: pick(days, index),
    at: pick(instants, index),
    local: pick(instants, index).slice(0, -1),
    price: low + 0.25,
    deep: { "n/a": low },
  };
  const maxValues = {
    id: high === 3 ? "9223372036854775807" : high,
    text: last,
    day: pick(days, index),
    at: pick(instants, index),
    local: pick(instants, index).slice(0, -1),
    price: high + 0.25,
    deep: { "n/a": high },
  };
  // Whole numbers of 64 bits stand in JSON without quotes.
  return JSON.stringify({ numRecords: 5, minValues, maxValues, nullCount: {} }).replaceAll(/"(9\d{15,})"/g, "$1");
}

type StatsOf = typeof statsOf;
type PartitionOf = (index: number) => PartitionValues;

/** Some are missing, and one name is spelled in two ways. */
function partitionOf(index: number): PartitionValues {
  const part = index % 7 === 0 ? null : (texts[index % texts.length] ?? null);
  return new Map([
    [index % 2 === 0 ? "part" : "PART", part],
    ["number", index % 5 === 0 ? null : String(index % 9)],
  ]);
}

/** Each has a value; those of most row groups lie in order. */
function fullPartitionOf(index: number): PartitionValues {
  const part = texts[1 + (Math.floor(index / 50) % (texts.length - 1))] ?? null;
  return new Map([
    ["part", part],
    ["number", String(Math.floor((index * 9) / fileCount))],
  ]);
}

async function longTable(stats: StatsOf = statsOf, partition: PartitionOf = partitionOf): Promise<Snapshot> {
  const folder = temporaryFolder();
  const table = { ...metadata({}, ["part", "number"]), schemaString };
  const fileOf = (index: number): AddFile => {
    const text = stats(index);
    return add(`f${index}`, { partitionValues: partition(index), ...(text !== undefined && { stats: text }) });
  };
  writeCommits(folder, [
    [protocol, table, ...Array.from({ length: fileCount }, (_, index) => fileOf(index))],
    [remove("f3"), remove("f20"), add("f21", { stats: statsOf(1) ?? "" })],
  ]);
  const first = await loadSnapshot(engine, folder, { version: 0 as never });
  await writeCheckpoint(engine, first);
  return loadSnapshot(engine, folder);
}

const literal = {
  id: fc.constantFrom("3", "17", "-1", "9007199254740993", "2.5", "NULL"),
  text: fc.constantFrom(...texts).map((text) => `'${text.replaceAll("'", "\\'")}'`),
  day: fc.constantFrom(...days).map((day) => `DATE'${day}'`),
  at: fc.constantFrom(...instants).map((at) => `TIMESTAMP'${at.replace("T", " ")}'`),
  local: fc.constantFrom(...instants).map((at) => `TIMESTAMP_NTZ'${at.replace("T", " ").slice(0, -1)}'`),
  price: fc.constantFrom("3.25", "17", "0.01"),
  part: fc.constantFrom(...texts).map((text) => `'${text.replaceAll("'", "\\'")}'`),
  number: fc.constantFrom("0", "4", "8", "9"),
  "deep.`n/a`": fc.constantFrom("3", "17", "-1"),
};
const condition = fc.constantFrom(...(Object.keys(literal) as (keyof typeof literal)[])).chain((name) =>
  fc
    .tuple(
      fc.constantFrom("=", "<=>", "<>", "<", "<=", ">", ">="),
      fc.array(literal[name], { minLength: 1, maxLength: 3 }),
      fc.constantFrom("compare", "mirror", "in", "null", "like"),
    )
    .map(([op, values, shape]) => {
      if (shape === "compare") return `${name} ${op} ${values[0] ?? ""}`;
      if (shape === "mirror") return `${values[0] ?? ""} ${op} ${name}`;
      if (shape === "in") return `${name} IN (${values.join(", ")})`;
      return shape === "null" ? `${name} IS NULL` : `CAST(${name} AS STRING) LIKE 'a%'`;
    }),
);
const { predicate } = fc.letrec<{ predicate: string }>((tie) => ({
  predicate: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    condition,
    fc.tuple(tie("predicate"), fc.constantFrom("AND", "OR"), tie("predicate")).map((parts) => `(${parts.join(" ")})`),
    tie("predicate").map((inner) => `NOT (${inner})`),
  ),
}));

test.each([
  { kind: "JSON, missing and damaged", stats: statsOf, partition: partitionOf },
  { kind: "typed, in every file", stats: rightStatsOf, partition: partitionOf },
  { kind: "typed, in every file as are partition values", stats: rightStatsOf, partition: fullPartitionOf },
])(
  "whatever is asked of a long checkpoint, the files chosen are those that judging each one leaves: statistics $kind",
  { timeout: 300_000 },
  async ({ stats, partition }) => {
    const snapshot = await longTable(stats, partition);
    const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
    let narrowed = 0;
    const property = fc.asyncProperty(predicate, async (text) => {
      const where = await parsePredicate(engine.sql, text, scope);
      const judged = await planFiles(snapshot, { where });
      const chosen = await chooseFiles(snapshot, { where });
      expect(chosen.files.map(({ path }) => path).toSorted()).toEqual(judged.files.map(({ path }) => path).toSorted());
      if (judged.files.length < 5000) narrowed += 1;
    });
    await fc.assert(property, { seed: 31, numRuns: 25 });
    expect(narrowed).toBeGreaterThan(5);
  },
);

test("a file that is gone since the checkpoint is not chosen, and one written anew is, by what it says now", async () => {
  const snapshot = await longTable();
  const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
  const where = await parsePredicate(engine.sql, "number = 3 AND part = 'b'", scope);
  const { files } = await chooseFiles(snapshot, { where });
  const expected = Array.from({ length: fileCount }, (_, index) => index)
    .filter((index) => index % 9 === 3 && index % 5 !== 0 && index % 7 !== 0 && index !== 3)
    .map((index) => `f${index}`);
  expect(files.map(({ path }) => path).toSorted()).toEqual(expected.toSorted());
});

test("who reads rows of some partitions gets the same files, whole but for their statistics", async () => {
  const snapshot = await longTable(rightStatsOf, fullPartitionOf);
  const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
  const bare = (files: readonly AddFile[]) =>
    files.map((file) => ({ ...file, stats: null })).toSorted((a, b) => (a.path < b.path ? -1 : 1));
  for (const text of [
    "number = 3 AND part = 'b'",
    "part > 'b' OR number IN (1, 8)",
    "part = 'nowhere'",
    "number = 4",
  ]) {
    const where = await parsePredicate(engine.sql, text, scope);
    const judged = await planFiles(snapshot, { where });
    expect(bare((await filesToRead(snapshot, { where })).files)).toEqual(bare(judged.files));
    expect(bare((await chooseFiles(snapshot, { where })).files)).toEqual(bare(judged.files));
  }
  const all = await filesToRead(snapshot, {});
  expect(all.files.length).toBe(fileCount - 2);
  const where = await parsePredicate(engine.sql, "number = 3 AND id >= 0", scope);
  expect((await filesToRead(snapshot, { where })).files.every(({ stats }) => stats !== undefined)).toBe(true);
});

test("totals of a long table are those of its files, at each version, whichever is asked first", async () => {
  const snapshot = await longTable();
  expect(await snapshot.files.totals()).toEqual({ count: fileCount - 2, sizeBytes: 100 * (fileCount - 2) });
  const before = await loadSnapshot(engine, snapshot.tablePath, { version: 0 as never });
  expect(await before.files.totals()).toEqual({ count: fileCount, sizeBytes: 100 * fileCount });
});

test("typed statistics are asked without a look at the JSON, when every file has them", async () => {
  const snapshot = await longTable(rightStatsOf);
  const path = join(snapshot.tablePath, "_delta_log", "00000000000000000000.checkpoint.parquet");
  // Of the JSON one bound of every file is moved: who reads it first would give all files up.
  const moved = `struct_update(add, stats := replace(add.stats, '"minValues":{"id":', '"minValues":{"id":1000000'))`;
  await using connection = await engine.sql.connect();
  await connection.run(
    `COPY (SELECT * REPLACE (CASE WHEN add.path IS NOT NULL THEN ${moved} END AS add) FROM '${path}') TO '${path}.moved' (FORMAT parquet)`,
  );
  renameSync(`${path}.moved`, path);
  const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
  const where = await parsePredicate(engine.sql, "id = 17", scope);
  const found: string[] = [];
  const changed = await loadSnapshot(engine, snapshot.tablePath);
  for await (const chunk of changed.files.chunks({ filter: { where, scope } }))
    found.push(...chunk.map((file) => file.path));
  const expected = Array.from({ length: fileCount }, (_, index) => index)
    .filter((index) => (index * 7) % 40 <= 17 && ((index * 7) % 40) + (index % 5) >= 17)
    .filter((index) => index !== 3 && index !== 20 && index !== 21);
  expect(found).toEqual(expect.arrayContaining(expected.map((index) => `f${index}`)));
  expect(found.length).toBeLessThan(fileCount / 4);
});

test("typed statistics hold whole numbers that are no doubles, and are asked for them exactly", async () => {
  const snapshot = await longTable(rightStatsOf);
  const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
  const where = await parsePredicate(engine.sql, "number = 4 AND id <= 9007199254740993", scope);
  const { files } = await chooseFiles(snapshot, { where });
  const expected = Array.from({ length: fileCount }, (_, index) => index)
    .filter((index) => index % 9 === 4 && index % 5 !== 0)
    .map((index) => `f${index}`);
  expect(expected.some((path) => (Number(path.slice(1)) * 7) % 40 === 3)).toBe(true); // whose least id is just that
  expect(files.map(({ path }) => path).toSorted()).toEqual(expected.toSorted());
});

test("a chosen file keeps what few files have, its deletion vector and tags, and so do its neighbours that have none", async () => {
  const folder = temporaryFolder();
  const table = { ...metadata({}, ["part", "number"]), schemaString };
  const deletionVector = { storageType: "i", pathOrInlineDv: "x", sizeInBytes: 4, cardinality: 1 };
  const files = Array.from({ length: fileCount }, (_, index) =>
    add(`f${index}`, {
      partitionValues: fullPartitionOf(index),
      ...(index % 2 === 0 && { tags: new Map([["k", `${index}`]]), deletionVector }),
    }),
  );
  writeCommits(folder, [[protocol, table, ...files]]);
  await writeCheckpoint(engine, await loadSnapshot(engine, folder));
  const snapshot = await loadSnapshot(engine, folder);
  const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
  const where = await parsePredicate(engine.sql, "number = 4", scope);
  const found: AddFile[] = [];
  for await (const chunk of snapshot.files.chunks({ filter: { where, scope } })) found.push(...chunk);
  const expected = files.filter((_, index) => Math.floor((index * 9) / fileCount) === 4);
  expect(found.map(({ path }) => path)).toEqual(expected.map(({ path }) => path));
  for (const [index, file] of found.entries()) {
    expect(file.tags).toEqual(expected[index]?.tags);
    expect(file.deletionVector?.pathOrInlineDv).toBe(expected[index]?.deletionVector?.pathOrInlineDv);
  }
});

test("a condition that nearly all files meet gives each of them once", async () => {
  const folder = temporaryFolder();
  const table = { ...metadata({}, ["part", "number"]), schemaString };
  const files = Array.from({ length: fileCount }, (_, index) =>
    add(`f${index}`, { partitionValues: fullPartitionOf(index), ...(index === 7 && { tags: new Map([["k", "v"]]) }) }),
  );
  writeCommits(folder, [[protocol, table, ...files]]);
  await writeCheckpoint(engine, await loadSnapshot(engine, folder));
  const snapshot = await loadSnapshot(engine, folder);
  const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
  for (const text of ["number >= 0", "number >= 0 AND id > -5"]) {
    const found: string[] = [];
    for await (const chunk of snapshot.files.chunks({
      filter: { where: await parsePredicate(engine.sql, text, scope), scope },
    }))
      found.push(...chunk.map(({ path }) => path));
    expect(found.toSorted()).toEqual(files.map(({ path }) => path).toSorted());
  }
});
