// test/stream/read-limit.test.ts: how much goes into one batch.
import { expect, test } from "vitest";
import { add, drain, remove, show, TestTable } from "./log-builder.ts";
import type { Line } from "./log-builder.ts";

async function batchesOf(
  commits: readonly (readonly Line[])[],
  options: Readonly<Record<string, string>>,
): Promise<string[]> {
  await using table = TestTable.create();
  for (const lines of commits) table.commit(lines);
  return show((await drain(await table.source({ startingVersion: "1", ...options }))).steps);
}

const many = (count: number, size = 1): Line[] =>
  Array.from({ length: count }, (_, index) => add(`f${index}`, { size }));

async function fileCounts(options: Readonly<Record<string, string>>): Promise<number[]> {
  await using table = TestTable.create();
  table.commit(many(1500));
  return (await drain(await table.source({ startingVersion: "1", ...options }))).steps.map(({ files }) => files.length);
}

test("default limit is 1000 files, no limit once bytes are limited, whichever first if both", async () => {
  expect(await fileCounts({})).toEqual([1000, 500]);
  expect(await fileCounts({ maxBytesPerTrigger: "1200b" })).toEqual([1200, 300]);
  expect(await fileCounts({ maxBytesPerTrigger: "1200b", maxFilesPerTrigger: "900" })).toEqual([900, 600]);
  expect(await fileCounts({ maxBytesPerTrigger: "700b", maxFilesPerTrigger: "900" })).toEqual([700, 700, 100]);
  expect(await fileCounts({ maxRowsPerTrigger: "20000" })).toEqual([1500]);
  expect(await fileCounts({ maxVersionsPerTrigger: "1" })).toEqual([1500]);
});

test("a file larger than maxBytesPerTrigger is still delivered alone", async () => {
  const commits = [[add("a", { size: 500 })], [add("b", { size: 500 }), add("c", { size: 1 })]];
  expect(await batchesOf(commits, { maxBytesPerTrigger: "1b" })).toEqual(["2,-1: a", "2,0: b", "3,-1: c"]);
});

test("bytes are a soft limit: a file is taken while something is left before it", async () => {
  const commits = [[add("a", { size: 60 }), add("b", { size: 60 }), add("c", { size: 60 })]];
  expect(await batchesOf(commits, { maxBytesPerTrigger: "100b" })).toEqual(["1,1: a b", "2,-1: c"]);
});

test("changes count as the files that tell of them: by bytes, and by rows where the log tells those", async () => {
  await using table = TestTable.create([], { configuration: { "delta.enableChangeDataFeed": "true" } });
  table.commit([add("a", { size: 60 }), add("b", { size: 60 }), add("c", { size: 60 })]);
  table.commit([remove("a", { size: 60 }), remove("b", { size: 60 }), remove("c", { size: 60 })]);
  const batches = async (options: Readonly<Record<string, string>>): Promise<string[]> =>
    show((await drain(await table.source({ startingVersion: "1", readChangeFeed: "true", ...options }))).steps);
  expect(await batches({ maxBytesPerTrigger: "100b" })).toEqual(["1,1: a b", "2,0: c a", "3,-1: b c"]);
  expect(await batches({ maxRowsPerTrigger: "30" })).toEqual(["2,-1: a b c", "3,-1: a b c"]);
});

test("empty commits do not use up the file budget", async () => {
  const commits = [
    [add("a")],
    [],
    [remove("x", { dataChange: false }), add("y", { dataChange: false })],
    [add("b")],
    [add("c")],
    [],
  ];
  expect(await batchesOf(commits, { maxFilesPerTrigger: "2" })).toEqual(["5,-1: a b", "7,-1: c"]);
});

test("empty commits after the last file that fits belong to its batch", async () => {
  expect(await batchesOf([[add("a")], [], []], { maxFilesPerTrigger: "1" })).toEqual(["4,-1: a"]);
});

test("maxRowsPerTrigger counts rows by the statistics, and a file without them ends the batch", async () => {
  const commits = [
    [
      add("a", { rows: 40 }),
      add("b", { rows: 40 }),
      add("c", { rows: 40 }),
      add("d", { rows: 40 }),
      add("e", { rows: null }),
      add("f", { rows: 1 }),
    ],
  ];
  expect(await batchesOf(commits, { maxRowsPerTrigger: "100" })).toEqual(["1,2: a b c", "1,4: d e", "2,-1: f"]);
});

test("maxVersionsPerTrigger lets in so many commits with data, and commits without data for nothing", async () => {
  const commits = [[add("a"), add("b")], [], [add("c")], [add("d")]];
  expect(await batchesOf(commits, { maxVersionsPerTrigger: "1" })).toEqual(["3,-1: a b", "4,-1: c", "5,-1: d"]);
  expect(await batchesOf(commits, { maxVersionsPerTrigger: "2" })).toEqual(["4,-1: a b c", "5,-1: d"]);
});

test("the initial snapshot counts as one version", async () => {
  await using table = TestTable.create([add("a"), add("b")]);
  const source = await table.source({ maxVersionsPerTrigger: "1" });
  table.append("c");
  table.append("d");
  // The first batch of a new stream is re-read as the snapshot before its end, which is the same here.
  expect(show((await drain(source)).steps)).toEqual(["1,-1: a b", "2,-1: c", "3,-1: d"]);
});

test("whole commits are never split: one that does not fit waits, the first goes whatever its size", async () => {
  const commits = [[add("a")], [add("b"), add("c")], [add("d"), add("e"), add("f"), add("g")], [add("h")]];
  expect(await batchesOf(commits, { maxFilesPerTrigger: "2", wholeCommits: "true" })).toEqual([
    "2,-1: a",
    "3,-1: b c",
    "4,-1: d e f g",
    "5,-1: h",
  ]);
  expect(await batchesOf(commits, { maxFilesPerTrigger: "3", wholeCommits: "true" })).toEqual([
    "3,-1: a b c",
    "4,-1: d e f g",
    "5,-1: h",
  ]);
});

test("whole commits by bytes and rows", async () => {
  const commits = [
    [add("a", { size: 60, rows: 6 })],
    [add("b", { size: 60, rows: 6 })],
    [add("c", { size: 30, rows: null })],
  ];
  expect(await batchesOf(commits, { maxBytesPerTrigger: "100b", wholeCommits: "true" })).toEqual([
    "2,-1: a",
    "4,-1: b c",
  ]);
  expect(await batchesOf(commits, { maxRowsPerTrigger: "12", wholeCommits: "true" })).toEqual(["3,-1: a b", "4,-1: c"]);
});

test("the initial snapshot is no commit: whole commits leave it cut by the limit", async () => {
  await using table = TestTable.create([add("a"), add("b"), add("c")]);
  const { steps } = await drain(await table.source({ maxFilesPerTrigger: "2", wholeCommits: "true" }));
  expect(show(steps)).toEqual(["0,1,s: a b", "1,-1: c"]);
});
