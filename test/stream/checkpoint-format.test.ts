// The files of a checkpoint, letter by letter as Spark writes and reads them.
import { mkdirSync, readFileSync, readdirSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openCheckpointLocation } from "../../src/stream/checkpoint/checkpoint-location.ts";
import { commitLogCodec, openCommitLog } from "../../src/stream/checkpoint/commit-log.ts";
import { offsetLogCodec, openOffsetLog } from "../../src/stream/checkpoint/offset-log.ts";
import type { OffsetEntry } from "../../src/stream/checkpoint/offset-log.ts";
import { temporaryFolder, testEngine } from "./query-doubles.ts";

const text = (path: string): string => readFileSync(path, "utf8");
const deltaOffset = {
  sourceVersion: 1,
  reservoirId: "5bbc461a-6ea3-42ea-afa3-3dd2ac6c000e",
  reservoirVersion: 2,
  index: -1,
  isStartingVersion: false,
};
const entry: OffsetEntry = {
  batchWatermarkMs: 0,
  batchTimestampMs: 1795346855632,
  conf: new Map([["spark.sql.shuffle.partitions", "2"]]),
  offsets: [deltaOffset, null],
};
const sparkText = [
  "v1",
  `{"batchWatermarkMs":0,"batchTimestampMs":1795346855632,"conf":{"spark.sql.shuffle.partitions":"2"}}`,
  `{"sourceVersion":1,"reservoirId":"5bbc461a-6ea3-42ea-afa3-3dd2ac6c000e","reservoirVersion":2,"index":-1,"isStartingVersion":false}`,
  "-",
].join("\n");

function checkpoint(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content);
  }
  return folder;
}

async function readOffsets(content: string): Promise<OffsetEntry | null> {
  const log = await openOffsetLog(testEngine().files, checkpoint({ "offsets/0": content }));
  return log.read(0);
}

test("offset file lines are: version line, metadata JSON with conf, one line per source, no trailing newline", async () => {
  const folder = temporaryFolder();
  const log = await openOffsetLog(testEngine().files, folder);
  await log.add(1, entry);
  expect(text(join(folder, "offsets/1"))).toBe(sparkText);
});

test("a source without an offset is a single dash line", async () => {
  expect((await readOffsets(sparkText))?.offsets).toEqual([deltaOffset, null]);
});

test("a commit file is a version line and the next watermark", async () => {
  const folder = temporaryFolder();
  const log = await openCommitLog(testEngine().files, folder);
  await log.add(1, { nextBatchWatermarkMs: 0 });
  expect(text(join(folder, "commits/1"))).toBe(`v1\n{"nextBatchWatermarkMs":0}`);
});

test("a checkpoint written by Spark parses, with everything it pins", async () => {
  const content = [
    "v1",
    `{"batchWatermarkMs":1704067206000,"batchTimestampMs":1795347042018,"conf":{"spark.sql.streaming.stateStore.providerClass":"org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider","spark.sql.streaming.multipleWatermarkPolicy":"min","spark.sql.function.protobufExtensions.enabled":"false","spark.sql.shuffle.partitions":"2"}}`,
    `{"sourceVersion":1,"reservoirId":"c60cb906-9c84-4bee-939d-77b0427ecdaf","reservoirVersion":3,"index":1,"isStartingVersion":true}`,
  ].join("\n");
  const read = await readOffsets(content);
  expect(read?.batchWatermarkMs).toBe(1704067206000);
  expect(read?.batchTimestampMs).toBe(1795347042018);
  expect(read?.conf.get("spark.sql.shuffle.partitions")).toBe("2");
  expect(read?.conf.get("spark.sql.function.protobufExtensions.enabled")).toBe("false");
  expect(read?.offsets).toEqual([
    {
      sourceVersion: 1,
      reservoirId: "c60cb906-9c84-4bee-939d-77b0427ecdaf",
      reservoirVersion: 3,
      index: 1,
      isStartingVersion: true,
    },
  ]);
});

test("extra unknown keys in checkpoint JSON are tolerated and kept", async () => {
  const content = `v1\n{"batchWatermarkMs":5,"batchTimestampMs":7,"conf":{},"new":{"a":12345678901234567890}}\n{"n":1,"more":[true]}`;
  const read = await readOffsets(content);
  expect(read?.unknown).toEqual({ new: { a: 12345678901234567890n } });
  expect(read?.offsets).toEqual([{ n: 1, more: [true] }]);
  expect(`v1\n${offsetLogCodec.format(read as OffsetEntry).join("\n")}`).toBe(content);
});

