import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DataType, PrimitiveName, StructType } from "../../src/format/schema/schema.ts";
import { columnInvariants } from "../../src/format/schema/column-invariant.ts";
import { checkSchema, checkVoidColumns } from "../../src/format/schema/schema-check.ts";
import { formatSchema, parseSchema } from "../../src/format/schema/schema-json.ts";
import { formatType, schemaEquals } from "../../src/format/schema/schema-type.ts";
import { errorOf } from "./error-of.ts";

const primitives: readonly PrimitiveName[] = [
  ...(["boolean", "byte", "short", "integer", "long", "float", "double", "string", "binary"] as const),
  ...(["date", "timestamp", "timestamp_ntz", "void", "variant"] as const),
];

const { type } = fc.letrec<{ type: DataType }>((tie) => {
  const inner = tie("type");
  const metadata = fc.dictionary(
    fc.string(),
    fc.oneof(fc.string(), fc.boolean(), fc.constantFrom(1, 9223372036854775807n, null)),
  );
  const field = fc.record({ name: fc.string(), type: inner, nullable: fc.boolean(), metadata });
  return {
    type: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(...primitives).map((name): DataType => ({ kind: "primitive", name })),
      fc
        .integer({ min: 1, max: 38 })
        .chain((precision) =>
          fc.integer({ min: 0, max: precision }).map((scale): DataType => ({ kind: "decimal", precision, scale })),
        ),
      fc.record({ kind: fc.constant("array" as const), elementType: inner, containsNull: fc.boolean() }),
      fc.record({
        kind: fc.constant("map" as const),
        keyType: inner,
        valueType: inner,
        valueContainsNull: fc.boolean(),
      }),
      fc.record({ kind: fc.constant("struct" as const), fields: fc.array(field, { maxLength: 4 }) }),
    ),
  };
});

const struct = (fields: Readonly<Record<string, DataType>>): StructType => ({
  kind: "struct",
  fields: Object.entries(fields).map(([name, fieldType]) => ({ name, type: fieldType, nullable: true, metadata: {} })),
});
const primitive = (name: PrimitiveName): DataType => ({ kind: "primitive", name });
const int = primitive("integer");
const array = (elementType: DataType): DataType => ({ kind: "array", elementType, containsNull: true });
const map = (keyType: DataType, valueType: DataType): DataType => ({
  kind: "map",
  keyType,
  valueType,
  valueContainsNull: true,
});

