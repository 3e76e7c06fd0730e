// engine/parquet/parquet-tree.ts: the columns of a Parquet file as its footer lists them, and what type each leaf says it is of. The Parquet
// format, "Metadata" (parquet.thrift) and "Logical Types".
import type { ThriftReader } from "./thrift-compact.ts";

/** A column, or a field in one. */
export interface ParquetNode {
  readonly name: string;
  /** "" for a node with children. */
  readonly physicalType: string;
  /** Logical and converted type, as `StringType() UTF8`; "" when the writer gave none. */
  readonly annotation: string;
  /** What the values of a leaf are, spelled as in SQL, as `decimal(9,2)`, `int`, `uint` or `timestamp_ns`; "" for a node with children. */
  readonly type: string;
  readonly repetition: "required" | "optional" | "repeated";
  readonly fieldId: number | null;
  readonly children: readonly ParquetNode[];
}

/** A node as the footer lists it: before its children. */
export type SchemaElement = Omit<ParquetNode, "children"> & { readonly childCount: number };

/** The child of that name, compared as DuckDB does: without regard to case. */
export function childNamed(nodes: readonly ParquetNode[], name: string): ParquetNode | undefined {
  const lower = name.toLowerCase();
  return nodes.find((node) => node.name === name) ?? nodes.find((node) => node.name.toLowerCase() === lower);
}

/** The nodes that some names lead through, the last one theirs; null where there is none. Names are compared as they are. */
export function nodesTo(tree: readonly ParquetNode[], path: readonly string[]): readonly ParquetNode[] | null {
  const nodes: ParquetNode[] = [];
  for (const name of path) {
    const node = (nodes.at(-1)?.children ?? tree).find((child) => child.name === name);
    if (node === undefined) return null;
    nodes.push(node);
  }
  return nodes;
}

/**
 * Reads one element of a footer's schema.
 * @throws RangeError when it is damaged
 */
export function readElement(reader: ThriftReader): SchemaElement {
  let [physicalType, logical, converted, name, childCount] = ["", "", "", "", 0];
  let [precision, scale] = [0, 0];
  let fieldId: number | null = null;
  let repetition: ParquetNode["repetition"] = "required";
  reader.eachField((id) => {
    if (id === 1) physicalType = physicalTypes[reader.integer()] ?? "UNKNOWN";
    else if (id === 3) repetition = repetitions[reader.integer()] ?? "required";
    else if (id === 4) name = reader.text();
    else if (id === 5) childCount = reader.integer();
    else if (id === 6) converted = convertedTypes[reader.integer()] ?? "UNKNOWN";
    else if (id === 7) scale = reader.integer();
    else if (id === 8) precision = reader.integer();
    else if (id === 9) fieldId = reader.integer();
    else if (id === 10) logical = readLogicalType(reader);
    return id === 1 || (id >= 3 && id <= 10);
  });
  if (childCount > 0) physicalType = "";
  const decimal = `decimal(${precision},${scale})`;
  const said = annotatedType({ logical, converted, decimal }) ?? plainTypes[physicalType] ?? "";
  const type = childCount > 0 ? "" : said;
  const annotation = `${logical} ${converted}`.trim();
  return { name, physicalType, annotation, type, repetition, fieldId, childCount };
}

/**
 * The top-level columns of a schema.
 * @throws RangeError when the elements make no tree
 */
export function treeOf(elements: readonly SchemaElement[]): readonly ParquetNode[] {
  let next = 0;
  const take = (depth: number): ParquetNode => {
    const element = elements[next];
    if (element === undefined || depth > depthMax)
      throw new RangeError("the schema ends too soon or is nested too deeply");
    next += 1;
    const { childCount, ...node } = element;
    const children: ParquetNode[] = [];
    for (let index = 0; index < childCount; index += 1) children.push(take(depth + 1));
    return { ...node, children };
  };
  const root = take(0);
  if (next !== elements.length) throw new RangeError("the schema has columns outside of its root");
  return root.children;
}

const depthMax = 100;

