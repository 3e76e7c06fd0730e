import { expect, test } from "vitest";
import { parseOutputMode, formatOutputMode } from "../../src/stream/plan/output-mode.ts";
import { watermarkPolicy } from "../../src/stream/operator/watermark.ts";
import { parseQueryConf } from "../../src/stream/checkpoint/query-conf.ts";
import { parseWriterOptions } from "../../src/stream/sink/writer-options.ts";

const illegal = (text: string): unknown =>
  expect.objectContaining({ code: "DELTA_ILLEGAL_OPTION", message: expect.stringContaining(text) as string });

test("writer options are read in any case of letters", () => {
  const options = parseWriterOptions(
    new Map([
      ["CHECKPOINTLOCATION", "/c"],
      ["mergeschema", "TRUE"],
      ["userMetadata", "nightly"],
      ["queryName", "q"],
      ["path", "/t"],
      ["KEYCOLUMNS", "author, `first name`"],
    ]),
  );
  expect(options).toEqual({
    checkpointLocation: "/c",
    path: "/t",
    queryName: "q",
    mergeSchema: true,
    overwriteSchema: false,
    userMetadata: "nightly",
    keyColumns: ["author", "first name"],
  });
});

test.each(["maxFilesPerTrigger", "STARTINGVERSION", "ignoreDeletes"])(
  "the source option %s is refused on the writer, by name",
  (name) => {
    expect(() => parseWriterOptions(new Map([[name, "1"]]))).toThrow(illegal("readStream"));
  },
);

test("an unknown writer option is refused with the one that was meant", () => {
  expect(() => parseWriterOptions(new Map([["checkpointLocaton", "/c"]]))).toThrow(
    illegal("did you mean checkpointLocation?"),
  );
  expect(() => parseWriterOptions(new Map([["zzzzzzzzz", "/c"]]))).toThrow(illegal("it has checkpointLocation, "));
});

test("key columns without a name are refused", () => {
  expect(() => parseWriterOptions(new Map([["keyColumns", "a,,b"]]))).toThrow(illegal("keyColumns"));
});

test("a flag that is neither true nor false is refused", () => {
  expect(() => parseWriterOptions(new Map([["mergeSchema", "yes"]]))).toThrow(illegal("mergeSchema"));
});

test("output modes are read in any case and others refused", () => {
  expect(parseOutputMode("Append")).toBe("append");
  expect(formatOutputMode("complete")).toBe("Complete");
  expect(() => parseOutputMode("upsert")).toThrow(expect.objectContaining({ code: "STREAMING_OUTPUT_MODE_INVALID" }));
});

test("settings have Spark's defaults and Spark's spelling of durations", () => {
  expect(parseQueryConf(new Map())).toMatchObject({
    minBatchesToRetain: 100,
    recentProgressMax: 99,
    idleProgressIntervalMs: 10_000,
    pollingDelayMs: 10,
    stopsActiveRun: true,
  });
  const conf = parseQueryConf(
    new Map([
      ["spark.sql.streaming.noDataProgressEventInterval", "2m"],
      ["spark.sql.streaming.pollingDelay", "50 ms"],
    ]),
  );
  expect(conf).toMatchObject({ idleProgressIntervalMs: 120_000, pollingDelayMs: 50 });
});

test("a setting that cannot be read is named, with what it may be", () => {
  expect(() => parseQueryConf(new Map([["spark.sql.streaming.pollingDelay", "soon"]]))).toThrow(
    'setting spark.sql.streaming.pollingDelay is a duration such as 10s or 500ms, not "soon"',
  );
  expect(() => watermarkPolicy(new Map([["spark.sql.streaming.multipleWatermarkPolicy", "mean"]]))).toThrow(
    'setting spark.sql.streaming.multipleWatermarkPolicy is min or max, not "mean"',
  );
});
