import { describe, expect, test } from "vitest";
import { parseByteSize } from "../../src/format/text/byte-size.ts";
import { parseColumnList } from "../../src/format/schema/column-list.ts";
import { didYouMean } from "../../src/format/text/did-you-mean.ts";
import { parseInterval } from "../../src/format/text/interval.ts";
import { knownPropertyNames, tableProperties, validateProperties } from "../../src/format/property/table-property.ts";
import { errorOf } from "./error-of.ts";

const day = 86_400_000;

describe("intervals", () => {
  test.each([
    ["interval 30 days", 30 * day],
    ["30 days", 30 * day],
    ["INTERVAL 1 WEEK", 7 * day],
    ["interval 1 day 2 hours 3 minutes 4.5 seconds", day + 2 * 3_600_000 + 184_500],
    ["0 days", 0],
    ["-1 day", -day],
    ["  interval   2   weeks ", 14 * day],
    ["1500 microseconds", 1],
  ])("%s is %d ms", (text, ms) => {
    expect(parseInterval(text)).toBe(ms);
  });

  test.each(["", "interval", "days", "1 month", "1 year", "1.5 days", "1 day 2", "1 dayss", "1day", "day 1"])(
    "%j is no interval",
    (text) => {
      expect(parseInterval(text)).toBeNull();
    },
  );
});

describe("sizes", () => {
  test.each([
    ["134217728", 134_217_728],
    ["128m", 134_217_728],
    ["1 GB", 1_073_741_824],
    ["1.5kib", 1536],
    ["0", 0],
  ])("%s is %d bytes", (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  test.each(["", "m", "-1", "1 x", "1e3", "99999999p"])("%j is no size", (text) => {
    expect(parseByteSize(text)).toBeNull();
  });
});

describe("lists of columns", () => {
  test.each([
    ["", []],
    ["a", [["a"]]],
    [" a , b.c ,`odd,na``me`.d", [["a"], ["b", "c"], ["odd,na`me", "d"]]],
    ["žluť.`a.b`", [["žluť", "a.b"]]],
  ])("%j names %j", (text, paths) => {
    expect(parseColumnList(text)).toEqual(paths);
  });

  test.each([",", "a,", "a..b", "a b", "`a", "a;b", "``"])("%j is no list of columns", (text) => {
    expect(parseColumnList(text)).toBeNull();
  });
});

describe("a wrong word", () => {
  test.each([
    ["delta.apendOnly", "delta.appendOnly"],
    ["DELTA.CHECKPOINTINTERVALL", "delta.checkpointInterval"],
    ["delta.completelyOther", null],
  ])("%s: did you mean %s", (word, near) => {
    expect(didYouMean(word, knownPropertyNames())).toBe(near);
  });

  test("swapped letters count as one mistake, and the nearest wins", () => {
    expect(didYouMean("taht", ["this", "that", "the"])).toBe("that");
    expect(didYouMean("x", [])).toBeNull();
  });
});

describe("table properties", () => {
  test("have Delta's defaults", () => {
    expect(tableProperties(new Map())).toEqual({
      checkpointInterval: 10,
      checkpointWriteStatsAsJson: true,
      checkpointWriteStatsAsStruct: true,
      logRetentionMs: 30 * day,
      enableExpiredLogCleanup: true,
      deletedFileRetentionMs: 7 * day,
      setTransactionRetentionMs: null,
      appendOnly: false,
      dataSkippingNumIndexedCols: 32,
      dataSkippingStatsColumns: null,
      dataSkippingStringPrefixLength: 32,
      isolationLevel: "WriteSerializable",
      targetFileSizeBytes: null,
      randomizeFilePrefixes: false,
      randomPrefixLength: 2,
      checkConstraints: new Map(),
      enableDeletionVectors: false,
      enableRowTracking: false,
      enableChangeDataFeed: false,
      parquetCompressionCodec: null,
    });
  });

  test("are read from the configuration", () => {
    const configuration = new Map([
      ["delta.checkpointInterval", "3"],
      ["delta.appendOnly", "TRUE"],
      ["delta.logRetentionDuration", "interval 0 seconds"],
      ["delta.dataSkippingNumIndexedCols", "-1"],
      ["delta.dataSkippingStatsColumns", "a,b.c"],
      ["delta.isolationLevel", "serializable"],
      ["delta.targetFileSize", "1m"],
      ["delta.enableChangeDataCapture", "true"],
    ]);
    expect(tableProperties(configuration)).toMatchObject({
      checkpointInterval: 3,
      appendOnly: true,
      logRetentionMs: 0,
      dataSkippingNumIndexedCols: -1,
      dataSkippingStatsColumns: [["a"], ["b", "c"]],
      isolationLevel: "Serializable",
      targetFileSizeBytes: 1_048_576,
      enableChangeDataFeed: true,
    });
  });

  test("that cannot be understood count as absent", () => {
    const configuration = new Map([
      ["delta.checkpointInterval", "0"],
      ["delta.appendOnly", "maybe"],
      ["delta.logRetentionDuration", "1 month"],
    ]);
    expect(tableProperties(configuration)).toEqual(tableProperties(new Map()));
  });
});

describe("properties asked for", () => {
  test("come out in Delta's spelling; foreign names stay as they are; features are set apart", () => {
    const entries = [
      ["DELTA.APPENDONLY", "true"],
      ["myApp.Key", "Value"],
      ["delta.constraints.Positive", "x > 0"],
      ["delta.feature.appendOnly", "supported"],
      ["delta.minWriterVersion", "7"],
    ] as const;
    const { configuration, protocol } = validateProperties(entries);
    expect([...configuration]).toEqual([
      ["delta.appendOnly", "true"],
      ["myApp.Key", "Value"],
      ["delta.constraints.Positive", "x > 0"],
    ]);
    expect(protocol).toEqual({ features: ["appendOnly"], minWriterVersion: 7 });
  });

  test("with an unknown name are refused with a suggestion", () => {
    const error = errorOf(() => validateProperties([["delta.appendonlyy", "true"]]));
    expect(error.code).toBe("DELTA_UNKNOWN_CONFIGURATION");
    expect(error.message).toContain('Did you mean "delta.appendOnly"?');
  });

  test.each([
    ["delta.appendOnly", "yes", "true or false"],
    ["delta.checkpointInterval", "0", "at least 1"],
    ["delta.checkpointInterval", "1.5", "at least 1"],
    ["delta.logRetentionDuration", "1 month", "months"],
    ["delta.logRetentionDuration", "-1 day", "interval"],
    ["delta.dataSkippingNumIndexedCols", "-2", "-1"],
    ["delta.dataSkippingStatsColumns", "a,,b", "list of columns"],
    ["delta.isolationLevel", "Snapshot", "Serializable"],
    ["delta.targetFileSize", "0", "size"],
    ["delta.columnMapping.maxColumnId", "3", "Delta keeps it itself"],
    ["delta.minReaderVersion", "4", "1 to 3"],
    ["delta.feature.appendOnly", "true", "supported"],
  ])("%s = %s is refused and the message says what is accepted", (name, value, accepted) => {
    const error = errorOf(() => validateProperties([[name, value]]));
    expect(error.code).toBe("DELTA_ILLEGAL_OPTION");
    expect(error.message).toContain(name);
    expect(error.message).toContain(accepted);
  });
});