function readLogicalType(reader: ThriftReader): string {
  let text = "";
  reader.eachField((id) => {
    const flags: string[] = [];
    reader.eachField((field, type) => {
      // A time's first field says whether it is an instant, an integer's second whether it has a sign: booleans are their type.
      if ((id === 7 || id === 8) && field === 1) flags.push(`isAdjustedToUTC=${type === 1}`);
      if (id === 10 && field === 2) flags.push(`isSigned=${type === 1}`);
      if (!((id === 7 || id === 8) && field === 2)) return false;
      reader.eachField((unit) => flags.push(timeUnits[unit] ?? "unknown unit") < 0);
      return true;
    });
    text = `${logicalTypes[id] ?? "UnknownType"}(${flags.join(", ")})`;
    return true;
  });
  return text;
}

/** Null where nothing is said that the physical type does not. */
function annotatedType({ logical, converted, decimal }: Annotation): string | null {
  const name = logical.slice(0, Math.max(0, logical.indexOf("(")));
  if (name === "TimestampType") {
    if (logical.includes("NANOS")) return "timestamp_ns";
    return logical.includes("isAdjustedToUTC=true") ? "timestamp" : "timestamp_ntz";
  }
  if (name === "DecimalType" || converted === "DECIMAL") return decimal;
  // Of the width of a whole number the converted type says as much, and its writers give that one too.
  const known = convertedNames[converted] ?? logicalNames[name];
  if (known !== undefined) return known;
  if (name === "IntType") return logical.includes("isSigned=true") ? null : "ubigint";
  return logical === "" && converted === "" ? null : "unknown";
}

interface Annotation {
  readonly logical: string;
  readonly converted: string;
  /** What a decimal would be called. */
  readonly decimal: string;
}

const repetitions = ["required", "optional", "repeated"] as const;

const timeUnits: Readonly<Record<number, string>> = { 1: "MILLIS", 2: "MICROS", 3: "NANOS" };

const physicalTypes = ["BOOLEAN", "INT32", "INT64", "INT96", "FLOAT", "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"];

const plainTypes: Readonly<Record<string, string>> = {
  BOOLEAN: "boolean",
  INT32: "int",
  INT64: "bigint",
  INT96: "timestamp",
  FLOAT: "float",
  DOUBLE: "double",
  BYTE_ARRAY: "binary",
  FIXED_LEN_BYTE_ARRAY: "fixed",
};

const convertedTypes =
  "UTF8 MAP MAP_KEY_VALUE LIST ENUM DECIMAL DATE TIME_MILLIS TIME_MICROS TIMESTAMP_MILLIS TIMESTAMP_MICROS UINT_8 UINT_16 UINT_32 UINT_64 INT_8 INT_16 INT_32 INT_64 JSON BSON INTERVAL".split(
    " ",
  );

const convertedNames: Readonly<Record<string, string>> = {
  UTF8: "string",
  ENUM: "string",
  JSON: "string",
  BSON: "binary",
  DATE: "date",
  TIME_MILLIS: "time",
  TIME_MICROS: "time",
  TIMESTAMP_MILLIS: "timestamp",
  TIMESTAMP_MICROS: "timestamp",
  UINT_8: "utinyint",
  UINT_16: "usmallint",
  UINT_32: "uint",
  UINT_64: "ubigint",
  INT_8: "tinyint",
  INT_16: "smallint",
  INT_32: "int",
  INT_64: "bigint",
  INTERVAL: "interval",
};

const logicalTypes: Readonly<Record<number, string>> = {
  1: "StringType",
  2: "MapType",
  3: "ListType",
  4: "EnumType",
  5: "DecimalType",
  6: "DateType",
  7: "TimeType",
  8: "TimestampType",
  10: "IntType",
  11: "NullType",
  12: "JsonType",
  13: "BsonType",
  14: "UUIDType",
  15: "Float16Type",
};

const logicalNames: Readonly<Record<string, string>> = {
  StringType: "string",
  EnumType: "string",
  DateType: "date",
  TimeType: "time",
  NullType: "void",
  JsonType: "string",
  BsonType: "binary",
  UUIDType: "uuid",
  Float16Type: "float16",
};
