// test/stream/source-changes.test.ts: commits that change or delete rows, and commits that do neither.
import { expect, test } from "vitest";
import {
  add,
  commitInfo,
  drain,
  metaData,
  nextBatch,
  offset,
  protocol,
  remove,
  show,
  TestTable,
} from "./log-builder.ts";
import type { Line } from "./log-builder.ts";

type Options = Readonly<Record<string, string>>;

const policies: Readonly<Record<string, Options>> = {
  none: {},
  ignoreDeletes: { ignoreDeletes: "true" },
  ignoreChanges: { ignoreChanges: "true" },
  ignoreFileDeletion: { ignoreFileDeletion: "true" },
  skipChangeCommits: { skipChangeCommits: "true" },
};

/** What a running stream delivers of a commit and of an append after it; the code when it fails. */
async function outcome(change: readonly Line[], options: Options): Promise<string> {
  await using table = TestTable.create([add("old1"), add("old2")]);
  const source = await table.source(options);
  const { end } = await drain(source);
  table.commit(change);
  table.append("new");
  try {
    const { steps } = await drain(source, end);
    return steps.flatMap(({ files }) => files).join(" ");
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
}

async function outcomes(change: readonly Line[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, options] of Object.entries(policies)) found[name] = await outcome(change, options);
  return found;
}

test("delete of whole files fails with the ignore-delete condition and passes with ignoreDeletes", async () => {
  expect(await outcomes([commitInfo("DELETE"), remove("old1"), remove("old2")])).toEqual({
    none: "DELTA_SOURCE_IGNORE_DELETE",
    ignoreDeletes: "new",
    ignoreChanges: "new",
    ignoreFileDeletion: "new",
    skipChangeCommits: "new",
  });
});

test("update, merge-update, overwrite and partial delete fail with the ignore-changes condition even with ignoreDeletes", async () => {
  for (const operation of ["UPDATE", "MERGE", "WRITE", "DELETE"]) {
    expect(await outcomes([commitInfo(operation), remove("old1"), add("rewritten")])).toMatchObject({
      none: "DELTA_SOURCE_TABLE_IGNORE_CHANGES",
      ignoreDeletes: "DELTA_SOURCE_TABLE_IGNORE_CHANGES",
    });
  }
});

test("skipChangeCommits delivers later appends and nothing of the changing commit", async () => {
  expect(await outcome([add("rewritten"), remove("old1")], { skipChangeCommits: "true" })).toBe("new");
});

test("ignoreChanges delivers rewritten files again including unchanged rows", async () => {
  expect(await outcome([remove("old1"), add("rewritten")], { ignoreChanges: "true" })).toBe("rewritten new");
  expect(await outcome([remove("old1"), add("rewritten")], { ignoreFileDeletion: "true" })).toBe("rewritten new");
});

test("skipChangeCommits wins over ignoreChanges", async () => {
  expect(await outcome([remove("old1"), add("rewritten")], { ignoreChanges: "true", skipChangeCommits: "true" })).toBe(
    "new",
  );
});

test("an add and a remove of the same path count as a change, not as a delete", async () => {
  expect(await outcome([remove("old1"), add("old1")], { ignoreDeletes: "true" })).toBe(
    "DELTA_SOURCE_TABLE_IGNORE_CHANGES",
  );
});

test("insert-only merge passes without options", async () => {
  expect(await outcome([commitInfo("MERGE"), add("inserted")], {})).toBe("inserted new");
});

test("OPTIMIZE produces no rows", async () => {
  const optimized = [
    commitInfo("OPTIMIZE"),
    remove("old1", { dataChange: false }),
    remove("old2", { dataChange: false }),
    add("big", { dataChange: false }),
  ];
  expect(await outcomes(optimized)).toEqual({
    none: "new",
    ignoreDeletes: "new",
    ignoreChanges: "new",
    ignoreFileDeletion: "new",
    skipChangeCommits: "new",
  });
});

test("only actions with dataChange decide, and only they are numbered", async () => {
  await using table = TestTable.create();
  table.commit([
    add("moved", { dataChange: false }),
    add("a"),
    add("moved2", { dataChange: false }),
    remove("x", { dataChange: false }),
    add("b"),
  ]);
  const { steps } = await drain(await table.source({ startingVersion: "1", maxFilesPerTrigger: "1" }));
  expect(show(steps)).toEqual(["1,0: a", "2,-1: b"]);
});

test("property, comment, constraint, vacuum commits do not stop the stream", async () => {
  const changes: readonly (readonly Line[])[] = [
    [commitInfo("SET TBLPROPERTIES"), metaData({ configuration: { "delta.appendOnly": "false", note: "x" } })],
    [commitInfo("ADD CONSTRAINT"), protocol(1, 3), metaData({ configuration: { "delta.constraints.c": "id > 0" } })],
    [commitInfo("VACUUM START")],
    [],
  ];
  for (const change of changes) expect(await outcome(change, {})).toBe("new");
});

