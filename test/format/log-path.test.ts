import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { version } from "../../src/format/text/ids.ts";
import { formatLogPath, parseLogPath } from "../../src/format/action/log-path.ts";
import type { LogPath } from "../../src/format/action/log-path.ts";

const v = fc.maxSafeNat().map(version);
const path: fc.Arbitrary<LogPath> = fc.oneof(
  fc.record({ kind: fc.constantFrom("commit" as const, "classicCheckpoint" as const, "crc" as const), version: v }),
  fc
    .tuple(v, fc.integer({ min: 1, max: 9_999_999_999 }), fc.integer({ min: 1, max: 9_999_999_999 }))
    .map(([at, a, b]): LogPath => ({
      kind: "multipartCheckpoint",
      version: at,
      part: Math.min(a, b),
      partCount: Math.max(a, b),
    })),
  fc.record({
    kind: fc.constant("uuidCheckpoint" as const),
    version: v,
    uuid: fc.uuid(),
    format: fc.constantFrom("json" as const, "parquet" as const),
  }),
  fc
    .tuple(v, v)
    .filter(([a, b]) => a !== b)
    .map(([a, b]): LogPath => ({ kind: "compaction", firstVersion: a < b ? a : b, lastVersion: a < b ? b : a })),
  fc.constant<LogPath>({ kind: "lastCheckpoint" }),
);

describe("names in the log", () => {
  test("are written and read back", () => {
    fc.assert(
      fc.property(path, (p) => {
        expect(parseLogPath(formatLogPath(p))).toEqual(p);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  test("are those of the protocol", () => {
    expect(formatLogPath({ kind: "commit", version: version(7) })).toBe("00000000000000000007.json");
    expect(formatLogPath({ kind: "multipartCheckpoint", version: version(10), part: 2, partCount: 3 })).toBe(
      "00000000000000000010.checkpoint.0000000002.0000000003.parquet",
    );
    expect(parseLogPath("00000000000000000010.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json")).toEqual({
      kind: "uuidCheckpoint",
      version: 10,
      uuid: "80a083e8-7026-4e79-81be-64bd76c43a11",
      format: "json",
    });
    expect(parseLogPath("00000000000000000004.00000000000000000006.compacted.json")).toEqual({
      kind: "compaction",
      firstVersion: 4,
      lastVersion: 6,
    });
  });

  test.each([
    "7.json",
    "0000000000000000007.json",
    "000000000000000000007.json",
    "00000000000000000007.json.tmp",
    ".00000000000000000007.json.crc",
    ".00000000000000000007.json.4f1c.tmp",
    "00000000000000000007.JSON",
    "99999999999999999999.json",
    "00000000000000000007.checkpoint.json",
    "00000000000000000007.checkpoint.0000000000.0000000003.parquet",
    "00000000000000000007.checkpoint.0000000004.0000000003.parquet",
    "00000000000000000007.checkpoint.tmp.parquet",
    "00000000000000000006.00000000000000000006.compacted.json",
    "00000000000000000007.80a083e8-7026-4e79-81be-64bd76c43a11.json",
    "_last_checkpoint.tmp",
    "info.txt",
    "",
    "_sidecars",
  ])("%j is foreign", (name) => {
    expect(parseLogPath(name)).toBeNull();
  });
});
