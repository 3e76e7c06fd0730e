// engine/arrow/arrow-schema.ts: Delta's types and Arrow's. PROTOCOL.md, "Schema Serialization Format".
import {
  Binary,
  Bool,
  DataType as ArrowType,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  Map_,
  Null,
  Precision,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
} from "apache-arrow";
import { AlluviumError } from "../../format/text/error.ts";
import type {
  ArrayType,
  DataType,
  MapType,
  PrimitiveName,
  StructField,
  StructType,
} from "../../format/schema/schema.ts";

/**
 * The Arrow schema of a table's columns: what `ParquetEngine.write` asks of its batches and what `SqlConnection.batches` gives.
 * Field metadata is not carried over.
 */
export function toArrowSchema(schema: StructType): Schema {
  return new Schema(schema.fields.map(toArrowField));
}

/** The Arrow type of a Delta type. Names inside lists and maps are Parquet's: `element`, `key_value`, `key`, `value`. */
export function toArrowType(type: DataType): ArrowType {
  switch (type.kind) {
    case "primitive":
      return primitiveTypes[type.name]();
    case "decimal":
      return new Decimal(type.scale, type.precision, 128);
    case "array":
      return new List(new Field("element", toArrowType(type.elementType), type.containsNull));
    case "map":
      return mapType(type);
    case "struct":
      return new Struct(type.fields.map(toArrowField));
  }
}

/**
 * The Delta schema of Arrow data. Unsigned integers take the next larger signed type, float16 becomes float, time stamps of any unit
 * become microseconds (with a zone `timestamp`, without `timestamp_ntz`), a dictionary counts as its values.
 * @throws AlluviumError `INVALID_ARGUMENT` naming the column, when a type has no counterpart (time of day, duration, interval, union)
 */
export function fromArrowSchema(schema: Schema): StructType {
  return { kind: "struct", fields: schema.fields.map((field) => fromArrowField(field, field.name)) };
}

/** The Delta type of an Arrow type; see `fromArrowSchema`. `path` names the column in the error. */
export function fromArrowType(type: ArrowType, path: string): DataType {
  const nested = fromNestedType(type, path);
  if (nested !== undefined) return nested;
  const name = primitiveNameOf(type);
  if (name !== undefined) return { kind: "primitive", name };
  const arrowType = nameOf(type);
  const message = `column ${path} has the Arrow type ${arrowType}, which a Delta table cannot hold; cast it first, for example to string or long`;
  throw new AlluviumError("INVALID_ARGUMENT", { column: path, arrowType }, message);
}

const primitiveTypes: Readonly<Record<PrimitiveName, () => ArrowType>> = {
  boolean: () => new Bool(),
  byte: () => new Int8(),
  short: () => new Int16(),
  integer: () => new Int32(),
  long: () => new Int64(),
  float: () => new Float32(),
  double: () => new Float64(),
  string: () => new Utf8(),
  binary: () => new Binary(),
  date: () => new DateDay(),
  timestamp: () => new TimestampMicrosecond("UTC"),
  timestamp_ntz: () => new TimestampMicrosecond(),
  void: () => new Null(),
  variant: () => new Struct([new Field("metadata", new Binary(), false), new Field("value", new Binary(), false)]),
};

function toArrowField(field: StructField): Field {
  return new Field(field.name, toArrowType(field.type), field.nullable);
}

function mapType(type: MapType): Map_ {
  const key = new Field("key", toArrowType(type.keyType), false);
  const value = new Field("value", toArrowType(type.valueType), type.valueContainsNull);
  const map = new Map_(
    new Field("key_value", new Struct<{ key: ArrowType; value: ArrowType }>([key, value]), false),
    false,
  );
  // Arrow's constructor calls the entries "entries", and this name goes into Parquet files, whose format asks for "key_value".
  for (const entries of map.children) Object.assign(entries, { name: "key_value" });
  return map;
}

function fromArrowField(field: Field, path: string): StructField {
  return {
    name: field.name,
    type: fromArrowType(field.type as ArrowType, path),
    nullable: field.nullable,
    metadata: {},
  };
}

function fromNestedType(type: ArrowType, path: string): DataType | undefined {
  if (ArrowType.isDictionary(type)) return fromArrowType(type.dictionary as ArrowType, path);
  // The largest unsigned numbers fit no signed type of Delta.
  if (ArrowType.isInt(type) && !type.isSigned && type.bitWidth === 64)
    return { kind: "decimal", precision: 20, scale: 0 };
  if (ArrowType.isDecimal(type)) return { kind: "decimal", precision: type.precision, scale: type.scale };
  if (ArrowType.isStruct(type))
    return {
      kind: "struct",
      fields: type.children.map((child: Field) => fromArrowField(child, `${path}.${child.name}`)),
    };
  if (ArrowType.isMap(type)) return fromMapType(type, path);
  if (ArrowType.isList(type) || ArrowType.isLargeList(type) || ArrowType.isFixedSizeList(type))
    return fromListType(type.children[0] as Field | undefined, path);
  return undefined;
}

function fromListType(element: Field | undefined, path: string): ArrayType {
  if (element === undefined)
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      { column: path },
      `column ${path} is an Arrow list without an element type`,
    );
  return {
    kind: "array",
    elementType: fromArrowType(element.type as ArrowType, `${path}.element`),
    containsNull: element.nullable,
  };
}

function fromMapType(type: Map_, path: string): MapType {
  return {
    kind: "map",
    keyType: fromArrowType(type.keyType as ArrowType, `${path}.key`),
    valueType: fromArrowType(type.valueType as ArrowType, `${path}.value`),
    valueContainsNull: type.childType.children[1]?.nullable ?? true,
  };
}

function primitiveNameOf(type: ArrowType): PrimitiveName | undefined {
  if (ArrowType.isNull(type)) return "void";
  if (ArrowType.isBool(type)) return "boolean";
  if (ArrowType.isInt(type)) return type.isSigned ? signedNames.get(type.bitWidth) : unsignedNames.get(type.bitWidth);
  if (ArrowType.isFloat(type)) return type.precision === Precision.DOUBLE ? "double" : "float";
  if (ArrowType.isUtf8(type) || ArrowType.isLargeUtf8(type) || ArrowType.isUtf8View(type)) return "string";
  if (
    ArrowType.isBinary(type) ||
    ArrowType.isLargeBinary(type) ||
    ArrowType.isBinaryView(type) ||
    ArrowType.isFixedSizeBinary(type)
  )
    return "binary";
  if (ArrowType.isDate(type)) return "date";
  if (ArrowType.isTimestamp(type)) return isZoned(type.timezone) ? "timestamp" : "timestamp_ntz";
  return undefined;
}

/** The type as Arrow prints it. */
function nameOf(type: { toString(): string }): string {
  return type.toString();
}

function isZoned(timezone: string | null | undefined): boolean {
  return timezone !== null && timezone !== undefined && timezone !== "";
}

const signedNames: ReadonlyMap<number, PrimitiveName> = new Map([
  [8, "byte"],
  [16, "short"],
  [32, "integer"],
  [64, "long"],
]);

const unsignedNames: ReadonlyMap<number, PrimitiveName> = new Map([
  [8, "short"],
  [16, "integer"],
  [32, "long"],
]);
