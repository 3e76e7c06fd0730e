// The Delta sink, between real tables.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import { deltaSink } from "../../src/stream/sink/delta-sink.ts";
import { Lake } from "./lake.ts";
import { temporaryFolder } from "./query-doubles.ts";

const engine = localEngine();
afterAll(() => engine[Symbol.asyncDispose]());

async function lake(...commits: readonly (readonly number[])[]): Promise<Lake> {
  const made = new Lake(engine, temporaryFolder());
  onTestFinished(() => made.manager.stopAll());
  await made.create("books");
  for (const ids of commits) await made.append("books", ids);
  return made;
}

test("rows of a table arrive in another, each once, over restarts", async () => {
  const books = await lake([1, 2], [3]);
  await books.drain();
  expect(await books.ids("copy")).toEqual([1, 2, 3]);
  await books.drain();
  await books.append("books", [4, 5]);
  await books.drain();
  expect(await books.ids("copy")).toEqual([1, 2, 3, 4, 5]);
});

test("sink creates the table with nullable columns in the first batch", async () => {
  const books = new Lake(engine, temporaryFolder());
  const required: StructType = {
    kind: "struct",
    fields: [
      {
        name: "id",
        type: { kind: "primitive", name: "long" },
        nullable: false,
        metadata: { comment: "number", "delta.invariants": "x" },
      },
      {
        name: "tags",
        type: { kind: "array", elementType: { kind: "primitive", name: "string" }, containsNull: false },
        nullable: false,
        metadata: {},
      },
    ],
  };
  await books.create("books");
  await books.append("books", [1]);
  await books.drain({ select: 'SELECT id, ["day"] AS tags FROM input', outputSchema: required });
  const lines = books.commit("copy", 0);
  expect(lines.map((line) => Object.keys(line)[0])).toEqual(["commitInfo", "protocol", "metaData", "txn", "add"]);
  expect(lines[1]).toEqual({ protocol: { minReaderVersion: 1, minWriterVersion: 2 } });
  expect(JSON.parse(String(lines[2]?.["metaData"]?.["schemaString"]))).toEqual({
    type: "struct",
    fields: [
      { name: "id", type: "long", nullable: true, metadata: { comment: "number" } },
      {
        name: "tags",
        type: { type: "array", elementType: "string", containsNull: true },
        nullable: true,
        metadata: {},
      },
    ],
  });
});

test("every batch commit carries txn with query id and batch id, operation STREAMING UPDATE, output mode, query id, epoch id", async () => {
  const books = await lake([1, 2], [3]);
  const query = await books.drain({ source: { maxFilesPerTrigger: "1" } });
  const [info, txn, add] = books.commit("copy", 1);
  expect(info?.["commitInfo"]).toMatchObject({
    operation: "STREAMING UPDATE",
    operationParameters: { outputMode: "Append", queryId: query.id, epochId: "1" },
    readVersion: 0,
    isBlindAppend: true,
    operationMetrics: { numRemovedFiles: "0", numAddedFiles: "1", numOutputRows: "1" },
  });
  const metrics: unknown = info?.["commitInfo"]?.["operationMetrics"];
  expect(metrics).toMatchObject({ numOutputBytes: String(add?.["add"]?.["size"]) });
  expect(txn?.["txn"]).toMatchObject({ appId: query.id, version: 1 });
  expect(
    query.recentProgress.slice(0, 2).map((progress) => [progress.numInputRows, progress.sink.numOutputRows]),
  ).toEqual([
    [2, 2],
    [1, 1],
  ]);
  expect(query.recentProgress[0]?.sink.description).toBe(`DeltaSink[${books.path("copy")}]`);
});

test("the sink's commit carries the source's end offsets", async () => {
  const books = await lake([1]);
  await books.drain();
  const offsets = readFileSync(join(books.path("checkpoint"), "offsets/0"), "utf8")
    .split("\n")
    .slice(2)
    .map((line) => JSON.parse(line) as unknown);
  expect(books.commit("copy", 0)[0]?.["commitInfo"]?.["alluvium.sourceOffsets"]).toEqual(offsets);
});

test("a table whose newest commit lacks the time that it must carry can be streamed: nobody asks when its rows came", async () => {
  const books = new Lake(engine, temporaryFolder());
  onTestFinished(() => books.manager.stopAll());
  await books.create("books", { properties: { "delta.enableInCommitTimestamps": "true" } });
  await books.append("books", [1]);
  const log = join(books.path("books"), "_delta_log");
  const path = join(log, `${"1".padStart(20, "0")}.json`);
  writeFileSync(path, readFileSync(path, "utf8").replace(/"inCommitTimestamp":\d+,/, ""));
  await books.drain();
  expect(await books.ids("copy")).toEqual([1]);
});

test("userMetadata option reaches commitInfo", async () => {
  const books = await lake([1]);
  await books.drain({ into: { userMetadata: "nightly" } });
  expect(books.commit("copy", 0)[0]?.["commitInfo"]).toMatchObject({ userMetadata: "nightly" });
});

