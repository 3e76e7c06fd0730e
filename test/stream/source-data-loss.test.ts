// test/stream/source-data-loss.test.ts: log files that are gone, and what looking for new ones costs.
import { expect, test } from "vitest";
import type { Engine, FileStore } from "../../src/engine/base/engine.ts";
import { add, drain, metaData, nextBatch, offset, show, TestTable } from "./log-builder.ts";

test("cleaned-up log versions fail with the missing-files condition; failOnDataLoss false skips them", async () => {
  await using table = TestTable.create([add("a")]);
  for (const name of ["b", "c", "d"]) table.append(name);
  await table.cleanBefore(2);
  const source = await table.source();
  await expect(source.latestOffset(offset(1, -1), "limited")).rejects.toMatchObject({
    code: "DELTA_MISSING_FILES_UNEXPECTED_VERSION",
    context: { version: 1, earliestVersion: 2 },
  });
  await expect(source.getBatch(offset(1, -1), offset(3, -1))).rejects.toMatchObject({
    code: "DELTA_MISSING_FILES_UNEXPECTED_VERSION",
  });
  const losing = await table.source({ failOnDataLoss: "false" });
  expect(show((await drain(losing, offset(1, -1))).steps)).toEqual(["4,-1: c d"]);
});

test("a hole in the log fails with the missing-files condition, and is skipped when data may be lost", async () => {
  await using table = TestTable.create([add("a")]);
  const options = { startingVersion: "0", maxFilesPerTrigger: "1" };
  const strict = await table.source(options);
  const losing = await table.source({ ...options, failOnDataLoss: "false" });
  for (const name of ["b", "c", "d"]) table.append(name);
  table.dropCommit(2);
  const first = await nextBatch(strict, null);
  await expect(drain(strict, first.end)).rejects.toMatchObject({
    code: "DELTA_MISSING_FILES_UNEXPECTED_VERSION",
    context: { version: 2, earliestVersion: 3 },
  });
  expect((await drain(losing)).steps.flatMap(({ files }) => files)).toEqual(["a", "b", "d"]);
});

test("a log cleaned under a sleeping stream is noticed", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  const { end } = await drain(source);
  for (const name of ["b", "c", "d"]) table.append(name);
  await table.cleanBefore(3);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({
    code: "DELTA_MISSING_FILES_UNEXPECTED_VERSION",
  });
});

test("a stream whose last commit was cleaned up after it was read goes on", async () => {
  await using table = TestTable.create([add("a")]);
  table.append("b");
  const { end } = await drain(await table.source());
  await table.cleanBefore(1);
  table.dropCommit(1);
  const source = await table.source();
  expect(await source.latestOffset(end, "limited")).toEqual(end);
  table.append("c");
  expect(show((await drain(source, end)).steps)).toEqual(["3,-1: c"]);
});

test("a snapshot that can no longer be rebuilt fails a restart in its midst", async () => {
  await using table = TestTable.create([add("a"), add("b")]);
  const first = await nextBatch(await table.source({ maxFilesPerTrigger: "1" }), null);
  table.append("c");
  await table.cleanBefore(1);
  const restarted = await table.source();
  await expect(restarted.latestOffset(first.end, "limited")).rejects.toMatchObject({
    code: "DELTA_LOG_FILE_NOT_FOUND_FOR_STREAMING_SOURCE",
    context: { version: 0 },
  });
});

test("a commit of the pending range that vanished fails the batch", async () => {
  await using table = TestTable.create([add("a")]);
  table.append("b");
  table.append("c");
  table.dropCommit(2);
  const source = await table.source();
  await expect(source.getBatch(offset(1, -1), offset(3, -1))).rejects.toMatchObject({
    code: "DELTA_STREAMING_TRAILING_COMMIT_MISSING",
    context: { version: 2 },
  });
});

test("an offset beyond the log is refused", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  await expect(source.latestOffset(offset(9, -1), "limited")).rejects.toMatchObject({
    code: "DELTA_STREAMING_TRAILING_COMMIT_MISSING",
  });
  await expect(source.latestOffset(offset(1, 0), "limited")).resolves.toEqual(offset(1, 0));
});

test("a table whose folder is gone is no longer a table", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  const { end } = await drain(source);
  table.recreate([]);
  table.dropCommit(0);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({ code: "TABLE_NOT_FOUND" });
});

test("looking for new commits lists no folder and reads no file, and each commit is read once", async () => {
  await using table = TestTable.create([add("a")]);
  const calls = { list: 0, stat: 0, reads: [] as string[] };
  const { files } = table.engine;
  const counting: FileStore = {
    ...files,
    list: (path) => ((calls.list += 1), files.list(path)),
    stat: (path) => ((calls.stat += 1), files.stat(path)),
    read: (path) => (calls.reads.push(path), files.read(path)),
  };
  const engine: Engine = { ...table.engine, files: counting };
  const { openDeltaSource } = await import("../../src/stream/source/open-delta-source.ts");
  const { defaultSourceOptions } = await import("../../src/stream/source/source-options.ts");
  const source = await openDeltaSource(engine, { tablePath: table.path, options: defaultSourceOptions });
  const { end } = await drain(source);
  Object.assign(calls, { list: 0, stat: 0, reads: [] });
  for (let poll = 0; poll < 5; poll += 1) expect(await source.latestOffset(end, "limited")).toEqual(end);
  expect(calls).toMatchObject({ list: 0, reads: [] });
  expect(calls.stat).toBeLessThanOrEqual(15);
  const last = table.append("b");
  await drain(source, end);
  expect(calls).toMatchObject({ list: 0, reads: [table.commitPath(last)] });
});

test("lag says how many versions, files, bytes and seconds wait behind an offset", async () => {
  await using table = TestTable.create([add("a", { size: 1 }), add("b", { size: 2 })]);
  table.commit([add("c", { size: 4 }), add("d", { size: 8 })]);
  table.commit([metaData()]);
  const source = await table.source();
  table.commit([add("e", { size: 16 })]);
  table.setTime(2, Date.now() - 60_000);
  table.setTime(3, Date.now() - 30_000);
  expect(await source.lag(null)).toBeNull();
  expect(await source.lag(offset(4, -1))).toEqual({
    lastConsumedVersion: 3,
    versionsBehind: 0,
    filesBehind: 0,
    bytesBehind: 0,
    secondsBehind: 0,
  });
  const behind = await source.lag(offset(2, -1));
  expect(behind).toMatchObject({ lastConsumedVersion: 1, versionsBehind: 2, filesBehind: 1, bytesBehind: 16 });
  expect(behind?.secondsBehind).toBeGreaterThan(59);
  expect(behind?.secondsBehind).toBeLessThan(120);
  expect(await (await table.source()).lag(offset(1, 0))).toMatchObject({
    lastConsumedVersion: 0,
    versionsBehind: 3,
    filesBehind: 2,
    bytesBehind: 24,
  });
  expect(await source.lag(offset(2, 1, true))).toMatchObject({
    lastConsumedVersion: 1,
    versionsBehind: 2,
    filesBehind: 3,
    bytesBehind: 28,
  });
});
