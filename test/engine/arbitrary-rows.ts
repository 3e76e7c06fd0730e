// test/engine/arbitrary-rows.ts: any schema, and rows that fit it, in the very form in which `rowsFromBatch` gives them back.
import fc from "fast-check";
import type { DataType, PrimitiveName, StructField, StructType } from "../../src/format/schema/schema.ts";

/** Schemas of one to four columns, nested up to two levels. */
export function schemas(): fc.Arbitrary<StructType> {
  return structs(2);
}

/** Rows of a schema; about every sixth value is null. */
export function rowsOf(schema: StructType, rowCountMax: number): fc.Arbitrary<Record<string, unknown>[]> {
  return fc.array(record(schema), { maxLength: rowCountMax });
}

/** A schema with rows of it. */
export function tables(rowCountMax: number): fc.Arbitrary<{ schema: StructType; rows: Record<string, unknown>[] }> {
  return schemas().chain((schema) => rowsOf(schema, rowCountMax).map((rows) => ({ schema, rows })));
}

const leafNames: readonly PrimitiveName[] = [
  "boolean",
  "byte",
  "short",
  "integer",
  "long",
  "float",
  "double",
  "string",
  "binary",
  "date",
  "timestamp",
  "timestamp_ntz",
];

function types(depth: number): fc.Arbitrary<DataType> {
  const leaf: fc.Arbitrary<DataType> = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...leafNames).map((name): DataType => ({ kind: "primitive", name })) },
    { weight: 1, arbitrary: decimals() },
  );
  if (depth === 0) return leaf;
  const inner = types(depth - 1);
  return fc.oneof(
    { weight: 5, arbitrary: leaf },
    {
      weight: 1,
      arbitrary: inner.map((elementType): DataType => ({ kind: "array", elementType, containsNull: true })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(leaf, inner)
        .map(([keyType, valueType]): DataType => ({ kind: "map", keyType, valueType, valueContainsNull: true })),
    },
    { weight: 1, arbitrary: structs(depth - 1) },
  );
}

function decimals(): fc.Arbitrary<DataType> {
  return fc
    .integer({ min: 1, max: 38 })
    .chain((precision) =>
      fc.integer({ min: 0, max: precision }).map((scale): DataType => ({ kind: "decimal", precision, scale })),
    );
}

function structs(depth: number): fc.Arbitrary<StructType> {
  const names = fc.uniqueArray(fc.constantFrom("a", "b c", "ä.ö", "d\"q'", "E", "_f", "名前", "g`h"), {
    minLength: 1,
    maxLength: 4,
  });
  return names.chain((found) =>
    fc.tuple(...found.map(() => types(depth))).map((fieldTypes) => structOf(found, fieldTypes)),
  );
}

function structOf(names: readonly string[], fieldTypes: readonly DataType[]): StructType {
  return {
    kind: "struct",
    fields: names.map((name, index): StructField => ({
      name,
      type: fieldTypes[index] as DataType,
      nullable: true,
      metadata: {},
    })),
  };
}

function record(schema: StructType): fc.Arbitrary<Record<string, unknown>> {
  const values = schema.fields.map((field) => orNull(present(field.type)));
  return fc
    .tuple(...values)
    .map((found) => Object.fromEntries(schema.fields.map((field, index) => [field.name, found[index]])));
}

function orNull(values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.option(values, { freq: 6, nil: null });
}

function present(type: DataType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case "primitive":
      return primitives[type.name];
    case "decimal":
      return fc
        .bigInt({ min: 1n - 10n ** BigInt(type.precision), max: 10n ** BigInt(type.precision) - 1n })
        .map((unscaled) => decimalText(unscaled, type.scale));
    case "array":
      return fc.array(orNull(present(type.elementType)), { maxLength: 4 });
    case "map":
      return fc
        .uniqueArray(fc.tuple(present(type.keyType), orNull(present(type.valueType))), {
          maxLength: 3,
          selector: ([key]) => keyText(key),
        })
        .map((entries) => new Map(entries));
    case "struct":
      return record(type);
  }
}

function keyText(key: unknown): string {
  return key instanceof Uint8Array
    ? key.join(",")
    : key instanceof Date
      ? String(key.getTime())
      : `${Object.is(key, -0) ? 0 : String(key)}`;
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return unscaled < 0n ? `-${text}` : text;
}

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 20 }).filter((found) => !/\p{Surrogate}/u.test(found)),
);
const days = fc.integer({ min: -719_162, max: 2_932_896 }).map((day) => new Date(day * 86_400_000));
const times = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }).map((ms) => new Date(ms));

const primitives: Readonly<Record<PrimitiveName, fc.Arbitrary<unknown>>> = {
  boolean: fc.boolean(),
  byte: fc.integer({ min: -128, max: 127 }),
  short: fc.integer({ min: -32_768, max: 32_767 }),
  integer: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float: fc.float(),
  double: fc.double(),
  string: text,
  binary: fc.uint8Array({ maxLength: 40 }),
  date: days,
  timestamp: times,
  timestamp_ntz: times,
  void: fc.constant(null),
  variant: fc.constant(null),
};