test("a metadata line without fields, a trailing newline and Windows line ends are accepted", async () => {
  expect(await readOffsets("v1\n{}\n-\n")).toEqual({
    batchWatermarkMs: 0,
    batchTimestampMs: 0,
    conf: new Map(),
    offsets: [null],
  });
  expect((await readOffsets('v1\r\n{}\r\n{"n":1}\r\n'))?.offsets).toEqual([{ n: 1 }]);
});

test("a commit file of only a version line has watermark 0", async () => {
  const log = await openCommitLog(testEngine().files, checkpoint({ "commits/4": "v1" }));
  expect(await log.read(4)).toEqual({ nextBatchWatermarkMs: 0 });
});

test.each([
  "",
  "v1",
  "v1\n",
  "v1\n\n-",
  `v1\n{"batchWatermarkMs":0,"batchTi`,
  `v1\n{}\n{"sourceVersion":1,"reserv`,
  "v1\n[]\n-",
  `v1\n{"conf":[]}\n-`,
  `v1\n{"batchWatermarkMs":"x"}\n-`,
])("empty or truncated offset file is reported as incomplete log: %j", async (content) => {
  await expect(readOffsets(content)).rejects.toThrow(
    expect.objectContaining({
      code: "STREAMING_CHECKPOINT_CORRUPT",
      message: expect.stringContaining("incomplete log file") as string,
    }),
  );
});

test("unknown log version line is refused with supported and found versions in the message", async () => {
  await expect(readOffsets("v9\n{}\n-")).rejects.toThrow(
    expect.objectContaining({ code: "INVALID_LOG_VERSION", message: expect.stringMatching(/v9.*v1/u) as string }),
  );
  await expect(readOffsets("x1\n{}\n-")).rejects.toThrow(expect.objectContaining({ code: "MALFORMED_LOG_FILE" }));
  await expect(readOffsets("v0\n{}\n-")).rejects.toThrow(expect.objectContaining({ code: "MALFORMED_LOG_FILE" }));
});

test("an entry once written is never replaced: CONCURRENT_STREAM_LOG_UPDATE", async () => {
  const folder = temporaryFolder();
  const { files } = testEngine();
  const ours = await openOffsetLog(files, folder);
  const theirs = await openOffsetLog(files, folder);
  await theirs.add(0, entry);
  await expect(ours.add(0, { ...entry, offsets: [] })).rejects.toThrow(
    expect.objectContaining({ code: "CONCURRENT_STREAM_LOG_UPDATE" }),
  );
  expect(text(join(folder, "offsets/0"))).toBe(sparkText);
});

test("checksums, staged files and folders among the log files are passed over", async () => {
  const folder = checkpoint({
    "offsets/3": sparkText,
    "offsets/.3.crc": "x",
    "offsets/.4.9f0c.tmp": "x",
    "offsets/.tmp-1": "x",
    "offsets/10/x": "",
    "offsets/5x": "",
  });
  const log = await openOffsetLog(testEngine().files, folder);
  expect(log.ids).toEqual([3]);
});

test("a checksum that Spark left for a file of this name is removed before the file is written", async () => {
  const folder = checkpoint({ "offsets/.7.crc": "stale" });
  const log = await openOffsetLog(testEngine().files, folder);
  await log.add(7, entry);
  expect(readdirSync(join(folder, "offsets"))).toEqual(["7"]);
});

test("purging removes old entries with their checksums", async () => {
  const folder = checkpoint({ "commits/0": "v1", "commits/.0.crc": "x", "commits/1": "v1", "commits/2": "v1" });
  const log = await openCommitLog(testEngine().files, folder);
  await log.purgeBefore(2);
  expect(readdirSync(join(folder, "commits"))).toEqual(["2"]);
  expect(log.ids).toEqual([2]);
});

test("ids are ordered as numbers", async () => {
  const log = await openCommitLog(
    testEngine().files,
    checkpoint({ "commits/9": "v1", "commits/10": "v1", "commits/100": "v1" }),
  );
  expect(log.ids).toEqual([9, 10, 100]);
  expect(log.latestId).toBe(100);
});

