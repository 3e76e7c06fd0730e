// test/stream/offset.test.ts: Delta's source offset on disk.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { version } from "../../src/format/text/ids.ts";
import { formatJson, parseJson } from "../../src/format/text/json-int64.ts";
import type { JsonObject } from "../../src/format/text/json.ts";
import {
  backwardStep,
  baseIndex,
  compareOffsets,
  formatOffset,
  parseOffset,
} from "../../src/stream/checkpoint/offset.ts";
import type { DeltaSourceOffset } from "../../src/stream/checkpoint/offset.ts";
import { tableId } from "./log-builder.ts";

const parse = (text: string): DeltaSourceOffset => parseOffset(parseJson(text) as JsonObject, tableId);

const anyOffset: fc.Arbitrary<DeltaSourceOffset> = fc.record({
  tableId: fc.constant(tableId),
  version: fc.maxSafeNat().map(version),
  index: fc.oneof(fc.constantFrom(baseIndex, -20, -19), fc.maxSafeNat()),
  isInitialSnapshot: fc.boolean(),
});

test("an offset is written with the keys, the order and the spelling of Spark", () => {
  const text = `{"sourceVersion":1,"reservoirId":"${tableId}","reservoirVersion":2,"index":-1,"isStartingVersion":false}`;
  expect(formatJson(formatOffset(parse(text)))).toBe(text);
  const inside = text.replace('"index":-1', '"index":7').replace("false", "true");
  expect(formatJson(formatOffset(parse(inside)))).toBe(inside);
});

test("every offset that is written is read back as it was", () => {
  fc.assert(
    fc.property(anyOffset, (offset) => {
      expect(parse(formatJson(formatOffset(offset)))).toEqual(offset);
    }),
    { seed: 11 },
  );
});

const written = (sourceVersion: number, index: number): string =>
  `{"sourceVersion":${sourceVersion},"reservoirId":"${tableId}","reservoirVersion":4,"index":${index}}`;

test("the position before the first file is -1 in version 1 and -100 in version 3", () => {
  expect(parse(written(1, -1))).toEqual(parse(written(3, -100)));
  expect(parse(written(1, -1)).isInitialSnapshot).toBe(false);
  expect(formatOffset(parse(written(3, -20)))).toMatchObject({ sourceVersion: 3, index: -20 });
});

test("keys in any order, unknown keys and whole numbers in quotes are tolerated", () => {
  const text = `{"index":"3","extra":{"a":1},"isStartingVersion":true,"reservoirVersion":5,"reservoirId":"${tableId}","sourceVersion":1}`;
  expect(parse(text)).toEqual({ tableId, version: 5, index: 3, isInitialSnapshot: true });
});

test.each([
  [
    `{"sourceVersion":9,"reservoirId":"${tableId}","reservoirVersion":1,"index":0}`,
    "DELTA_INVALID_FORMAT_FROM_SOURCE_VERSION",
  ],
  [
    `{"sourceVersion":9007199254740993,"reservoirId":"x","reservoirVersion":1,"index":0}`,
    "DELTA_INVALID_FORMAT_FROM_SOURCE_VERSION",
  ],
  [`{"sourceVersion":2,"reservoirId":"${tableId}","reservoirVersion":1,"index":0}`, "DELTA_INVALID_SOURCE_VERSION"],
  [`{"sourceVersion":0,"reservoirId":"${tableId}","reservoirVersion":1,"index":0}`, "DELTA_INVALID_SOURCE_VERSION"],
  [`{"reservoirId":"${tableId}","reservoirVersion":1,"index":0}`, "DELTA_INVALID_SOURCE_VERSION"],
  [
    `{"sourceVersion":"one","reservoirId":"${tableId}","reservoirVersion":1,"index":0}`,
    "DELTA_INVALID_SOURCE_OFFSET_FORMAT",
  ],
  [
    `{"sourceVersion":1,"reservoirId":"${tableId}","reservoirVersion":-4,"index":0}`,
    "DELTA_INVALID_SOURCE_OFFSET_FORMAT",
  ],
  [
    `{"sourceVersion":1,"reservoirId":"${tableId}","reservoirVersion":9007199254740993,"index":0}`,
    "DELTA_INVALID_SOURCE_OFFSET_FORMAT",
  ],
  [`{"sourceVersion":1,"reservoirId":"${tableId}","reservoirVersion":1}`, "DELTA_INVALID_SOURCE_OFFSET_FORMAT"],
  [
    `{"sourceVersion":1,"reservoirId":"${tableId}","reservoirVersion":1,"index":0,"isStartingVersion":1}`,
    "DELTA_INVALID_SOURCE_OFFSET_FORMAT",
  ],
  [
    `{"sourceVersion":3,"reservoirId":"${tableId}","reservoirVersion":1,"index":-1}`,
    "DELTA_INVALID_SOURCE_OFFSET_FORMAT",
  ],
  [
    `{"sourceVersion":1,"reservoirId":"another","reservoirVersion":1,"index":0}`,
    "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE",
  ],
])("the offset %s is refused with its condition", (text, code) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code }));
});

test("offsets are ordered by version, then index, and a step is backwards exactly when that order says so", () => {
  fc.assert(
    fc.property(anyOffset, anyOffset, (a, b) => {
      const order = compareOffsets(a, b);
      expect(Math.sign(order)).toBe(-Math.sign(compareOffsets(b, a)) + 0);
      const isBackwards = order > 0 || (!a.isInitialSnapshot && b.isInitialSnapshot);
      expect(backwardStep(a, b) !== null).toBe(isBackwards);
    }),
    { seed: 12 },
  );
});
