// test/stream/source-options.test.ts: options of a stream's source are checked before anything starts.
import { expect, test } from "vitest";
import { defaultSourceOptions, parseSourceOptions } from "../../src/stream/source/source-options.ts";
import type { DeltaSourceOptions } from "../../src/stream/source/source-options.ts";

const parse = (options: Readonly<Record<string, string>>): DeltaSourceOptions =>
  parseSourceOptions(new Map(Object.entries(options)));
const bytes = (value: string): number | null => parse({ maxBytesPerTrigger: value }).maxBytesPerTrigger;
const at = (value: string): number | null => parse({ startingTimestamp: value }).startingTimestampMs;
const matches = (expression: string, path: string): boolean =>
  parse({ excludeRegex: expression }).excludeRegex?.test(path) ?? false;

test("option names are case-insensitive, bad boolean values are refused", () => {
  expect(parse({ MAXFILESPERTRIGGER: "3", IgnoreDeletes: "TRUE" })).toMatchObject({
    maxFilesPerTrigger: 3,
    ignoreDeletes: true,
  });
  for (const name of [
    "ignoreDeletes",
    "ignoreChanges",
    "ignoreFileDeletion",
    "skipChangeCommits",
    "failOnDataLoss",
    "wholeCommits",
  ]) {
    expect(() => parse({ [name]: "yes" })).toThrow(expect.objectContaining({ code: "DELTA_ILLEGAL_OPTION" }));
  }
  expect(() => parse({ ignoreDeletes: "true", IGNOREDELETES: "false" })).toThrow(/no case/);
});

test("no options are the defaults", () => {
  expect(parse({})).toEqual(defaultSourceOptions);
});

test("every option is read into its own field", () => {
  const options = parse({
    maxFilesPerTrigger: "+7",
    maxBytesPerTrigger: "10g",
    maxRowsPerTrigger: "5",
    maxVersionsPerTrigger: "2",
    wholeCommits: "true",
    startingTimestamp: "2024-05-31T12:30:00.5+02:00",
    endingVersion: "9",
    ignoreDeletes: "true",
    ignoreChanges: "true",
    ignoreFileDeletion: "true",
    skipChangeCommits: "true",
    failOnDataLoss: "false",
    excludeRegex: "part-\\d+",
    readChangeData: "true",
    streamingSourceTrackingId: "one",
    allowSourceColumnRename: "ALWAYS",
    allowSourceColumnDrop: "7",
    allowSourceColumnTypeChange: "always",
  });
  expect(options).toEqual({
    maxFilesPerTrigger: 7,
    maxBytesPerTrigger: 10 * 1024 ** 3,
    maxRowsPerTrigger: 5,
    maxVersionsPerTrigger: 2,
    wholeCommits: true,
    startingVersion: null,
    startingTimestampMs: Date.UTC(2024, 4, 31, 10, 30, 0, 500),
    endingVersion: 9,
    ignoreDeletes: true,
    ignoreChanges: true,
    ignoreFileDeletion: true,
    skipChangeCommits: true,
    failOnDataLoss: false,
    excludeRegex: /part-\d+/u,
    readChangeFeed: true,
    schemaTrackingLocation: null,
    streamingSourceTrackingId: "one",
    allowSourceColumnRename: "always",
    allowSourceColumnDrop: "7",
    allowSourceColumnTypeChange: "always",
  });
  for (const name of ["schemaTrackingLocation", "schemaLocation"])
    expect(parse({ [name]: "/a" }).schemaTrackingLocation).toBe("/a");
});

test.each([
  ["maxFilesPerTrigger", ["0", "-1", "1.5", "many", "", "2147483648"]],
  ["maxBytesPerTrigger", ["0", "-5", "10x", "g", ""]],
  ["maxRowsPerTrigger", ["0", "x"]],
  ["maxVersionsPerTrigger", ["0", "x"]],
  ["endingVersion", ["-1", "latest"]],
  ["schemaTrackingLocation", ["", " "]],
  ["streamingSourceTrackingId", ["a/b", ""]],
  ["allowSourceColumnRename", ["true", "-1", "never"]],
  ["startingVersion", ["-1", "one", "LATEST", "1.0", "9223372036854775808"]],
])("bad values of %s fail with the illegal-option condition, naming option and value", (name, values) => {
  for (const value of values) {
    expect(() => parse({ [name]: value })).toThrow(
      expect.objectContaining({ code: "DELTA_ILLEGAL_OPTION", context: { option: name, value } }),
    );
  }
});

