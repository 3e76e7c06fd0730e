// test/log/log-segment.test.ts: which files make up a version. Law L1: a gap is corruption, never skipped.
import { expect, test } from "vitest";
import { formatLogPath } from "../../src/format/action/log-path.ts";
import { readListing } from "../../src/log/listing/list-log.ts";
import type { LogListing } from "../../src/log/listing/list-log.ts";
import { planSegments, rebuildableRange } from "../../src/log/listing/log-segment.ts";
import { v } from "./table-builder.ts";

const commit = (at: number): string => formatLogPath({ kind: "commit", version: v(at) });
const classic = (at: number): string => formatLogPath({ kind: "classicCheckpoint", version: v(at) });
const part = (at: number, number: number, partCount: number): string =>
  formatLogPath({ kind: "multipartCheckpoint", version: v(at), part: number, partCount });

function listing(...names: readonly string[]): LogListing {
  return readListing(
    "/t",
    names.map((name) => ({ name, isDirectory: false })),
  );
}

const outline = (log: LogListing, upTo?: number): readonly string[] =>
  [...planSegments(log, upTo === undefined ? undefined : v(upTo))].map(
    ({ checkpoint, commits }) => `${checkpoint?.version ?? "-"}:${commits.join(",")}`,
  );

test("the newest checkpoint comes first, then older ones, then the log from its start", () => {
  const log = listing(commit(0), commit(1), classic(1), commit(2), commit(3), classic(3), commit(4));
  expect(outline(log)).toEqual(["3:4", "1:2,3,4", "-:0,1,2,3,4"]);
  expect(outline(log, 2)).toEqual(["1:2", "-:0,1,2"]);
  expect(outline(log, 0)).toEqual(["-:0"]);
});

test("a checkpoint without its commit file makes up its version, even when it is the newest file", () => {
  expect(outline(listing(classic(10)))).toEqual(["10:"]);
  expect(outline(listing(commit(8), commit(9), classic(10)))).toEqual(["10:"]);
});

test("a multi-part checkpoint that lacks a part is passed over, and so is a set of another number of parts", () => {
  const lacking = listing(commit(0), commit(1), part(1, 1, 2), part(1, 2, 3), part(1, 3, 3));
  expect(outline(lacking)).toEqual(["-:0,1"]);
  const whole = listing(commit(0), commit(1), part(1, 2, 2), part(1, 1, 2));
  expect(outline(whole)).toEqual(["1:", "-:0,1"]);
  expect([...planSegments(whole)][0]?.checkpoint?.paths.map((path) => path.slice(-25, -8))).toEqual([
    "1.0000000001.0000000002".slice(-17),
    "1.0000000002.0000000002".slice(-17),
  ]);
});

test("an incomplete multi-part checkpoint above the last commit is no version", () => {
  expect(listing(commit(0), part(5, 1, 2)).latestVersion).toBe(0);
});

test("a missing commit is CORRUPT_LOG naming the version that is missing", () => {
  expect(failure(() => outline(listing(commit(0), commit(1), commit(3))))).toMatchObject({
    code: "CORRUPT_LOG",
    context: { missingVersion: 2 },
  });
  expect(failure(() => outline(listing(commit(1), commit(2))))).toMatchObject({
    code: "CORRUPT_LOG",
    context: { missingVersion: 0 },
  });
  expect(failure(() => outline(listing(commit(0), classic(4), commit(6))))).toMatchObject({
    code: "CORRUPT_LOG",
    context: { missingVersion: 5 },
  });
});

test("a gap below the checkpoint or above the version asked for does no harm", () => {
  expect(outline(listing(commit(0), classic(3), commit(4)))).toEqual(["3:4"]);
  expect(outline(listing(commit(0), commit(1), commit(3)), 1)).toEqual(["-:0,1"]);
});

test("an empty log is TABLE_NOT_FOUND, and a version outside the range is VERSION_NOT_FOUND naming the range", () => {
  expect(failure(() => outline(listing("notes.txt", "_last_checkpoint")))).toMatchObject({ code: "TABLE_NOT_FOUND" });
  const cleaned = listing(commit(9), classic(10), commit(10), commit(11));
  for (const at of [9, 12]) {
    expect(failure(() => outline(cleaned, at))).toMatchObject({
      code: "VERSION_NOT_FOUND",
      context: { earliestVersion: 10, latestVersion: 11 },
    });
  }
  expect(outline(cleaned, 10)).toEqual(["10:"]);
});

test("the range starts at 0 while its commit is there, else at the oldest checkpoint that commits follow", () => {
  expect(rebuildableRange(listing(commit(0), commit(1), classic(1)))).toEqual({ earliest: 0, latest: 1 });
  expect(rebuildableRange(listing(classic(3), commit(6), classic(6), commit(7)))).toEqual({ earliest: 6, latest: 7 });
  expect(rebuildableRange(listing(commit(2), commit(3)))).toBeNull();
});

test("foreign files, folders, staged files and names that only look like commits are passed over", () => {
  const names = [
    "readme.md",
    ".tmp-1234",
    "1.json",
    `${commit(0)}.tmp`,
    ".00000000000000000000.json.crc",
    "00000000000000000001.checkpoint.0000000000.0000000002.parquet",
    commit(0),
  ];
  const log = listing(...names);
  expect(log.commits).toEqual([0]);
  expect(log.checkpoints).toEqual([]);
  expect(readListing("/t", [{ name: commit(1), isDirectory: true }]).latestVersion).toBeNull();
});

function failure(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
