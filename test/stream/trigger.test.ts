import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nextTickMs, parseIntervalMs, parseTrigger } from "../../src/stream/plan/trigger.ts";
import type { TriggerInput } from "../../src/stream/plan/trigger.ts";

test.each([
  ["4 seconds", 4000],
  ["1 second", 1000],
  ["0 seconds", 0],
  ["  2   MINUTES ", 120_000],
  ["interval 1 minute 30 seconds", 90_000],
  ["0.5 seconds", 500],
  ["1500 microseconds", 1],
  ["250 milliseconds", 250],
  ["1 week 1 day 1 hour", 694_800_000],
  ["1 minute -30 seconds", 30_000],
])("the interval %j is %d ms", (text, expected) => {
  expect(parseIntervalMs(text)).toBe(expected);
});

test.each([
  "",
  "   ",
  "4",
  "seconds",
  "4 lightyears",
  "4s",
  "-1 seconds",
  "1 month",
  "2 years",
  "1.5 minutes",
  "1e3 seconds",
  "interval",
  "4 seconds 2",
])("the interval %j is refused as INVALID_TRIGGER", (text) => {
  expect(() => parseIntervalMs(text)).toThrow(expect.objectContaining({ code: "INVALID_TRIGGER" }));
});

test("a trigger is exactly one of processingTime, once and availableNow", () => {
  expect(parseTrigger({ processingTime: "4 seconds" })).toEqual({ kind: "processingTime", intervalMs: 4000 });
  expect(parseTrigger({ processingTime: 250 })).toEqual({ kind: "processingTime", intervalMs: 250 });
  expect(parseTrigger({ once: true })).toEqual({ kind: "once" });
  expect(parseTrigger({ availableNow: true })).toEqual({ kind: "availableNow" });
});

test("the command line's words are triggers too", () => {
  expect(parseTrigger("once")).toEqual({ kind: "once" });
  expect(parseTrigger("available-now")).toEqual({ kind: "availableNow" });
  expect(parseTrigger("availableNow")).toEqual({ kind: "availableNow" });
  expect(parseTrigger("2 seconds")).toEqual({ kind: "processingTime", intervalMs: 2000 });
});

test.each([
  {},
  { once: true, availableNow: true },
  { once: false },
  { availableNow: false },
  { processingTime: -1 },
  { processingTime: "" },
  { continuous: "1 second" },
])("the trigger %j is refused as INVALID_TRIGGER", (input) => {
  expect(() => parseTrigger(input as TriggerInput)).toThrow(expect.objectContaining({ code: "INVALID_TRIGGER" }));
});

test("ticks sit on multiples of the interval, the next one strictly after the start of the trigger and at most one interval away", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 1e7 }),
    fc.integer({ min: 0, max: 2e12 }),
    (intervalMs, startMs) => {
      const tick = nextTickMs(intervalMs, startMs);
      expect(tick % intervalMs).toBe(0);
      expect(tick).toBeGreaterThan(startMs);
      expect(tick - startMs).toBeLessThanOrEqual(intervalMs);
    },
  );
  fc.assert(property, { seed: 20, numRuns: 500 });
});
