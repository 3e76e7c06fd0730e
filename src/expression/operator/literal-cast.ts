// expression/operator/literal-cast.ts: casts of literals, done while the expression is read. Spark's ANSI casts.
import type { DataType, PrimitiveName } from "../../format/schema/schema.ts";
import { finalError } from "../tree/bound.ts";
import type { Literal } from "../tree/expression.ts";
import { plainDecimal } from "../parse/parse-literal.ts";
import { microsPerDay, parseDate, parseTimestamp } from "../tree/temporal.ts";
import { typeName } from "../tree/value-type.ts";

/**
 * A literal as another type; undefined when it is left to DuckDB.
 * @throws AlluviumError `INVALID_PREDICATE` when the value has no counterpart in that type
 */
export function castLiteral(literal: Literal, to: DataType): Literal | undefined {
  if (literal.type === "null") return literal;
  if (to.kind === "decimal") return toDecimal(literal, to);
  if (to.kind !== "primitive") return undefined;
  const result = casts[to.name]?.(literal);
  if (result === null)
    throw finalError(`${literalText(literal)} cannot be read as ${typeName(to)}`, "CAST_INVALID_INPUT");
  return result;
}

/** A literal for a message. */
export function literalText(literal: Literal): string {
  switch (literal.type) {
    case "null":
      return "NULL";
    case "boolean":
    case "integer":
    case "double":
      return String(literal.value);
    case "decimal":
      return literal.text;
    case "string":
      return JSON.stringify(literal.value);
    case "binary":
      return "a binary value";
    case "date":
      return "a date";
    case "timestamp":
    case "timestamp_ntz":
      return "a timestamp";
  }
}

/** null: no such value; undefined: left to DuckDB. */
type Cast = (literal: Literal) => Literal | null | undefined;

const casts: Partial<Record<PrimitiveName, Cast>> = {
  boolean: toBoolean,
  byte: (literal) => toInteger(literal, 2n ** 7n),
  short: (literal) => toInteger(literal, 2n ** 15n),
  integer: (literal) => toInteger(literal, 2n ** 31n),
  long: (literal) => toInteger(literal, 2n ** 63n),
  float: (literal) => toDouble(literal, Math.fround),
  double: (literal) => toDouble(literal, (value) => value),
  string: toText,
  binary: (literal) =>
    literal.type === "binary"
      ? literal
      : literal.type === "string"
        ? { type: "binary", value: new TextEncoder().encode(literal.value) }
        : undefined,
  date: toDate,
  timestamp: (literal) => toTimestamp(literal, "timestamp"),
  timestamp_ntz: (literal) => toTimestamp(literal, "timestamp_ntz"),
};

function toBoolean(literal: Literal): Literal | null | undefined {
  if (literal.type === "boolean") return literal;
  if (literal.type === "integer") return { type: "boolean", value: literal.value !== 0n };
  if (literal.type !== "string") return undefined;
  const word = literal.value.trim().toLowerCase();
  if (["t", "true", "y", "yes", "1"].includes(word)) return { type: "boolean", value: true };
  return ["f", "false", "n", "no", "0"].includes(word) ? { type: "boolean", value: false } : null;
}

function toInteger(literal: Literal, limit: bigint): Literal | null | undefined {
  const value = wholeOf(literal);
  if (value === undefined || value === null) return value;
  return value >= -limit && value < limit ? { type: "integer", value } : null;
}

function wholeOf(literal: Literal): bigint | null | undefined {
  switch (literal.type) {
    case "integer":
      return literal.value;
    case "boolean":
      return literal.value ? 1n : 0n;
    case "decimal":
      return BigInt(literal.text.replace(/\..*$/, "").replace(/^-$/, "0"));
    case "double":
      return Number.isFinite(literal.value) ? BigInt(Math.trunc(literal.value)) : null;
    case "string":
      return /^\s*[+-]?\d+\s*$/.test(literal.value) ? BigInt(literal.value.trim().replace(/^\+/, "")) : null;
    case "null":
    case "binary":
    case "date":
    case "timestamp":
    case "timestamp_ntz":
      return undefined;
  }
}

const named: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "+inf": Number.POSITIVE_INFINITY,
  infinity: Number.POSITIVE_INFINITY,
  "+infinity": Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  "-infinity": Number.NEGATIVE_INFINITY,
};

function toDouble(literal: Literal, round: (value: number) => number): Literal | null | undefined {
  const value = numberOf(literal);
  return typeof value === "number" ? { type: "double", value: round(value) } : value;
}

/** A literal as a double, rounded to the nearest; null when a text is no number, undefined when it is no number by nature. */
function numberOf(literal: Literal): number | null | undefined {
  switch (literal.type) {
    case "integer":
      return Number(literal.value);
    case "decimal":
      return Number(literal.text);
    case "double":
      return literal.value;
    case "boolean":
      return literal.value ? 1 : 0;
    case "string": {
      const word = literal.value.trim().toLowerCase();
      if (Object.hasOwn(named, word)) return named[word];
      return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?[df]?$/.test(word) ? Number(word.replace(/[df]$/, "")) : null;
    }
    case "null":
    case "binary":
    case "date":
    case "timestamp":
    case "timestamp_ntz":
      return undefined;
  }
}

function toText(literal: Literal): Literal | undefined {
  if (literal.type === "string") return literal;
  if (literal.type === "boolean" || literal.type === "integer") return { type: "string", value: String(literal.value) };
  return literal.type === "decimal" ? { type: "string", value: literal.text } : undefined;
}

function toDate(literal: Literal): Literal | null | undefined {
  if (literal.type === "date") return literal;
  if (literal.type === "timestamp" || literal.type === "timestamp_ntz")
    return { type: "date", days: Number(floorDivide(literal.micros, microsPerDay)) };
  if (literal.type !== "string") return undefined;
  const days = parseDate(literal.value);
  return days === null ? null : { type: "date", days };
}

function toTimestamp(literal: Literal, type: "timestamp" | "timestamp_ntz"): Literal | null | undefined {
  if (literal.type === "timestamp" || literal.type === "timestamp_ntz") return { type, micros: literal.micros };
  if (literal.type === "date") return { type, micros: BigInt(literal.days) * microsPerDay };
  if (literal.type !== "string") return undefined;
  const parsed = parseTimestamp(literal.value);
  if (parsed === null) return null;
  return { type, micros: type === "timestamp" ? parsed.micros : parsed.localMicros };
}

function toDecimal(literal: Literal, to: { readonly precision: number; readonly scale: number }): Literal | undefined {
  const digits =
    literal.type === "integer"
      ? String(literal.value)
      : literal.type === "decimal"
        ? literal.text
        : literal.type === "string"
          ? literal.value.trim()
          : "";
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(digits)) return undefined;
  const [whole = "", fraction = ""] = plainDecimal(digits).split(".");
  const kept = fraction.replace(/0+$/, "");
  const isExact = kept.length <= to.scale && whole.replace(/^-?0*/, "").length <= to.precision - to.scale;
  if (!isExact) return undefined;
  return { type: "decimal", text: to.scale === 0 ? whole : `${whole}.${kept.padEnd(to.scale, "0")}` };
}

/** Division that rounds down, also below zero. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by !== 0n && value < 0n ? quotient - 1n : quotient;
}
