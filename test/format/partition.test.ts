import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatPartitionValue, parsePartitionValue } from "../../src/format/value/partition-value.ts";
import type { PartitionScalar } from "../../src/format/value/partition-value.ts";
import {
  decodeLogPath,
  encodeLogPath,
  isInsideTable,
  partitionDirectory,
  resolveDataPath,
  unescapePathName,
} from "../../src/format/value/partition-path.ts";
import type { DataType, PrimitiveName } from "../../src/format/schema/schema.ts";
import { errorOf } from "./error-of.ts";

const primitive = (name: PrimitiveName): DataType => ({ kind: "primitive", name });
const decimal = (precision: number, scale: number): DataType => ({ kind: "decimal", precision, scale });

const typedValue: fc.Arbitrary<readonly [DataType, PartitionScalar]> = fc.oneof(
  fc.tuple(fc.constant(primitive("boolean")), fc.boolean()),
  fc.tuple(fc.constant(primitive("byte")), fc.integer({ min: -128, max: 127 })),
  fc.tuple(fc.constant(primitive("short")), fc.integer({ min: -32768, max: 32767 })),
  fc.tuple(fc.constant(primitive("integer")), fc.integer()),
  fc.tuple(fc.constant(primitive("long")), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  fc.tuple(fc.constant(primitive("float")), fc.float()),
  fc.tuple(fc.constant(primitive("double")), fc.double()),
  fc.tuple(fc.constant(primitive("string")), fc.string({ unit: "binary", minLength: 1 })),
  fc.tuple(fc.constant(primitive("binary")), fc.uint8Array({ minLength: 1 })),
  fc.tuple(
    fc.constant(primitive("binary")),
    fc.string({ minLength: 1 }).map((text) => new TextEncoder().encode(text)),
  ),
  fc.tuple(fc.constant(primitive("date")), fc.integer({ min: -4_000_000, max: 4_000_000 })),
  fc.tuple(
    fc.constantFrom(primitive("timestamp"), primitive("timestamp_ntz")),
    fc.bigInt({ min: -(10n ** 17n), max: 10n ** 18n }),
  ),
  fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n }).map((n): [DataType, string] => {
    const digits = (n < 0n ? -n : n).toString().padStart(6, "0");
    return [decimal(20, 5), `${n < 0n ? "-" : ""}${digits.slice(0, -5)}.${digits.slice(-5)}`];
  }),
);

