// reader/file-type.ts: whether what a data file holds can be read as what the schema says, every value as it is. The Parquet reader itself would
// cast anything to anything, and round. What Spark's
// reader takes is taken, but where it would make other values of them.
import type { ParquetNode } from "../engine/parquet/parquet-tree.ts";
import { formatType } from "../format/schema/schema-type.ts";
import type { DataType, DecimalType, PrimitiveName } from "../format/schema/schema.ts";

/** The types of a column, or of a part of one, where they do not agree; null where every value can be read as it is. */
export function misfitOf(node: ParquetNode, type: DataType): Omit<Misfit, "path"> | null {
  return isReadAs(node, type) ? null : { found: typeOf(node), expected: formatType(type) };
}

/** A column, or a part of one, that a file holds as something else. */
export interface Misfit {
  /** The column's name, and those of fields below it, with points between them. */
  readonly path: string;
  readonly found: string;
  readonly expected: string;
}

/** What of a file the Parquet reader does not know, whichever columns are read; null when it knows all. */
export function unknownIn(nodes: readonly ParquetNode[]): string | null {
  for (const { name, annotation, children } of nodes) {
    if (/\bBSON\b|\bBsonType\b/.test(annotation)) return `${name} (BSON)`;
    if (annotation.endsWith("MAP_KEY_VALUE") && children.length === 1) return `${name} (MAP_KEY_VALUE)`;
    const below = unknownIn(children);
    if (below !== null) return below;
  }
  return null;
}

/** What a node is, spelled as in SQL. */
function typeOf(node: ParquetNode): string {
  if (isList(node)) return "array";
  if (isMap(node)) return "map";
  return node.children.length > 0 ? "struct" : node.type;
}

function isReadAs(node: ParquetNode, type: DataType): boolean {
  // A column of nothing but null is of every type.
  if (node.type === "void") return true;
  switch (type.kind) {
    case "struct":
      return node.children.length > 0 && node.repetition !== "repeated" && !isList(node) && !isMap(node);
    case "array":
      return isList(node);
    case "map":
      return isMap(node);
    case "decimal":
      return node.children.length === 0 && node.repetition !== "repeated" && fitsDecimal(node.type, type);
    case "primitive":
      if (type.name === "variant" || type.name === "void") return true;
      return node.children.length === 0 && node.repetition !== "repeated" && fitsPrimitive(node.type, type.name);
  }
}

/** A repeated node outside of any list is a list of itself. The Parquet format, "Lists". */
const isList = (node: ParquetNode): boolean =>
  node.repetition === "repeated" || (/\bLIST\b|\bListType\b/.test(node.annotation) && node.children.length === 1);

/** The Parquet format, "Maps". */
const isMap = (node: ParquetNode): boolean =>
  node.repetition !== "repeated" &&
  /\bMAP|\bMapType\b/.test(node.annotation) &&
  node.children.length === 1 &&
  node.children[0]?.children.length === 2;

function fitsPrimitive(found: string, name: PrimitiveName): boolean {
  const decimal = parseDecimal(found);
  if (decimal === null) return readAs[found]?.includes(name) === true;
  if (decimal.scale > 0) return false;
  return decimal.precision <= 9 ? smallWhole.includes(name) : decimal.precision <= 18 && name === "long";
}

function fitsDecimal(found: string, { precision, scale }: DecimalType): boolean {
  const own = parseDecimal(found) ?? { precision: wholeDigits[found] ?? Infinity, scale: 0 };
  return scale >= own.scale && precision - scale >= own.precision - own.scale;
}

function parseDecimal(text: string): Pick<DecimalType, "precision" | "scale"> | null {
  const [, precision, scale] = /^decimal\((\d+),(\d+)\)$/.exec(text) ?? [];
  return precision === undefined ? null : { precision: Number(precision), scale: Number(scale) };
}

const smallWhole: readonly PrimitiveName[] = ["integer", "long", "double"];

// Whole numbers are read as narrower ones too, as other engines do for writers that do not say how wide a column is: the Parquet
// reader refuses a value that does not fit.
const whole: readonly PrimitiveName[] = ["byte", "short", "integer", "long", "double"];

/** The types as which all values of a type of a file are read. */
const readAs: Readonly<Record<string, readonly PrimitiveName[]>> = {
  boolean: ["boolean"],
  tinyint: whole,
  smallint: whole,
  int: [...whole, "date"],
  utinyint: whole,
  usmallint: whole,
  uint: ["long", "double"],
  bigint: ["long"],
  float16: ["float", "double"],
  float: ["float", "double"],
  double: ["double"],
  date: ["date", "timestamp_ntz"],
  timestamp: ["timestamp", "timestamp_ntz"],
  timestamp_ntz: ["timestamp", "timestamp_ntz"],
  string: ["string", "binary"],
  binary: ["string", "binary"],
  fixed: ["binary"],
  uuid: ["binary"],
};

/**
 * The type in which a file holds a column whose values are read as those of a finer type: one with values between two neighbours of the
 * file's; null where it is none such.
 */
export function narrowerType(found: string, type: DataType): DataType | null {
  const own = parseDecimal(found);
  if (type.kind === "decimal") {
    if (own !== null) return own.scale === type.scale ? null : { kind: "decimal", ...own };
    return found in wholeDigits ? wholeNumber(found) : null;
  }
  if (type.kind !== "primitive") return null;
  if (type.name === "timestamp_ntz") return found === "date" ? { kind: "primitive", name: "date" } : null;
  if (type.name !== "double") return null;
  if (own !== null) return { kind: "decimal", ...own };
  if (found === "float" || found === "float16") return { kind: "primitive", name: "float" };
  return found in wholeDigits ? wholeNumber(found) : null;
}

const wholeNumber = (found: string): DataType =>
  found === "ubigint" ? { kind: "decimal", precision: 20, scale: 0 } : { kind: "primitive", name: "long" };

/** Digits before the point that a decimal must have. Spark asks for 10 and 20; tables whose bytes were widened to decimal(4,1) are there all the same. */
const wholeDigits: Readonly<Record<string, number>> = {
  tinyint: 3,
  smallint: 5,
  int: 10,
  utinyint: 3,
  usmallint: 5,
  uint: 10,
  bigint: 19,
  ubigint: 20,
};
