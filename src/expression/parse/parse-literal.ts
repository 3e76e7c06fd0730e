// expression/parse/parse-literal.ts: the literals of Spark SQL. Spark's SqlBaseParser, rules `constant` and `number`.
import type { DataType } from "../../format/schema/schema.ts";
import { primitive, textSyntax } from "../tree/syntax.ts";
import type { Syntax } from "../tree/syntax.ts";
import { parseDate, parseTimestamp } from "../tree/temporal.ts";
import type { Token } from "./token.ts";
import type { TokenCursor } from "./token-cursor.ts";

/**
 * Reads the number at the cursor; `isNegative` when a minus sign stands before it, so that -2^63 is a long.
 * @throws AlluviumError `INVALID_PREDICATE` when it does not fit its type
 */
export function parseNumber(cursor: TokenCursor, isNegative: boolean): Syntax {
  const token = cursor.peek();
  const found = /^([\d.]+(?:[eE][+-]?\d+)?)(BD|[LSYDF])?$/i.exec(token.text);
  if (found === null) throw cursor.fail("this is not a number:");
  const digits = `${isNegative ? "-" : ""}${found[1] ?? ""}`;
  const node = typedNumber(digits, (found[2] ?? "").toUpperCase(), token.at);
  if (node === null) throw cursor.fail(`the number ${digits} does not fit its type`);
  cursor.next();
  return node;
}

/** Reads one or more string tokens, which count as one text. */
export function parseText(cursor: TokenCursor): Syntax {
  const first = cursor.next();
  let value = first.value;
  while (cursor.peek().kind === "string") value += cursor.next().value;
  return textSyntax(value, first.at);
}

/**
 * Reads `DATE'…'`, `TIMESTAMP'…'`, `TIMESTAMP_LTZ'…'`, `TIMESTAMP_NTZ'…'` or `X'…'` if one is there.
 * @throws AlluviumError `INVALID_PREDICATE` when the text in quotes does not suit the word before it
 */
export function parseTypedLiteral(cursor: TokenCursor): Syntax | null {
  const word = cursor.peek();
  const text = cursor.peek(1);
  if (word.kind !== "word" || text.kind !== "string") return null;
  const node = typedLiteral(word, text.value);
  if (node === undefined) return null;
  if (node === null) throw cursor.fail(`this is not a ${word.text.toUpperCase()} literal:`);
  cursor.next();
  cursor.next();
  return node;
}

/** Bytes of hexadecimal text, an odd first digit counting as one byte, as in Spark; null when it is none. */
export function parseHex(text: string): Uint8Array | null {
  if (!/^[0-9a-fA-F]*$/.test(text)) return null;
  const even = text.length % 2 === 0 ? text : `0${text}`;
  return Uint8Array.from({ length: even.length / 2 }, (_, index) =>
    Number.parseInt(even.slice(2 * index, 2 * index + 2), 16),
  );
}

const integers: Readonly<Record<string, readonly ["byte" | "short" | "long", bigint]>> = {
  Y: ["byte", 2n ** 7n],
  S: ["short", 2n ** 15n],
  L: ["long", 2n ** 63n],
};

function typedNumber(digits: string, suffix: string, at: number): Syntax | null {
  const isWhole = /^-?\d+$/.test(digits);
  if (suffix === "D") return doubleNode(Number(digits), primitive("double"), at);
  if (suffix === "F") return doubleNode(Math.fround(Number(digits)), primitive("float"), at);
  if (suffix === "BD") return decimalNode(digits, at);
  if (suffix !== "") {
    const [name, limit] = integers[suffix] ?? ["long", 0n];
    if (!isWhole) return null;
    const value = BigInt(digits);
    return value >= -limit && value < limit ? integerNode(value, name, at) : null;
  }
  if (isWhole) return wholeNode(BigInt(digits), at);
  return /e/i.test(digits) ? doubleNode(Number(digits), primitive("double"), at) : decimalNode(digits, at);
}

function wholeNode(value: bigint, at: number): Syntax | null {
  if (value >= -(2n ** 31n) && value < 2n ** 31n) return integerNode(value, "integer", at);
  if (value >= -(2n ** 63n) && value < 2n ** 63n) return integerNode(value, "long", at);
  return decimalNode(value.toString(), at);
}

function integerNode(value: bigint, name: "byte" | "short" | "integer" | "long", at: number): Syntax {
  return { kind: "literal", literal: { type: "integer", value }, type: primitive(name), at };
}

function doubleNode(value: number, type: DataType, at: number): Syntax | null {
  return Number.isFinite(value) ? { kind: "literal", literal: { type: "double", value }, type, at } : null;
}

function decimalNode(digits: string, at: number): Syntax | null {
  const type = decimalTypeOf(digits);
  return type === null ? null : { kind: "literal", literal: { type: "decimal", text: plainDecimal(digits) }, type, at };
}

/** The smallest decimal type that holds a number written in digits, or null when 38 digits are not enough. */
export function decimalTypeOf(digits: string): DataType | null {
  const plain = plainDecimal(digits).replace("-", "");
  const [whole = "", fraction = ""] = plain.split(".");
  const scale = fraction.length;
  const precision = Math.max(whole.replace(/^0+/, "").length + scale, scale, 1);
  return precision <= 38 ? { kind: "decimal", precision, scale } : null;
}

/** A decimal without exponent: digits, a point and digits only if needed. */
export function plainDecimal(digits: string): string {
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(digits);
  const [sign, whole, fraction, exponent] = [
    found?.[1] ?? "",
    found?.[2] ?? "",
    found?.[3] ?? "",
    Number(found?.[4] ?? 0),
  ];
  const all = whole + fraction;
  const point = Math.max(-400, Math.min(400, whole.length + exponent)); // beyond 38 digits it is refused anyway
  const left = point <= 0 ? "0" : all.slice(0, point).padEnd(point, "0");
  const right = point <= 0 ? "0".repeat(-point) + all : all.slice(point);
  return `${sign === "-" ? "-" : ""}${left.replace(/^0+(?=\d)/, "")}${right === "" ? "" : `.${right}`}`;
}

/** undefined: not a word that starts a literal; null: the text does not suit it. */
function typedLiteral(word: Token, text: string): Syntax | null | undefined {
  const at = word.at;
  switch (word.text.toLowerCase()) {
    case "date": {
      const days = parseDate(text);
      return days === null ? null : { kind: "literal", literal: { type: "date", days }, type: primitive("date"), at };
    }
    case "timestamp":
    case "timestamp_ltz":
      return timestampNode(text, "timestamp", at);
    case "timestamp_ntz":
      return timestampNode(text, "timestamp_ntz", at);
    case "x": {
      const value = parseHex(text);
      return value === null
        ? null
        : { kind: "literal", literal: { type: "binary", value }, type: primitive("binary"), at };
    }
    default:
      return undefined;
  }
}

function timestampNode(text: string, type: "timestamp" | "timestamp_ntz", at: number): Syntax | null {
  const parsed = parseTimestamp(text);
  if (parsed === null || (type === "timestamp_ntz" && parsed.hasZone)) return null;
  return { kind: "literal", literal: { type, micros: parsed.micros }, type: primitive(type), at };
}
