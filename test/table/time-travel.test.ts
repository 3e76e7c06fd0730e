// Points in time as people write them.
import { expect, test } from "vitest";
import { parseTimestamp } from "../../src/table/whole/time-travel.ts";

test.each([
  ["2026-01-31", "2026-01-31T00:00:00.000Z"],
  ["2026-01", "2026-01-01T00:00:00.000Z"],
  ["2026-1-31 1:02", "2026-01-31T01:02:00.000Z"],
  ["2026-01-31T01:02:03.4567", "2026-01-31T01:02:03.456Z"],
  ["2026-01-31t01:02:03z", "2026-01-31T01:02:03.000Z"],
  ["2026-01-31Z", "2026-01-31T00:00:00.000Z"],
  ["2026-01-31 00:00:00 +02:30", "2026-01-30T21:30:00.000Z"],
  [" 2026-01-31T00:00:00-0100 ", "2026-01-31T01:00:00.000Z"],
])("%j is %s", (text, expected) => expect(new Date(parseTimestamp(text)).toISOString()).toBe(expected));

test.each([
  "2026-02-30",
  "2026-13-01",
  "2026-01-31T24:00:00",
  "2026-01-31 10:61",
  "soon",
  "",
  "2026",
  "12",
  "2026-01-31 Mars",
])("%j is no time, and none near it is taken", (text) => {
  expect(() => parseTimestamp(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});