describe("partition values", () => {
  test("of every type are written and read back", () => {
    fc.assert(
      fc.property(typedValue, ([type, value]) => {
        expect(parsePartitionValue(formatPartitionValue(value, type), type)).toEqual(value);
      }),
      { seed: 3, numRuns: 3000 },
    );
  });

  test.each([
    [primitive("boolean"), true, "true"],
    [primitive("long"), 9223372036854775807n, "9223372036854775807"],
    [primitive("double"), 1, "1.0"],
    [primitive("double"), 1e10, "1.0E10"],
    [primitive("double"), 1.5e-5, "1.5E-5"],
    [primitive("double"), 0.001, "0.001"],
    [primitive("double"), -0, "-0.0"],
    [primitive("double"), Number.NaN, "NaN"],
    [primitive("double"), Number.NEGATIVE_INFINITY, "-Infinity"],
    [primitive("float"), Math.fround(1.1), "1.1"],
    [primitive("float"), Math.fround(3.4028235e38), "3.4028235E38"],
    [decimal(12, 5), "0.00004", "0.00004"],
    [primitive("date"), 0, "1970-01-01"],
    [primitive("date"), -719162, "0001-01-01"],
    [primitive("date"), 19782, "2024-02-29"],
    [primitive("timestamp"), 123456n, "1970-01-01T00:00:00.123456Z"],
    [primitive("timestamp"), -1n, "1969-12-31T23:59:59.999999Z"],
    [primitive("timestamp_ntz"), 0n, "1970-01-01 00:00:00"],
    [primitive("timestamp_ntz"), 500000n, "1970-01-01 00:00:00.500000"],
    [primitive("binary"), Uint8Array.of(1, 2, 3), "\u0001\u0002\u0003"],
    [primitive("binary"), Uint8Array.of(0xff, 0), "\\u00FF\\u0000"],
    [primitive("string"), null, null],
  ] as const)("%j %s is written %j", (type, value, text) => {
    expect(formatPartitionValue(value, type)).toBe(text);
  });

  test.each([
    [primitive("timestamp"), "2013-07-05 17:01:00.123456", 1_373_043_660_123_456n],
    [primitive("timestamp"), "2021-09-08 11:11:11", 1_631_099_471_000_000n],
    [primitive("timestamp"), "1971-07-22T03:06:40.000000Z", 49_000_000_000_000n],
    [primitive("timestamp"), "1970-01-01T01:00:00.5+01:00", 500_000n],
    [primitive("timestamp_ntz"), "1970-01-01T01:00:00", 3_600_000_000n],
    [decimal(7, 7), "1E-7", "0.0000001"],
    [decimal(5, 0), "1e3", "1000"],
    [decimal(5, 2), "1.500", "1.50"],
    [primitive("boolean"), "TRUE", true],
    [primitive("boolean"), "t", true],
    [primitive("boolean"), "No", false],
    [primitive("boolean"), "0", false],
    [primitive("integer"), " +7 ", 7],
    [primitive("binary"), "\\u0001\\u0002", Uint8Array.of(1, 2)],
  ] as const)("%j %s is read", (type, text, value) => {
    expect(parsePartitionValue(text, type)).toEqual(value);
  });

  test("that are empty are null for every type", () => {
    for (const type of [primitive("string"), primitive("integer"), primitive("binary"), decimal(1, 0)]) {
      expect(parsePartitionValue("", type)).toBeNull();
      expect(parsePartitionValue(null, type)).toBeNull();
    }
  });

  test.each([
    [primitive("byte"), "128"],
    [primitive("integer"), "2147483648"],
    [primitive("integer"), "1.5"],
    [primitive("integer"), "abc"],
    [primitive("long"), "9223372036854775808"],
    [primitive("boolean"), "maybe"],
    [primitive("date"), "2023-02-29"],
    [primitive("date"), "20230228"],
    [primitive("timestamp"), "2023-02-28 24:00:00"],
    [primitive("timestamp"), "yesterday"],
    [primitive("double"), "1.2.3"],
    [decimal(3, 1), "100.0"],
    [decimal(3, 1), "1.25"],
    [{ kind: "array", elementType: primitive("integer"), containsNull: true }, "1"],
  ] as const)("%j %s is corrupt", (type, text) => {
    const error = errorOf(() => parsePartitionValue(text, type));
    expect(error.code).toBe("CORRUPT_LOG");
    expect(error.message).toContain(JSON.stringify(text));
  });

  test("of the wrong type are refused when written", () => {
    expect(errorOf(() => formatPartitionValue(128, primitive("byte"))).code).toBe("INVALID_ARGUMENT");
    expect(errorOf(() => formatPartitionValue("1", primitive("integer"))).code).toBe("INVALID_ARGUMENT");
  });
});

