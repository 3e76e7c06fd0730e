// expression/parse/parse-type.ts: types as Spark's CAST spells them.
import type { DataType, PrimitiveName, StructField } from "../../format/schema/schema.ts";
import type { TokenCursor } from "./token-cursor.ts";
import { primitive } from "../tree/syntax.ts";

/** The type that a word alone names in Spark SQL, or undefined. `word` is in lower case. */
export function typeOfWord(word: string): DataType | undefined {
  if (Object.hasOwn(decimals, word)) return { kind: "decimal", precision: 10, scale: 0 };
  const name = Object.hasOwn(names, word) ? names[word] : undefined;
  return name === undefined ? undefined : primitive(name);
}

/**
 * Reads a type.
 * @throws AlluviumError `INVALID_PREDICATE` for a name that is no type
 */
export function parseType(cursor: TokenCursor): DataType {
  return cursor.nested(() => readType(cursor));
}

const names: Readonly<Record<string, PrimitiveName>> = {
  boolean: "boolean",
  tinyint: "byte",
  byte: "byte",
  smallint: "short",
  short: "short",
  int: "integer",
  integer: "integer",
  bigint: "long",
  long: "long",
  float: "float",
  real: "float",
  double: "double",
  string: "string",
  binary: "binary",
  date: "date",
  timestamp: "timestamp",
  timestamp_ltz: "timestamp",
  timestamp_ntz: "timestamp_ntz",
  void: "void",
  variant: "variant",
};

const decimals: Readonly<Record<string, true>> = { decimal: true, dec: true, numeric: true };

function readType(cursor: TokenCursor): DataType {
  const token = cursor.peek();
  const word = token.kind === "word" ? token.text.toLowerCase() : "";
  const known = typeOfWord(word);
  if (known !== undefined) {
    cursor.next();
    return known.kind === "decimal" ? readDecimal(cursor) : known;
  }
  if (cursor.takeWord(["char", "character", "varchar"])) {
    if (cursor.takeSymbol("(")) {
      readCount(cursor);
      cursor.expectSymbol(")");
    }
    return primitive("string");
  }
  if (cursor.takeWord("array")) return readArray(cursor);
  if (cursor.takeWord("map")) return readMap(cursor);
  if (cursor.takeWord("struct")) return readStruct(cursor);
  throw cursor.fail("this is not a type:");
}

function readDecimal(cursor: TokenCursor): DataType {
  if (!cursor.takeSymbol("(")) return { kind: "decimal", precision: 10, scale: 0 };
  const precision = readCount(cursor);
  const scale = cursor.takeSymbol(",") ? readCount(cursor) : 0;
  if (precision < 1 || precision > 38 || scale > precision) throw cursor.fail("a decimal has 1 to 38 digits:");
  cursor.expectSymbol(")");
  return { kind: "decimal", precision, scale };
}

function readCount(cursor: TokenCursor): number {
  const token = cursor.peek();
  if (token.kind !== "number" || !/^\d+$/.test(token.text)) throw cursor.fail("a whole number is missing");
  cursor.next();
  return Number(token.text);
}

function readArray(cursor: TokenCursor): DataType {
  cursor.expectSymbol("<");
  const elementType = parseType(cursor);
  cursor.expectAngle();
  return { kind: "array", elementType, containsNull: true };
}

function readMap(cursor: TokenCursor): DataType {
  cursor.expectSymbol("<");
  const keyType = parseType(cursor);
  cursor.expectSymbol(",");
  const valueType = parseType(cursor);
  cursor.expectAngle();
  return { kind: "map", keyType, valueType, valueContainsNull: true };
}

function readStruct(cursor: TokenCursor): DataType {
  const fields: StructField[] = [];
  cursor.expectSymbol("<");
  do {
    const name = cursor.expectName();
    cursor.takeSymbol(":");
    fields.push({ name, type: parseType(cursor), nullable: true, metadata: {} });
  } while (cursor.takeSymbol(","));
  cursor.expectAngle();
  return { kind: "struct", fields };
}
