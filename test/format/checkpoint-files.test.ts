import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatVersionChecksum, parseVersionChecksum } from "../../src/format/action/checksum.ts";
import { adjustTimestamps } from "../../src/format/action/commit-timestamp.ts";
import { version } from "../../src/format/text/ids.ts";
import { canonicalJson, formatLastCheckpoint, parseLastCheckpoint } from "../../src/format/action/last-checkpoint.ts";

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

describe("the hint at the last checkpoint", () => {
  // The example of PROTOCOL.md, "JSON checksum".
  const sample =
    '{"k0":"\'v 0\'", "checksum": "adsaskfljadfkjadfkj", "k1":{"k2": 2, "k3": ["v3", [1, 2], {"k4": "v4", "k5": ["v5", "v6", "v7"]}]}}';

  test("has the canonical form and the checksum of the protocol's example", () => {
    expect(canonicalJson(sample)).toBe(
      '"k0"="%27v%200%27","k1"+"k2"=2,"k1"+"k3"+0="v3","k1"+"k3"+1+0=1,"k1"+"k3"+1+1=2,"k1"+"k3"+2+"k4"="v4","k1"+"k3"+2+"k5"+0="v5","k1"+"k3"+2+"k5"+1="v6","k1"+"k3"+2+"k5"+2="v7"',
    );
    expect(md5(canonicalJson(sample))).toBe("6a92d155a59bf2eecbd4b4ec7fd1f875");
    expect(canonicalJson('{"b":{"y":null,"x":"https://delta.io"},"a":10.50}')).toBe(
      '"a"=10.50,"b"+"x"="https%3A%2F%2Fdelta.io","b"+"y"=null',
    );
  });

  const hint = fc.record(
    {
      version: fc.maxSafeNat().map(version),
      size: fc.maxSafeNat(),
      parts: fc.integer({ min: 1, max: 9999 }),
      sizeInBytes: fc.maxSafeNat(),
      numOfAddFiles: fc.maxSafeNat(),
      v2Checkpoint: fc.record({ name: fc.string(), sizeBytes: fc.nat(), modificationTimeMs: fc.nat() }),
    },
    { requiredKeys: ["version", "size"] },
  );

  test("is written and read back, and no change of a digit goes unnoticed", () => {
    fc.assert(
      fc.property(hint, fc.nat(), (value, at) => {
        const text = formatLastCheckpoint(value, md5);
        expect(parseLastCheckpoint(text, md5)).toEqual(value);
        const digits = [...text.matchAll(/\d/g)].map((match) => match.index);
        const index = digits[at % digits.length] ?? 0;
        const changed = `${text.slice(0, index)}${(Number(text[index]) + 1) % 10}${text.slice(index + 1)}`;
        expect(parseLastCheckpoint(changed, md5)).toBeNull();
      }),
      { seed: 3 },
    );
  });

  test("cut off at any byte is no hint", () => {
    const text = formatLastCheckpoint({ version: version(10), size: 7, sizeInBytes: 36399 }, md5);
    for (let length = 0; length < text.length; length += 1)
      expect(parseLastCheckpoint(text.slice(0, length), md5)).toBeNull();
  });

  test("of old writers, without a checksum, is taken", () => {
    expect(parseLastCheckpoint('{"version":10,"size":12}\n', md5)).toEqual({ version: 10, size: 12 });
    expect(parseLastCheckpoint('{"size":8,"size_in_bytes":21857,"version":1}', md5)).toEqual({ version: 1, size: 8 });
    expect(parseLastCheckpoint('{"version":1,"size":-1}', md5)).toEqual({ version: 1 });
  });

  test.each([
    "",
    "[]",
    "{}",
    '{"version":-1,"size":1}',
    '{"version":1.5,"size":1}',
    '{"version":"1","size":1}',
    '{"version":1,"size":1,"parts":0}',
    '{"version":1,"size":1,"parts":"2"}',
    '{"version":1,"size":1,"checksum":"0123456789abcdef0123456789abcdef"}',
    '{"version":1,"size":1,"checksum":5}',
  ])("%s is no hint", (text) => {
    expect(parseLastCheckpoint(text, md5)).toBeNull();
  });

  test("that says two things of one key is no hint", () => {
    const checksum = md5(canonicalJson('{"version":2,"size":1}'));
    expect(parseLastCheckpoint(`{"version":2,"size":1,"checksum":"${checksum}"}`, md5)).toEqual({
      version: 2,
      size: 1,
    });
    expect(parseLastCheckpoint(`{"version":1,"version":2,"size":1,"checksum":"${checksum}"}`, md5)).toBeNull();
  });
});

describe("a version checksum", () => {
  const text =
    '{"txnId":"t","tableSizeBytes":906,"numFiles":1,"numDeletedRecordsOpt":0,"numDeletionVectorsOpt":0,"numMetadata":1,"numProtocol":1,"inCommitTimestampOpt":5,"setTransactions":[{"appId":"a","version":9223372036854775807}],"domainMetadata":[{"domain":"d","configuration":"{}","removed":false}],"metadata":{"id":"i","format":{"provider":"parquet","options":{}},"schemaString":"{}","partitionColumns":[],"configuration":{},"createdTime":1},"protocol":{"minReaderVersion":1,"minWriterVersion":2},"fileSizeHistogram":{"sortedBinBoundaries":[0,9223372036854775807],"fileCounts":[1,0],"totalBytes":[906,0]}}';

  test("is written back as it was read, histograms included", () => {
    const checksum = parseVersionChecksum(text);
    expect(checksum).toMatchObject({
      fileCount: 1,
      tableSizeBytes: 906,
      inCommitTimestampMs: 5,
      setTransactions: [{ appId: "a", version: 9223372036854775807n }],
    });
    expect(checksum && formatVersionChecksum(checksum)).toBe(text);
  });

  test("that is torn or makes no sense does not count", () => {
    for (let length = 0; length < text.length; length += 1)
      expect(parseVersionChecksum(text.slice(0, length))).toBeNull();
    expect(parseVersionChecksum('{"tableSizeBytes":1,"numFiles":-1,"numMetadata":1,"numProtocol":1}')).toBeNull();
    expect(parseVersionChecksum(text.replace('"minWriterVersion":2', '"minWriterVersion":"2"'))).toBeNull();
  });

  test("of old writers may lack metadata and protocol", () => {
    expect(
      parseVersionChecksum(
        '{"tableSizeBytes":1,"numFiles":2,"numMetadata":1,"numProtocol":1,"protocol":null,"metadata":null}',
      ),
    ).toEqual({
      tableSizeBytes: 1,
      fileCount: 2,
      metadataCount: 1,
      protocolCount: 1,
    });
  });
});

describe("times of commits", () => {
  test("ascend strictly, and change only where they must", () => {
    expect(adjustTimestamps([10, 10, 5, 20, 13, 30])).toEqual([10, 11, 12, 20, 21, 30]);
    expect(adjustTimestamps([])).toEqual([]);
  });
});
