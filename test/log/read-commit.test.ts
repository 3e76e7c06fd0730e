// test/log/read-commit.test.ts: one commit file, whole or damaged.
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AlluviumError } from "../../src/format/text/error.ts";
import { encodeCommit } from "../../src/log/publish/publish-commit.ts";
import { parseCommit, readCommit } from "../../src/log/listing/read-commit.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  commitFile,
  create,
  metadata,
  protocol,
  remove,
  testEngine,
  txn,
  v,
  writeCommits,
} from "./table-builder.ts";

const engine = testEngine();
const bytes = encodeCommit([
  protocol,
  metadata(),
  add("a.parquet", { stats: '{"numRecords":1}' }),
  remove("ü.parquet"),
  txn("app", 2n ** 63n - 1n),
]);

test("a commit gives its actions in the order of the file, with the file's time and size", async () => {
  const table = temporaryFolder();
  writeCommits(table, [create, [add("a"), remove("b")]]);
  const commit = await readCommit(engine, table, v(1));
  expect(commit?.actions).toEqual([add("a"), remove("b")]);
  expect(commit?.version).toBe(1);
  expect(commit?.fileTimestampMs).toBeGreaterThan(1_600_000_000_000);
  expect(commit?.sizeBytes).toBe(encodeCommit([add("a"), remove("b")]).length);
});

test("a commit that is not there is null", async () => {
  expect(await readCommit(engine, temporaryFolder(), v(0))).toBeNull();
});

test("the last line needs no line break, blank lines and carriage returns are passed over, and an empty file has no actions", () => {
  const text = new TextDecoder().decode(bytes);
  const actions = parseCommit(bytes, "f");
  expect(parseCommit(new TextEncoder().encode(text.slice(0, -1)), "f")).toEqual(actions);
  expect(parseCommit(new TextEncoder().encode(text.replaceAll("\n", "\r\n\n")), "f")).toEqual(actions);
  expect(parseCommit(new Uint8Array(), "f")).toEqual([]);
});

test("a commit cut at any byte is whole lines, or CORRUPT_LOG naming file and line", () => {
  const whole = parseCommit(bytes, "f");
  for (let length = 0; length < bytes.length; length += 1) {
    const cut = bytes.subarray(0, length);
    const lineCount = cut.filter((byte) => byte === 0x0a).length;
    const outcome = attempt(() => parseCommit(cut, "the-file"));
    if (outcome instanceof AlluviumError) {
      expect(outcome.code).toBe("CORRUPT_LOG");
      expect(outcome.context).toMatchObject({ path: "the-file", line: lineCount + 1 });
    } else expect(outcome).toEqual(whole.slice(0, outcome.length));
  }
});

test("a byte that is not UTF-8, at any place, is CORRUPT_LOG naming file and line", () => {
  for (let index = 0; index < bytes.length; index += 1) {
    const damaged = bytes.slice();
    damaged[index] = 0xff;
    const outcome = attempt(() => parseCommit(damaged, "the-file"));
    const line = bytes.subarray(0, index).filter((byte) => byte === 0x0a).length + 1;
    expect(outcome).toMatchObject({ code: "CORRUPT_LOG", context: { path: "the-file", line } });
  }
});

test("a zero byte at any place is CORRUPT_LOG", () => {
  for (let index = 0; index < bytes.length; index += 1) {
    const damaged = bytes.slice();
    damaged[index] = 0;
    expect(attempt(() => parseCommit(damaged, "the-file"))).toMatchObject({ code: "CORRUPT_LOG" });
  }
});

test("reading a damaged commit names its path", async () => {
  const table = temporaryFolder();
  writeCommits(table, [create]);
  writeFileSync(commitFile(table, 0), '{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}\nnot json\n');
  await expect(readCommit(engine, table, v(0))).rejects.toMatchObject({
    code: "CORRUPT_LOG",
    context: { path: commitFile(table, 0), line: 2 },
  });
});

function attempt<T>(work: () => T): T | AlluviumError {
  try {
    return work();
  } catch (error) {
    if (error instanceof AlluviumError) return error;
    throw error;
  }
}

test("what other programs put around and into lines does not change them: line breaks, byte order marks, unquoted values, odd times", () => {
  const line = (values: string, time: string): string =>
    `{"add":{"path":"a","partitionValues":{${values}},"size":1,"modificationTime":${time},"dataChange":true}}`;
  const [plain] = parseCommit(Buffer.from(line('"p":"5","q":"true","r":null', "9007199254740991")), "a.json");
  const odd = `\uFEFF\r\n${line('"p":5,"q":true,"r":null', "1600000000000000000")}\r\n \r\n{}`;
  expect(parseCommit(Buffer.from(odd), "a.json")).toEqual([plain]);
});
