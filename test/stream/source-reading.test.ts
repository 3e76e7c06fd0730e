// test/stream/source-reading.test.ts: what a Delta source reads, in which order, and in which batches.
import { expect, test } from "vitest";
import { add, drain, metaData, nextBatch, offset, protocol, remove, short, show, TestTable } from "./log-builder.ts";

test("initial snapshot of three files with one file per trigger gives three batches with offsets (v,0) (v,1) (v+1,-1)", async () => {
  await using table = TestTable.create();
  table.append("a", "b");
  table.append("c");
  const { steps } = await drain(await table.source({ maxFilesPerTrigger: "1" }));
  expect(show(steps)).toEqual(["2,0,s: a", "2,1,s: b", "3,-1: c"]);
});

test("snapshot files are taken in order of modification time then path", async () => {
  await using table = TestTable.create();
  table.commit([
    add("z", { modificationTime: 5 }),
    add("y", { modificationTime: 5 }),
    add("x", { modificationTime: 9 }),
  ]);
  table.commit([
    add("\u{1f600}", { modificationTime: 5 }),
    add("\uff00", { modificationTime: 5 }),
    add("w", { modificationTime: 1 }),
  ]);
  const { steps } = await drain(await table.source());
  expect(show(steps)).toEqual(["3,-1: w y z \uff00 \u{1f600} x"]);
});

test("files that were removed before the stream began are not in the initial snapshot", async () => {
  await using table = TestTable.create([add("a"), add("b")]);
  table.commit([remove("a"), add("c")]);
  expect(show((await drain(await table.source())).steps)).toEqual(["2,-1: b c"]);
});

test("commits made during the snapshot are delivered after it, exactly once", async () => {
  await using table = TestTable.create([add("a"), add("b")]);
  const source = await table.source({ maxFilesPerTrigger: "1" });
  const first = await nextBatch(source, null);
  table.append("c");
  const { steps } = await drain(source, first.end);
  expect(show([...(first.step === null ? [] : [first.step]), ...steps])).toEqual(["0,0,s: a", "1,-1: b", "2,-1: c"]);
});

test("a snapshot is pinned: a restart in its midst reads the same version although the table went on", async () => {
  await using table = TestTable.create([add("a"), add("b"), add("c")]);
  const first = await nextBatch(await table.source({ maxFilesPerTrigger: "1" }), null);
  table.commit([remove("b"), add("d")]);
  const { steps } = await drain(await table.source({ skipChangeCommits: "true" }), first.end);
  expect(show(steps)).toEqual(["2,-1: b c"]);
});

test("an empty table produces batch 0 with zero rows and later data arrives", async () => {
  await using table = TestTable.create();
  const source = await table.source();
  const { steps, end } = await drain(source);
  expect(show(steps)).toEqual(["1,-1:"]);
  table.append("a");
  expect(show((await drain(source, end)).steps)).toEqual(["2,-1: a"]);
});

test("fully read commit is recorded as next version with index -1", async () => {
  await using table = TestTable.create();
  table.append("a", "b");
  const source = await table.source({ startingVersion: "1" });
  const end = await source.latestOffset(null, "limited");
  expect(end).toEqual(offset(2, -1));
  expect(await source.latestOffset(end, "limited")).toEqual(end);
});

test("restart in the middle of a commit continues with the next file of that commit", async () => {
  await using table = TestTable.create();
  table.append("a", "b", "c");
  const first = await nextBatch(await table.source({ startingVersion: "1", maxFilesPerTrigger: "2" }), null);
  expect(short(first.end)).toBe("1,1");
  expect(show((await drain(await table.source(), first.end)).steps)).toEqual(["2,-1: c"]);
});

test("a batch may span commits and stop mid-commit", async () => {
  await using table = TestTable.create([add("a"), add("b"), add("c")]);
  table.append("d", "e", "f");
  const { steps } = await drain(await table.source({ startingVersion: "0", maxFilesPerTrigger: "2" }));
  expect(show(steps)).toEqual(["0,1: a b", "1,0: c d", "2,-1: e f"]);
});

test("table without schema is refused at load", async () => {
  await using table = TestTable.create([], { columns: [] });
  await expect(table.source()).rejects.toMatchObject({ code: "DELTA_SCHEMA_NOT_SET" });
});