describe("schemas", () => {
  test("every schema is written and read back, and equal to itself", () => {
    const schemas = fc
      .array(type)
      .map((types) => struct(Object.fromEntries(types.map((t, index) => [`c${index}`, t]))));
    fc.assert(
      fc.property(schemas, (schema) => {
        const text = formatSchema(schema);
        const back = parseSchema(text);
        expect(formatSchema(back)).toBe(text);
        expect(schemaEquals(back, schema)).toBe(true);
        expect(formatType(back)).toBe(formatType(schema));
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  test("text that Spark wrote comes back letter for letter", () => {
    const text =
      '{"type":"struct","fields":[{"name":"a","type":"integer","nullable":false,"metadata":{"delta.identity.start":9223372036854775807,"comment":"\\"q\\" ž"}},' +
      '{"name":"b","type":{"type":"array","elementType":"decimal(38,18)","containsNull":false},"nullable":true,"metadata":{}},' +
      '{"name":"c","type":{"type":"map","keyType":"string","valueType":{"type":"struct","fields":[{"name":"d","type":"timestamp_ntz","nullable":true,"metadata":{}}]},"valueContainsNull":true},"nullable":true,"metadata":{}}]}';
    expect(formatSchema(parseSchema(text))).toBe(text);
  });

  test.each([
    ["not json", undefined],
    ['{"type":"struct","fields":[{"name":', undefined],
    ['"integer"', undefined],
    ['{"type":"struct"}', "fields"],
    ['{"type":"struct","fields":[{"type":"integer","nullable":true}]}', "fields[0].name"],
    ['{"type":"struct","fields":[{"name":"a","type":"int64","nullable":true}]}', "fields[0].type"],
    ['{"type":"struct","fields":[{"name":"a","type":"decimal(39,0)","nullable":true}]}', "fields[0].type"],
    ['{"type":"struct","fields":[{"name":"a","type":"decimal(3,4)","nullable":true}]}', "fields[0].type"],
    ['{"type":"struct","fields":[{"name":"a","type":"integer","nullable":"no"}]}', "fields[0].nullable"],
    [
      '{"type":"struct","fields":[{"name":"a","type":{"type":"array","elementType":{"type":"list"}},"nullable":true}]}',
      "fields[0].type.elementType.type",
    ],
  ])("%s is corrupt and the message names the part", (text, field) => {
    const error = errorOf(() => parseSchema(text));
    expect(error.code).toBe("CORRUPT_LOG");
    expect(error.context["field"]).toBe(field);
  });

  test("a type of Spark that Delta's protocol does not know is refused by name", () => {
    const text = '{"type":"struct","fields":[{"name":"a","type":"interval day","nullable":true}]}';
    const error = errorOf(() => parseSchema(text));
    expect(error.code).toBe("UNSUPPORTED_FEATURE");
    expect(error.message).toContain("interval day");
  });

  test("a table without a schema has no columns", () => {
    expect(parseSchema("")).toEqual({ kind: "struct", fields: [] });
  });

  test("types are spelled as SQL spells them", () => {
    const schema = struct({
      a: primitive("long"),
      b: array(int),
      c: map(primitive("string"), struct({ d: primitive("byte") })),
    });
    expect(formatType(schema)).toBe("struct<a:bigint,b:array<int>,c:map<string,struct<d:tinyint>>>");
    expect(formatType({ kind: "decimal", precision: 10, scale: 2 })).toBe("decimal(10,2)");
  });

  test("equality heeds nullability and metadata unless told not to", () => {
    const a = struct({ a: array(int) });
    const b: StructType = {
      kind: "struct",
      fields: [{ name: "a", type: { ...array(int), containsNull: false } as DataType, nullable: true, metadata: {} }],
    };
    const c: StructType = {
      kind: "struct",
      fields: [{ name: "a", type: array(int), nullable: true, metadata: { comment: "x" } }],
    };
    expect(schemaEquals(a, b)).toBe(false);
    expect(schemaEquals(a, b, { ignoreNullability: true })).toBe(true);
    expect(schemaEquals(a, c)).toBe(false);
    expect(schemaEquals(a, c, { ignoreMetadata: true })).toBe(true);
    expect(schemaEquals(a, struct({ A: array(int) }))).toBe(false);
  });
});

describe("a schema that is about to be written", () => {
  test("gives its partition columns in its own spelling", () => {
    expect(checkSchema(struct({ Day: int, x: int }), ["dAY"])).toEqual(["Day"]);
  });

  test.each([
    ["DELTA_DUPLICATE_COLUMNS_FOUND", struct({ a: int, A: int }), []],
    ["DELTA_DUPLICATE_COLUMNS_FOUND", struct({ s: array(struct({ x: int, X: int })) }), []],
    ["DELTA_DUPLICATE_COLUMNS_FOUND", struct({ a: int, b: int, c: int }), ["a", "A"]],
    ["DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", struct({ "a b": int }), []],
    ["DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", struct({ s: struct({ "a=b": int }) }), []],
    ["DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", struct({ "": int }), []],
    ["INVALID_ARGUMENT", struct({ a: array({ kind: "decimal", precision: 39, scale: 0 }) }), []],
    ["COLUMN_NOT_FOUND", struct({ a: int, b: int }), ["c"]],
    ["DELTA_INVALID_PARTITION_COLUMN_TYPE", struct({ a: array(int), b: int }), ["a"]],
    ["DELTA_CANNOT_USE_ALL_COLUMNS_FOR_PARTITION", struct({ a: int, b: int }), ["b", "a"]],
  ] as const)("is refused with %s", (code, schema, partitionColumns) => {
    expect(errorOf(() => checkSchema(schema, partitionColumns)).code).toBe(code);
  });

  test("names of nested columns may repeat names of other structs, and dots are allowed", () => {
    expect(checkSchema(struct({ a: struct({ a: int }), b: struct({ a: int }), "a.a": int }), [])).toEqual([]);
  });

  test("void columns are writable only where something else is written", () => {
    const none = primitive("void");
    expect(() => checkVoidColumns(struct({ a: none, b: struct({ d: int }) }))).not.toThrow();
    for (const schema of [
      struct({ a: none }),
      struct({ a: int, b: struct({ c: none, d: int }) }),
      struct({ a: int, b: array(none) }),
      struct({ a: map(int, array(struct({ x: int, y: none }))) }),
    ]) {
      expect(errorOf(() => checkVoidColumns(schema)).code).toBe("DELTA_METADATA_MISMATCH");
    }
  });
});

const withRule = (rule: string): StructType => ({
  kind: "struct",
  fields: [
    {
      name: "s",
      type: {
        kind: "struct",
        fields: [{ name: "x", type: int, nullable: true, metadata: { "delta.invariants": rule } }],
      },
      nullable: true,
      metadata: {},
    },
  ],
});

describe("column invariants", () => {
  test("are found in nested columns", () => {
    expect(columnInvariants(withRule('{"expression": { "expression": "s.x > 3"} }'))).toEqual([
      { path: ["s", "x"], expressionSql: "s.x > 3" },
    ]);
  });

  test.each(["", "x > 3", "{}", '{"expression":"x"}', '{"expression":{"expression":3}}'])(
    "%j cannot be understood and is corrupt",
    (rule) => {
      expect(errorOf(() => columnInvariants(withRule(rule))).code).toBe("CORRUPT_LOG");
    },
  );
});
