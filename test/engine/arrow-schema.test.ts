// Delta's types and Arrow's.
import {
  DateMillisecond,
  Decimal,
  DurationSecond,
  Field,
  FixedSizeBinary,
  FixedSizeList,
  Float16,
  Int32,
  LargeBinary,
  LargeUtf8,
  Null,
  Schema,
  Struct,
  TimeMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
} from "apache-arrow";
import type { DataType as ArrowType } from "apache-arrow";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromArrowSchema, toArrowSchema } from "../../src/engine/arrow/arrow-schema.ts";
import type { DataType, PrimitiveName } from "../../src/format/schema/schema.ts";
import { schemas } from "./arbitrary-rows.ts";

test("a schema comes back from Arrow as it went in", () => {
  fc.assert(
    fc.property(schemas(), (schema) => {
      expect(fromArrowSchema(toArrowSchema(schema))).toEqual(schema);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("what may be null is kept at every depth", () => {
  const inner = {
    kind: "struct",
    fields: [{ name: "x", type: { kind: "primitive", name: "long" }, nullable: false, metadata: {} }],
  } as const;
  const types: DataType[] = [
    { kind: "array", elementType: inner, containsNull: false },
    { kind: "map", keyType: inner, valueType: inner, valueContainsNull: false },
  ];
  const schema = {
    kind: "struct" as const,
    fields: types.map((type, index) => ({ name: `c${index}`, type, nullable: index === 0, metadata: {} })),
  };
  expect(fromArrowSchema(toArrowSchema(schema))).toEqual(schema);
});

const foreign: readonly (readonly [ArrowType, PrimitiveName | DataType])[] = [
  [new Uint8(), "short"],
  [new Uint16(), "integer"],
  [new Uint32(), "long"],
  [new Uint64(), { kind: "decimal", precision: 20, scale: 0 }],
  [new Float16(), "float"],
  [new LargeUtf8(), "string"],
  [new LargeBinary(), "binary"],
  [new FixedSizeBinary(3), "binary"],
  [new DateMillisecond(), "date"],
  [new TimestampSecond("Europe/Berlin"), "timestamp"],
  [new TimestampNanosecond(), "timestamp_ntz"],
  [new TimestampNanosecond(""), "timestamp_ntz"],
  [new Decimal(3, 7, 128), { kind: "decimal", precision: 7, scale: 3 }],
  [new Null(), "void"],
  [
    new FixedSizeList(2, new Field("item", new Int32(), true)),
    { kind: "array", elementType: { kind: "primitive", name: "integer" }, containsNull: true },
  ],
];

test.each(foreign)("Arrow's %s has a Delta type", (type, expected) => {
  const found = fromArrowSchema(new Schema([new Field("c", type, true)])).fields[0]?.type;
  expect(found).toEqual(typeof expected === "string" ? { kind: "primitive", name: expected } : expected);
});

test("types without a counterpart are refused by the column's path", () => {
  for (const type of [new TimeMillisecond(), new DurationSecond()]) {
    const schema = new Schema([new Field("s", new Struct([new Field("t", type as ArrowType, true)]), true)]);
    expect(() => fromArrowSchema(schema)).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        context: expect.objectContaining({ column: "s.t" }) as unknown,
      }) as Error,
    );
  }
});