describe("partition folders", () => {
  // Value, folder, and the folder in the log, as Spark 4.2 with Delta 4.4 wrote them.
  test.each([
    [null, "p=__HIVE_DEFAULT_PARTITION__", "p=__HIVE_DEFAULT_PARTITION__"],
    ["", "p=__HIVE_DEFAULT_PARTITION__", "p=__HIVE_DEFAULT_PARTITION__"],
    ["with space", "p=with space", "p=with%20space"],
    ["a/b", "p=a%2Fb", "p=a%252Fb"],
    ["a%20b", "p=a%2520b", "p=a%252520b"],
    ["a:b", "p=a%3Ab", "p=a%253Ab"],
    ["a<b>c", "p=a<b>c", "p=a%3Cb%3Ec"],
    ["a|b", "p=a|b", "p=a%7Cb"],
    ["{a}", "p=%7Ba}", "p=%257Ba%7D"],
    ["[a]", "p=%5Ba%5D", "p=%255Ba%255D"],
    ["a^b", "p=a%5Eb", "p=a%255Eb"],
    ["a~b;c,d+e&f$g!h(i)@j", "p=a~b;c,d+e&f$g!h(i)@j", "p=a~b;c,d+e&f$g!h(i)@j"],
    ["a'b", "p=a%27b", "p=a%2527b"],
    ["a\nb", "p=a%0Ab", "p=a%250Ab"],
    ["\u007f", "p=%7F", "p=%257F"],
    ["žluť 日本語😀", "p=žluť 日本語😀", "p=žluť%20日本語😀"],
    ["..", "p=..", "p=.."],
    ["a\u00a0b", "p=a\u00a0b", "p=a%C2%A0b"],
  ])("%j lies in %s, spelled %s in the log", (value, folder, logFolder) => {
    expect(partitionDirectory(["p"], new Map([["p", value]]))).toBe(folder);
    expect(encodeLogPath(folder)).toBe(logFolder);
    expect(decodeLogPath(logFolder)).toBe(folder);
  });

  test("give back their values, one folder a column", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ unit: "binary", minLength: 1 }), (column, value) => {
        fc.pre(column !== "q");
        const directory = partitionDirectory([column, "q"], new Map([[column, value]]));
        const [first = "", second, ...more] = directory.split("/");
        expect([second, more]).toEqual(["q=__HIVE_DEFAULT_PARTITION__", []]);
        const [name = "", text = ""] = first.split("=");
        expect([unescapePathName(name), unescapePathName(text)]).toEqual([column, value]);
        const inLog = encodeLogPath(`${directory}/part-0.parquet`);
        expect(resolveDataPath("/t", inLog)).toBe(`/t/${directory}/part-0.parquet`);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });
});

describe("paths of data files", () => {
  test.each([
    ["part-0.parquet", "/lake/t/part-0.parquet"],
    ["p=../part-0.parquet", "/lake/t/p=../part-0.parquet"],
    ["a/./b/../c.parquet", "/lake/t/a/c.parquet"],
    ["time=1971-07-22T03:06:40.000000Z/part-0.parquet", "/lake/t/time=1971-07-22T03:06:40.000000Z/part-0.parquet"],
    ["a%20b", "/lake/t/a b"],
    ["a+b", "/lake/t/a+b"],
    ["/other/a%20b", "/other/a b"],
    ["file:/other/%C5%BE", "/other/ž"],
    ["file:///other/a", "/other/a"],
    ["FILE://localhost/other/a", "/other/a"],
    ["/lake/t/../u/a", "/lake/u/a"],
  ])("%s is %s", (logPath, absolute) => {
    expect(resolveDataPath("/lake/t", logPath)).toBe(absolute);
  });

  test.each(["../u/a", "a/../../u/a", "%2e%2e/u/a", "%2E%2E%2Fu/a", "..", ".", "a/.."])(
    "%s leaves the table and is corrupt",
    (logPath) => {
      expect(errorOf(() => resolveDataPath("/lake/t", logPath)).code).toBe("CORRUPT_LOG");
    },
  );

  test.each(["%zz", "a%", "%ff"])("%s has a malformed escape and is corrupt", (logPath) => {
    expect(errorOf(() => resolveDataPath("/lake/t", logPath)).code).toBe("CORRUPT_LOG");
  });

  test.each(["s3://bucket/a", "abfss://c@a.dfs.core.windows.net/a", "hdfs:/a", "file://host/a"])(
    "%s is elsewhere and refused by name",
    (logPath) => {
      const error = errorOf(() => resolveDataPath("/lake/t", logPath));
      expect(error.code).toBe("UNSUPPORTED_FEATURE");
      expect(error.message).toContain(logPath);
    },
  );

  test("a relative path is never taken for a scheme", () => {
    const inLog = encodeLogPath("file:/etc/passwd");
    expect(resolveDataPath("/lake/t", inLog)).toBe("/lake/t/file:/etc/passwd");
  });

  test("below the table are told from those beside it", () => {
    expect(isInsideTable("/lake/t", "/lake/t/a")).toBe(true);
    expect(isInsideTable("/lake/t/", "/lake/t/a")).toBe(true);
    expect(isInsideTable("/lake/t", "/lake/t2/a")).toBe(false);
    expect(isInsideTable("/lake/t", "/lake/t/../u")).toBe(false);
    expect(isInsideTable("/lake/t", "/lake/t")).toBe(false);
    expect(isInsideTable("/", "/a")).toBe(true);
  });
});