test("an empty append batch writes nothing into the sink once the table is there, and is ticked off", async () => {
  const books = await lake([1]);
  await books.drain();
  await books.append("books", [2]);
  const query = await books.drain({ select: "SELECT * FROM input WHERE id < 0" });
  expect(query.recentProgress[0]).toMatchObject({ batchId: 1, numInputRows: 1, sink: { numOutputRows: 0 } });
  expect(books.version("copy")).toBe(0);
  await books.append("books", [3]);
  await books.drain();
  expect(await books.ids("copy")).toEqual([1, 3]);
});

test("batch 0 of an empty table creates the sink's table", async () => {
  const books = await lake();
  const query = await books.drain();
  expect(query.recentProgress[0]?.batchId).toBe(0);
  expect(books.commit("copy", 0).map((line) => Object.keys(line)[0])).toEqual([
    "commitInfo",
    "protocol",
    "metaData",
    "txn",
  ]);
  expect(await books.ids("copy")).toEqual([]);
});

test("a query whose sink is its own source comes to rest", async () => {
  const books = await lake([1, 2]);
  await books.drain({ to: "books", select: 'SELECT id + 10 AS id, "day" FROM input WHERE id < 10' });
  await books.drain({ to: "books", select: 'SELECT id + 10 AS id, "day" FROM input WHERE id < 10' });
  await books.drain({ to: "books", select: 'SELECT id + 10 AS id, "day" FROM input WHERE id < 10' });
  expect(await books.ids("books")).toEqual([1, 2, 11, 12]);
  expect(books.version("books")).toBe(2);
  expect(books.commit("books", 2)[0]?.["commitInfo"]).toMatchObject({ isBlindAppend: false });
});

test("crash after the sink commit and before the commit file adds no table version and no row on restart", async () => {
  const books = await lake([1], [2]);
  await books.drain();
  rmSync(join(books.path("checkpoint"), "commits/0"));
  await books.append("books", [3]);
  const query = await books.drain();
  expect(query.recentProgress[0]).toMatchObject({ batchId: 0, numInputRows: 0 });
  expect(await books.ids("copy")).toEqual([1, 2, 3]);
  expect(books.version("copy")).toBe(1);
});

test("a checkpoint rolled back behind its sink is refused, also on the second try, and no row is lost or doubled", async () => {
  const books = await lake([1], [2]);
  await books.drain({ source: { maxFilesPerTrigger: "1" } });
  await books.append("books", [3]);
  for (const log of ["offsets", "commits"]) rmSync(join(books.path("checkpoint"), log, "1"));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await expect(books.start()).rejects.toThrow(expect.objectContaining({ code: "STREAMING_CHECKPOINT_BEHIND_SINK" }));
  }
  expect(await books.ids("copy")).toEqual([1, 2]);
});

test("the same checkpoint into another table writes only what comes after its offsets", async () => {
  const books = await lake([1]);
  await books.drain();
  await books.append("books", [2]);
  await books.drain({ to: "second" });
  expect(await books.ids("second")).toEqual([2]);
});

test("swapping the source table is refused by table id", async () => {
  const books = await lake([1]);
  await books.drain();
  await books.create("others");
  await books.append("others", [7]);
  await expect(books.drain({ from: "others" })).rejects.toThrow(
    /DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE|reads the table with id/u,
  );
  expect(await books.ids("copy")).toEqual([1]);
});

test("update mode into a Delta sink is refused at start", async () => {
  const books = await lake([1]);
  await expect(books.start({ outputMode: "update" })).rejects.toThrow(
    expect.objectContaining({ code: "DELTA_UNSUPPORTED_OUTPUT_MODE" }),
  );
  expect(books.version("copy")).toBe(-1);
});

test("two queries append to one table without conflict, also when both create it", async () => {
  const books = await lake([1], [2], [3]);
  await books.create("more");
  for (const id of [11, 12, 13]) await books.append("more", [id]);
  const limit = { source: { maxFilesPerTrigger: "1" } };
  await Promise.all([
    books.drain(limit),
    books.drain({ ...limit, from: "more", checkpointLocation: books.path("checkpoint2") }),
  ]);
  expect(await books.ids("copy")).toEqual([1, 2, 3, 11, 12, 13]);
});

test("small files of a batch are coalesced into one", async () => {
  const books = await lake([1], [2], [3], [4]);
  await books.drain();
  expect((await (await books.snapshot("copy")).files.totals()).count).toBe(1);
});

test("the description of the sink names its table absolutely", () => {
  expect(deltaSink(engine, { tablePath: "/tables/x/" }).description).toBe("DeltaSink[/tables/x]");
});

test("a commit of this process starts the next batch at once", async () => {
  const books = await lake([1]);
  const query = await books.start({ trigger: { kind: "processingTime", intervalMs: 0 } });
  await query.processAllAvailable();
  await new Promise((resolve) => setTimeout(resolve, 700)); // polling is slow by now
  const before = performance.now();
  await books.append("books", [2]);
  for (let attempt = 0; books.version("copy") < 1 && attempt < 200; attempt += 1)
    await new Promise((resolve) => setTimeout(resolve, 2));
  expect(performance.now() - before).toBeLessThan(400);
  await query.stop();
});