test("a commit without files advances the offset, with one batch of zero rows", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  const { end } = await drain(source);
  table.commit([commitInfo("VACUUM START")]);
  expect((await nextBatch(source, end)).step).toEqual({ end: "2,-1", files: [] });
});

test("failure on a changing commit leaves no offset for it: the same offset fails again, or passes with an option", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  const { end } = await drain(source);
  table.append("b");
  table.commit([remove("a")]);
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({ code: "DELTA_SOURCE_IGNORE_DELETE" });
  }
  expect(show((await drain(await table.source({ ignoreDeletes: "true" }), end)).steps)).toEqual(["3,-1: b"]);
});

test("commits before a changing one are delivered as long as the limit ends the batch before it", async () => {
  await using table = TestTable.create();
  table.append("a");
  table.commit([remove("a")]);
  const source = await table.source({ startingVersion: "1", maxFilesPerTrigger: "1" });
  // The batch could still take the removing commit, which has no files, so the failure comes with this batch.
  await expect(source.latestOffset(null, "limited")).rejects.toMatchObject({ code: "DELTA_SOURCE_IGNORE_DELETE" });
  table.dropCommit(2);
  table.next = 2;
  table.append("b");
  table.commit([remove("a")]);
  const fresh = await table.source({ startingVersion: "1", maxFilesPerTrigger: "1" });
  expect((await nextBatch(fresh, null)).step).toEqual({ end: "2,-1", files: ["a"] });
});

test("a pending batch with a changing commit fails again without the option that let it pass", async () => {
  await using table = TestTable.create([add("a")]);
  table.commit([remove("a"), add("b")]);
  const start = offset(1, -1);
  const skipping = await table.source({ skipChangeCommits: "true" });
  const end = (await skipping.latestOffset(start, "limited")) ?? start;
  expect((await skipping.getBatch(start, end)).files).toEqual([]);
  await expect((await table.source()).getBatch(start, end)).rejects.toMatchObject({
    code: "DELTA_SOURCE_TABLE_IGNORE_CHANGES",
  });
  const ignoring = await (await table.source({ ignoreChanges: "true" })).getBatch(start, end);
  expect(ignoring.files.map((file) => file.path)).toEqual(["b"]);
});

test("a batch that ends right before a changing commit does not look at it", async () => {
  await using table = TestTable.create([add("a")]);
  table.append("b");
  table.commit([remove("a")]);
  const batch = await (await table.source()).getBatch(offset(1, -1), offset(2, -1));
  expect(batch.files.map((file) => file.path)).toEqual(["b"]);
});

test("restore to an older version fails as a delete", async () => {
  expect(await outcome([commitInfo("RESTORE", { version: "0" }), remove("old1")], {})).toBe(
    "DELTA_SOURCE_IGNORE_DELETE",
  );
});

test("the error for a changing commit names operation, version, file, rows and the ways out", async () => {
  await using table = TestTable.create([add("a", { rows: 5 })]);
  table.commit([commitInfo("UPDATE", { predicate: "id > 3" }), remove("a", { rows: 5 }), add("b", { rows: 5 })]);
  const source = await table.source({ startingVersion: "1" });
  const error = await source.latestOffset(null, "limited").catch((caught: unknown) => caught);
  expect(error).toMatchObject({
    code: "DELTA_SOURCE_TABLE_IGNORE_CHANGES",
    context: {
      version: 1,
      operation: "UPDATE",
      file: "a",
      removedRowCount: 5,
      addedRowCount: 5,
      removedFileCount: 1,
      addedFileCount: 1,
    },
  });
  const { message } = error as Error;
  for (const part of [
    "version 1",
    table.path,
    "UPDATE",
    "id > 3",
    "1 file (5 rows)",
    "skipChangeCommits",
    "ignoreChanges",
    "new checkpoint",
  ]) {
    expect(message).toContain(part);
  }
});

test("the error for a deleting commit names operation, version, file, rows and the ways out", async () => {
  await using table = TestTable.create([add("a"), add("b")]);
  table.commit([commitInfo("DELETE", { predicate: "true" }), remove("a", { rows: 4 }), remove("b", { rows: null })]);
  const source = await table.source({ startingVersion: "1" });
  const { message } = await source.latestOffset(null, "limited").then(
    () => new Error("did not fail"),
    (caught: unknown) => caught as Error,
  );
  for (const part of ["version 1", "DELETE", "2 files", "a", "ignoreDeletes", "skipChangeCommits"])
    expect(message).toContain(part);
  expect(message).not.toContain("rows)"); // one file's rows are not known, so no count is claimed
});