test("what is written is read back the same, whatever the offsets and settings are", () => {
  const json = fc.dictionary(
    fc.string().filter((key) => key !== "__proto__"),
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.bigInt({ min: 2n ** 60n, max: 2n ** 70n }), fc.constant(null)),
  );
  const entries = fc.record({
    batchWatermarkMs: fc.maxSafeNat(),
    batchTimestampMs: fc.maxSafeNat(),
    conf: fc
      .dictionary(
        fc.string().filter((key) => key !== "__proto__"),
        fc.string(),
      )
      .map((conf) => new Map(Object.entries(conf))),
    offsets: fc.array(fc.option(json), { minLength: 1 }),
  });
  fc.assert(
    fc.property(entries, (written) => {
      const lines = offsetLogCodec.format(written);
      expect(lines.every((line) => !line.includes("\n"))).toBe(true);
      const read = offsetLogCodec.parse(lines, "offsets/0");
      expect(offsetLogCodec.format(read)).toEqual(lines);
      expect({ ...read, offsets: plain(read.offsets) }).toEqual({ ...written, offsets: plain(written.offsets) });
    }),
    { seed: 20, numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.maxSafeNat(), (nextBatchWatermarkMs) => {
      expect(commitLogCodec.parse(commitLogCodec.format({ nextBatchWatermarkMs }), "commits/0")).toEqual({
        nextBatchWatermarkMs,
      });
    }),
    { seed: 20 },
  );
});

// Parsed objects have no prototype, which equality would see.
const plain = (offsets: OffsetEntry["offsets"]): unknown[] =>
  offsets.map((offset) => (offset === null ? null : Object.entries(offset)));

test("first start writes a metadata file with one uuid and every later start reports the same query id", async () => {
  const engine = testEngine();
  const folder = join(temporaryFolder(), "new", "deep");
  const first = await openCheckpointLocation(engine, folder);
  await first[Symbol.asyncDispose]();
  expect(text(join(folder, "metadata"))).toBe(`{"id":"${first.queryId}"}`);
  expect(text(join(folder, "metadata"))).toHaveLength(45);
  const second = await openCheckpointLocation(engine, folder);
  expect(second.queryId).toBe(first.queryId);
  await second[Symbol.asyncDispose]();
});

test("a metadata file of Spark's, with unknown keys and a newline, gives the id", async () => {
  const folder = checkpoint({ metadata: `{"id":"f88853fb-5ed9-4b44-8365-2e85add66d14","x":1}\n` });
  await using location = await openCheckpointLocation(testEngine(), folder);
  expect(location.queryId).toBe("f88853fb-5ed9-4b44-8365-2e85add66d14");
});

test.each(["offsets/0", "commits/12"])(
  "missing metadata file with existing logs (%s) refuses to start with the missing-metadata condition",
  async (name) => {
    const folder = checkpoint({ [name]: "v1" });
    await expect(openCheckpointLocation(testEngine(), folder)).rejects.toThrow(
      expect.objectContaining({ code: "STREAMING_CHECKPOINT_MISSING_METADATA_FILE" }),
    );
    expect(existsSync(join(folder, "metadata"))).toBe(false);
  },
);

test("a stale checksum of a removed metadata file goes before a new one is written", async () => {
  const folder = checkpoint({ ".metadata.crc": "stale" });
  await using location = await openCheckpointLocation(testEngine(), folder);
  expect(location.directory).toBe(folder);
  expect(readdirSync(folder).filter((name) => name.includes("metadata"))).toEqual(["metadata"]);
});

test.each(["", "{", "null", "7", "[]", "{}", `{"id":1}`, `{"id":null}`, `{"id":""}`])(
  "a metadata file that holds %j is reported as damaged and left alone",
  async (content) => {
    const folder = checkpoint({ metadata: content });
    await expect(openCheckpointLocation(testEngine(), folder)).rejects.toThrow(
      expect.objectContaining({ code: "STREAMING_CHECKPOINT_CORRUPT" }),
    );
    expect(text(join(folder, "metadata"))).toBe(content);
  },
);

test("a checkpoint that is held is refused as CONCURRENT_QUERY, and is free after a failed or finished hold", async () => {
  const engine = testEngine();
  const folder = temporaryFolder();
  const held = await openCheckpointLocation(engine, folder);
  await expect(openCheckpointLocation(testEngine(), folder)).rejects.toThrow(
    expect.objectContaining({ code: "CONCURRENT_QUERY" }),
  );
  await held[Symbol.asyncDispose]();
  const again = await openCheckpointLocation(engine, folder);
  await again[Symbol.asyncDispose]();
});
