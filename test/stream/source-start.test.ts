// test/stream/source-start.test.ts: where a stream begins and where it ends.
import { expect, test } from "vitest";
import { add, drain, nextBatch, offset, short, show, TestTable } from "./log-builder.ts";

test("startingVersion n delivers commit n and later, not the snapshot", async () => {
  await using table = TestTable.create([add("a")]);
  table.append("b");
  table.append("c");
  expect(show((await drain(await table.source({ startingVersion: "1" }))).steps)).toEqual(["3,-1: b c"]);
});

test("startingVersion latest delivers only commits after the start", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source({ startingVersion: "latest" });
  const first = await nextBatch(source, null);
  expect(first.step).toEqual({ end: "1,-1", files: [] });
  table.append("b");
  expect(show((await drain(source, first.end)).steps)).toEqual(["2,-1: b"]);
});

test("startingVersion latest means the latest version when the source first runs, and its offset is given at once", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source({ startingVersion: "latest" });
  table.append("b");
  const end = await source.latestOffset(null, "limited");
  expect(short(end)).toBe("2,-1");
  table.append("c");
  // Once its offset is logged, a restart does not look for "latest" again.
  expect(show((await drain(await table.source({ startingVersion: "latest" }), end)).steps)).toEqual(["3,-1: c"]);
});

test("startingTimestamp equal to a commit includes it, one millisecond later excludes it", async () => {
  await using table = TestTable.create([add("a")]);
  table.append("b");
  table.append("c");
  for (const at of [0, 1, 2]) table.setTime(at, Date.UTC(2024, 0, 1 + at));
  const ends = async (startingTimestamp: string): Promise<string[]> =>
    show((await drain(await table.source({ startingTimestamp }))).steps);
  expect(await ends("2024-01-02")).toEqual(["3,-1: b c"]);
  expect(await ends("2024-01-02T00:00:00.001Z")).toEqual(["3,-1: c"]);
});

test("startingTimestamp after the last commit fails, before the first starts at the first", async () => {
  await using table = TestTable.create([add("a")]);
  table.setTime(0, Date.UTC(2024, 0, 1));
  const source = await table.source({ startingTimestamp: "2024-01-01T00:00:00.001Z" });
  await expect(source.latestOffset(null, "limited")).rejects.toMatchObject({
    code: "DELTA_TIMESTAMP_GREATER_THAN_COMMIT",
  });
  const { steps } = await drain(await table.source({ startingTimestamp: "2001-01-01" }));
  expect(show(steps)).toEqual(["1,-1: a"]);
});

test("starting options are ignored when the checkpoint has an offset", async () => {
  await using table = TestTable.create([add("a")]);
  table.append("b");
  for (const options of [{ startingVersion: "0" }, { startingVersion: "77" }, { startingTimestamp: "2999-01-01" }]) {
    const { steps } = await drain(await table.source(options), offset(1, -1));
    expect(show(steps)).toEqual(["2,-1: b"]);
  }
});

test("starting version outside the available range fails with the version-not-found condition", async () => {
  await using table = TestTable.create([add("a")]);
  table.append("b");
  const source = await table.source({ startingVersion: "2" });
  await expect(source.latestOffset(null, "limited")).rejects.toMatchObject({
    code: "DELTA_VERSION_NOT_FOUND",
    context: { version: 2, earliestVersion: 0, latestVersion: 1 },
  });
});

test("endingVersion is the last version that is read, and the stream then has nothing new", async () => {
  await using table = TestTable.create([add("a")]);
  table.append("b");
  table.append("c");
  const { steps, end } = await drain(await table.source({ startingVersion: "0", endingVersion: "1" }));
  expect(show(steps)).toEqual(["2,-1: a b"]);
  const source = await table.source({ endingVersion: "1" });
  expect(await source.latestOffset(end, "all")).toEqual(end);
});

test("endingVersion before the table's version makes the initial snapshot that older version", async () => {
  await using table = TestTable.create([add("a")]);
  table.append("b");
  table.append("c");
  expect(show((await drain(await table.source({ endingVersion: "1" }))).steps)).toEqual(["2,-1: a b"]);
});

test("endingVersion in the future is waited for", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source({ endingVersion: "1" });
  const { steps, end } = await drain(source);
  expect(show(steps)).toEqual(["1,-1: a"]);
  table.append("b");
  table.append("c");
  expect(show((await drain(source, end)).steps)).toEqual(["2,-1: b"]);
});

test("a stream from latest on that lies after endingVersion is refused", async () => {
  await using table = TestTable.create();
  table.append("a");
  const source = await table.source({ startingVersion: "latest", endingVersion: "0" });
  await expect(source.latestOffset(null, "limited")).rejects.toMatchObject({ code: "INVALID_RANGE" });
});

test("a stream from latest on is empty where latest is endingVersion", async () => {
  await using table = TestTable.create();
  table.append("a");
  const source = await table.source({ startingVersion: "latest", endingVersion: "1" });
  expect(show((await drain(source)).steps)).toEqual(["2,-1:"]);
});

test("availableNow fixes its end when it starts and keeps the limits", async () => {
  await using table = TestTable.create();
  table.append("a", "b");
  const source = await table.source({ startingVersion: "1", maxFilesPerTrigger: "1" });
  await source.fixEnd(null);
  table.append("c");
  const { steps, end } = await drain(source);
  expect(show(steps)).toEqual(["1,0: a", "2,-1: b"]);
  expect(show((await drain(await table.source(), end)).steps)).toEqual(["3,-1: c"]);
});

test("availableNow from latest on ends where latest was", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source({ startingVersion: "latest" });
  await source.fixEnd(null);
  table.append("b");
  expect(show((await drain(source)).steps)).toEqual(["1,-1:"]);
});