test("excludeRegex skips files without disturbing offsets", async () => {
  await using table = TestTable.create([add("keep/a"), add("drop/b"), add("keep/c"), add("drop/d")]);
  const { steps } = await drain(
    await table.source({ startingVersion: "0", maxFilesPerTrigger: "1", excludeRegex: "^drop/" }),
  );
  expect(show(steps)).toEqual(["0,0: keep/a", "0,1:", "0,2: keep/c", "1,-1:"]);
});

test("a trigger that takes all ignores the limits", async () => {
  await using table = TestTable.create();
  table.append("a", "b");
  table.append("c");
  const source = await table.source({ startingVersion: "1", maxFilesPerTrigger: "1", maxVersionsPerTrigger: "1" });
  expect((await nextBatch(source, null, "all")).step).toEqual({ end: "3,-1", files: ["a", "b", "c"] });
});

test("the first batch of all is the snapshot before its end, whenever and by whomever it is asked for", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  table.append("b");
  table.append("c", "d");
  const end = await source.latestOffset(null, "limited");
  expect(short(end)).toBe("3,-1");
  const names = async (to: ReturnType<typeof offset>): Promise<string[]> => {
    const { files } = await (await table.source({ maxFilesPerTrigger: "1" })).getBatch(null, to);
    return files.map((file) => file.path);
  };
  expect(await names(offset(3, -1))).toEqual(["a", "b", "c", "d"]);
  expect(await names(offset(2, 0))).toEqual(["a", "b", "c"]);
  expect(await names(offset(1, 0, true))).toEqual(["a"]);
});

test("a pending batch keeps its range whatever the limits and the new data are", async () => {
  await using table = TestTable.create();
  table.append("a", "b");
  table.append("c");
  const { end } = await nextBatch(await table.source({ startingVersion: "1" }), null);
  table.append("d");
  const restarted = await table.source({ startingVersion: "1", maxFilesPerTrigger: "1" });
  expect((await restarted.getBatch(null, end ?? offset(0, -1))).files.map((file) => file.path)).toEqual([
    "a",
    "b",
    "c",
  ]);
});

test("an equal start and end is an empty batch", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  expect((await source.getBatch(offset(0, 0, true), offset(0, 0, true))).files).toEqual([]);
  expect((await source.getBatch(offset(9, -1), offset(9, -1))).files).toEqual([]);
});

test("offsets that go backwards are refused", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  for (const [start, end] of [
    [offset(2, -1), offset(1, 3)],
    [offset(1, 3), offset(1, 2)],
    [offset(0, -1), offset(0, 0, true)],
  ] as const) {
    await expect(source.getBatch(start, end)).rejects.toMatchObject({ code: "STREAMING_CHECKPOINT_CORRUPT" });
  }
});

test("a batch carries the table's schema, partition columns and whole add actions", async () => {
  await using table = TestTable.create([add("day=1/a", { size: 7, rows: 3 })], {
    columns: [
      { name: "id", type: "long" },
      { name: "day", type: "integer" },
    ],
    partitionColumns: ["day"],
  });
  const batch = await (await table.source()).getBatch(null, offset(1, -1));
  expect(batch).toMatchObject({ tablePath: table.path, partitionColumns: ["day"] });
  expect(batch.schema.fields.map((field) => field.name)).toEqual(["id", "day"]);
  expect(batch.files).toEqual([expect.objectContaining({ path: "day=1/a", sizeBytes: 7, stats: '{"numRecords":3}' })]);
});

test("a new commit wakes the stream", async () => {
  await using table = TestTable.create();
  const source = await table.source();
  let calls = 0;
  const watch = source.watch(() => (calls += 1));
  table.engine.signals.announce(table.path);
  await Promise.resolve();
  await Promise.resolve();
  watch[Symbol.dispose]();
  expect(calls).toBe(1);
});

test("a table of a reader version that is not supported is refused when the source is opened", async () => {
  await using table = new TestTable();
  table.commit([
    protocol(3, 7, { readerFeatures: ["someNewFeature"], writerFeatures: ["someNewFeature"] }),
    metaData(),
  ]);
  await expect(table.source()).rejects.toMatchObject({ code: "UNSUPPORTED_FEATURE" });
});
