// test/reader/known-vectors.test.ts: vectors that were decoded lately are not decoded again, unless their file is another by now; and row counts.
import { copyFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import { loadDeletedRows } from "../../src/reader/deleted-rows.ts";
import { knownRowCounts } from "../../src/reader/row-counts.ts";
import { scanBatches } from "../../src/reader/scan.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { field, struct } from "../expression/all-types.ts";
import { vectorBytes, vectorFile } from "../format/roaring-bytes.ts";
import { makeTable, testEngine } from "./table-of-files.ts";

const inner = testEngine();
const reads: string[] = [];

/** A fresh engine, as far as what it remembers goes, that notes what it reads. */
const notingEngine = (): Engine => ({
  ...inner,
  files: Object.assign(Object.create(inner.files) as Engine["files"], {
    read: (path: string) => {
      reads.push(path);
      return inner.files.read(path);
    },
  }),
});

function settle(path: string, ageS = 60): void {
  const time = statSync(path).mtimeMs / 1000 - ageS;
  utimesSync(path, time, time);
}

interface Vectors {
  readonly path: string;
  readonly files: readonly { readonly path: string; readonly deletionVector: Vector }[];
}
type Vector = ReturnType<typeof vectorAt>;

interface Place {
  readonly offset: number;
  readonly sizeInBytes: number;
  readonly cardinality: number;
}

const vectorAt = (path: string, place: Place) => ({
  storageType: "p" as const,
  pathOrInlineDv: `file://${path}`,
  ...place,
});

/** A file of vectors, one for each set of rows, that has been there for a while. */
function writeVectors(path: string, sets: readonly (readonly number[])[]): Vectors {
  const vectors = sets.map((rows) => vectorBytes(rows));
  const { bytes, offsets } = vectorFile(vectors);
  writeFileSync(path, bytes);
  settle(path);
  const files = vectors.map((vector, index) => ({
    path: `f${index}`,
    deletionVector: vectorAt(path, {
      offset: offsets[index] ?? 0,
      sizeInBytes: vector.length,
      cardinality: sets[index]?.length ?? 0,
    }),
  }));
  return { path, files };
}

async function rowsOf(engine: Engine, { files }: Pick<Vectors, "files">): Promise<readonly (readonly number[])[]> {
  const found = await loadDeletedRows(engine, "/table", files);
  return files.map((_, index) => {
    const rows: number[] = [];
    found.get(index)?.forEachRun((first, last) => {
      for (let row = first; row <= last; row += 1) rows.push(row);
    });
    return rows;
  });
}

test("vectors that were decoded are not read again, and others of their file are", async () => {
  const engine = notingEngine();
  const vectors = writeVectors(join(temporaryFolder(), "v.bin"), [[1, 2], [7], [9, 100_000]]);
  const [first, ...others] = vectors.files;
  if (first === undefined) throw new Error("three were written");
  reads.length = 0;
  expect(await rowsOf(engine, { files: [first] })).toEqual([[1, 2]]);
  expect(await rowsOf(engine, { files: [first] })).toEqual([[1, 2]]);
  expect(reads).toEqual([vectors.path]);
  expect(await rowsOf(engine, { files: [first, ...others] })).toEqual([[1, 2], [7], [9, 100_000]]);
  expect(await rowsOf(engine, { files: [...others, first] })).toEqual([[7], [9, 100_000], [1, 2]]);
  expect(reads).toEqual([vectors.path, vectors.path]);
});

test("a file of vectors that was written another time, or a moment ago, is read; one that is gone is missed", async () => {
  const engine = notingEngine();
  const path = join(temporaryFolder(), "v.bin");
  const before = writeVectors(path, [[1, 2]]);
  expect(await rowsOf(engine, before)).toEqual([[1, 2]]);
  const after = writeVectors(path, [[3, 4]]);
  settle(path, 10);
  expect(after).toEqual(before);
  expect(await rowsOf(engine, after)).toEqual([[3, 4]]);
  const now = new Date();
  utimesSync(path, now, now);
  reads.length = 0;
  await rowsOf(engine, after);
  await rowsOf(engine, after);
  expect(reads).toEqual([path, path]);
  settle(path, 20);
  await rowsOf(engine, after);
  rmSync(path);
  await expect(rowsOf(engine, after)).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});

test("a descriptor that says another length or count than its vector is refused, also of a vector that is known", async () => {
  const engine = notingEngine();
  const vectors = writeVectors(join(temporaryFolder(), "v.bin"), [[1, 2]]);
  await rowsOf(engine, vectors);
  for (const wrong of [{ cardinality: 3 }, { sizeInBytes: 10 }]) {
    const files = vectors.files.map(({ path, deletionVector }) => ({
      path,
      deletionVector: { ...deletionVector, ...wrong },
    }));
    await expect(rowsOf(engine, { files })).rejects.toMatchObject({ code: "CORRUPT_FILE" });
  }
});

test("only so many vectors are remembered, and the ones used last", async () => {
  const engine = notingEngine();
  const folder = temporaryFolder();
  // A bitmap of 64 KiB of numbers each, of which every other one is there: 8 KiB.
  const large = Array.from({ length: 100 }, (_, part) => part * 65_536).flatMap((base) =>
    Array.from({ length: 4097 }, (_, at) => base + at * 2),
  );
  const [first, ...others] = Array.from({ length: 50 }, (_, index) => join(folder, `${index}.bin`));
  if (first === undefined) throw new Error("there are fifty");
  const vectors = writeVectors(first, [large]);
  for (const other of others) {
    copyFileSync(first, other);
    settle(other);
  }
  const at = (path: string): Vectors => ({
    path,
    files: vectors.files.map((file) => ({
      ...file,
      deletionVector: { ...file.deletionVector, pathOrInlineDv: `file://${path}` },
    })),
  });
  for (const path of [first, ...others]) await loadDeletedRows(engine, "/table", at(path).files);
  reads.length = 0;
  await loadDeletedRows(engine, "/table", at(others.at(-1) ?? first).files);
  expect(reads).toEqual([]);
  await loadDeletedRows(engine, "/table", at(first).files);
  expect(reads).toEqual([first]);
});

test("rows of files are counted when they are asked for again, and never by what a file was before", async () => {
  const schema = struct(field("id", "long"));
  const sqlOf = (rowCount: number): string => `SELECT i AS id FROM range(${rowCount}) t(i)`;
  const files = [10, 20].map((rowCount) => ({ path: `f${rowCount}`, sql: sqlOf(rowCount) }));
  const { tablePath } = await makeTable(inner, { schema, files });
  const engine = notingEngine();
  const paths = files.map(({ path }) => join(tablePath, path));
  for (const path of paths) settle(path);
  expect(await knownRowCounts(engine, paths)).toEqual([undefined, undefined]);
  expect(await knownRowCounts(engine, paths)).toEqual([10, 20]);
  copyFileSync(paths[1] ?? "", paths[0] ?? "");
  expect(await knownRowCounts(engine, paths)).toEqual([undefined, 20]);
  expect(await knownRowCounts(engine, paths)).toEqual([undefined, 20]); // written a moment ago
  settle(paths[0] ?? "", 30);
  expect(await knownRowCounts(engine, [...paths, join(tablePath, "none")])).toEqual([undefined, 20, undefined]);
  expect(await knownRowCounts(engine, paths)).toEqual([20, 20]);
});

test("a table is read alike each time, also where statistics say less rows than a file has", async () => {
  const schema = struct(field("id", "long"));
  const sql = (first: number): string => `SELECT ${first} + i AS id FROM range(300) t(i)`;
  const vectors = writeVectors(join(temporaryFolder(), "v.bin"), [
    [0, 2, 9],
    [1, 64, 299],
  ]);
  const specs = [0, 1000].map((first, index) => ({
    path: `f${first}`,
    sql: sql(first),
    stats: JSON.stringify({ numRecords: 10 }),
    deletionVector: vectors.files[index]?.deletionVector,
  }));
  const snapshot = await makeTable(inner, {
    schema,
    files: [...specs, { path: "g", sql: sql(5000) }],
    features: ["deletionVectors"],
  });
  for (const { path } of specs) settle(join(snapshot.tablePath, path));
  const engine = notingEngine();
  const expected = [
    ...Array.from({ length: 300 }, (_, row) => row).filter((row) => ![0, 2, 9].includes(row)),
    ...Array.from({ length: 300 }, (_, row) => 1000 + row).filter((row) => ![1001, 1064, 1299].includes(row)),
    ...Array.from({ length: 300 }, (_, row) => 5000 + row),
  ];
  for (let turn = 0; turn < 3; turn += 1) {
    const ids: number[] = [];
    for await (const batch of scanBatches(engine, snapshot, {}))
      for (const id of batch.getChild("id") ?? []) ids.push(Number(id));
    expect(ids.toSorted((a, b) => a - b)).toEqual(expected);
  }
});