test("byte sizes are written as Spark takes them", () => {
  expect([bytes("1"), bytes("1b"), bytes("2k"), bytes("2KB"), bytes("3m"), bytes("1t")]).toEqual([
    1,
    1,
    2048,
    2048,
    3 * 1024 ** 2,
    1024 ** 4,
  ]);
});

test("starting versions are latest or whole numbers from zero", () => {
  expect(parse({ startingVersion: "latest" }).startingVersion).toBe("latest");
  expect(parse({ startingVersion: "0" }).startingVersion).toBe(0);
});

test("both starting options together fail", () => {
  expect(() => parse({ startingVersion: "0", startingTimestamp: "2024-01-01" })).toThrow(
    expect.objectContaining({ code: "DELTA_STARTING_VERSION_AND_TIMESTAMP_BOTH_SET" }),
  );
});

test("a stream that would end before it begins is refused", () => {
  expect(() => parse({ startingVersion: "5", endingVersion: "4" })).toThrow(
    expect.objectContaining({ code: "INVALID_RANGE" }),
  );
  expect(parse({ startingVersion: "5", endingVersion: "5" }).endingVersion).toBe(5);
});

test("starting timestamps are dates or times, in UTC unless they say otherwise", () => {
  expect(at("2024")).toBe(Date.UTC(2024, 0, 1));
  expect(at("2024-5-3")).toBe(Date.UTC(2024, 4, 3));
  expect(at(" 2024-05-31 ")).toBe(Date.UTC(2024, 4, 31));
  expect(at("2024-05-31 01:02:03.1239")).toBe(Date.UTC(2024, 4, 31, 1, 2, 3, 123));
  expect(at("2024-05-31T01:02Z")).toBe(Date.UTC(2024, 4, 31, 1, 2));
  expect(at("2024-05-31 01:02:03 UTC")).toBe(Date.UTC(2024, 4, 31, 1, 2, 3));
  expect(at("2024-05-31T01:02:03-0130")).toBe(Date.UTC(2024, 4, 31, 2, 32, 3));
  for (const junk of [
    "",
    "yesterday",
    "2024-13-01",
    "2024-02-30",
    "2024-05-31T25:00:00",
    "2024-05-31T01:02:03+99:00",
    "1717000000000",
  ]) {
    expect(() => at(junk), junk).toThrow(expect.objectContaining({ code: "DELTA_TIMESTAMP_INVALID" }));
  }
});

test("an unknown option is refused with the name that was probably meant", () => {
  expect(() => parse({ maxFilePerTrigger: "1" })).toThrow(/did you mean maxFilesPerTrigger\?/);
  expect(() => parse({ colour: "red" })).toThrow(expect.objectContaining({ code: "DELTA_ILLEGAL_OPTION" }));
  expect(() => parse({ checkpointLocation: "/x" })).toThrow(/writeStream/);
});

test("time travel on a stream is refused", () => {
  for (const name of ["versionAsOf", "timestampAsOf"]) {
    expect(() => parse({ [name]: "1" })).toThrow(
      expect.objectContaining({ code: "DELTA_UNSUPPORTED_TIME_TRAVEL_VIEWS" }),
    );
  }
});

test("options of Delta that this build does not have are refused by name, and harmless when they are off", () => {
  for (const name of ["endingTimestamp", "withEventTimeOrder"]) {
    expect(() => parse({ [name]: "true" })).toThrow(
      expect.objectContaining({ code: "UNSUPPORTED_FEATURE", context: { option: name } }),
    );
  }
  expect(parse({ withEventTimeOrder: "false" })).toEqual(defaultSourceOptions);
});

test("a regular expression is Java's, searched for anywhere in the path", () => {
  expect(matches("b+", "abbc")).toBe(true);
  expect(matches("^b", "abc")).toBe(false);
  expect(matches("(?i)PART", "a/part-0")).toBe(true);
  expect(matches("\\Qa.b\\E", "a.b")).toBe(true);
  expect(matches("\\Qa.b\\E", "axb")).toBe(false);
  expect(matches("\\Aday\\=1", "day=1/x")).toBe(true);
  expect(matches("[\\w-]+\\.parquet\\z", "a/b-c.parquet")).toBe(true);
  expect(matches("[\\w-]+\\.parquet\\z", "a/b-c.parquet.tmp")).toBe(false);
});

test("a regular expression that JavaScript lacks or reads otherwise is a syntax error", () => {
  for (const expression of ["(", "a++", "[a&&b]", "[a[b]]", "\\", "\\Ga", "(?>a)", "a{2,1}"]) {
    expect(() => parse({ excludeRegex: expression }), expression).toThrow(
      expect.objectContaining({ code: "DELTA_REGEX_OPT_SYNTAX_ERROR" }),
    );
  }
});
