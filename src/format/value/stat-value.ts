// format/value/stat-value.ts: bounds in statistics to values of a column's type and back. PROTOCOL.md, "Per-file Statistics".
import { formatDate, formatTimestampMs, parseDate, parseTimestamp } from "../text/calendar.ts";
import { compareDecimals, formatDecimal, parseDecimal, rescaleDecimal } from "../text/decimal.ts";
import { formatDouble, formatFloat } from "../text/java-number.ts";
import type { PartitionScalar } from "./partition-value.ts";
import type { DataType, DecimalType } from "../schema/schema.ts";

/** A number of statistics whose digits a double cannot keep, or must not change: it is written as it is spelled. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** The digits. */
  toString(): string {
    return this.text;
  }
}

/** A bound as the log spells it; `readBound` turns it into a value of the column's type. */
export type StatValue = boolean | number | bigint | string | ExactNumber;

/**
 * Reads a bound as a value of the column's type, in the units of `PartitionScalar`; null when it says nothing about the type, such as a
 * number that is beyond it: no row has it, and what the writer meant nobody knows.
 * Timestamps are cut down to milliseconds when written, so an upper one is moved up by a millisecond. Text may be cut
 * off: a lower bound is then a prefix, an upper one is above all texts of its prefix. A decimal keeps the digits it was
 * written with. The order of text is that of `compareText`; NaN is above all numbers.
 */
export function readBound(value: StatValue | undefined, type: DataType, side: "min" | "max"): PartitionScalar {
  if (value === undefined) return null;
  if (type.kind === "decimal") return readDecimal(value, type);
  if (type.kind !== "primitive") return null;
  switch (type.name) {
    case "byte":
    case "short":
    case "integer":
      return typeof value === "number" && Number.isSafeInteger(value) && isInRange(value, type) ? value : null;
    case "long": {
      const isWhole = typeof value === "bigint" || (typeof value === "number" && Number.isSafeInteger(value));
      return isWhole && isInRange(value, type) ? BigInt(value) : null;
    }
    case "float":
    case "double": {
      const number = readDouble(value);
      if (number === null || type.name === "double") return number;
      return Number.isFinite(number) && !Number.isFinite(Math.fround(number)) ? null : Math.fround(number);
    }
    case "string":
      return typeof value === "string" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? parseDate(value) : null;
    case "timestamp":
    case "timestamp_ntz": {
      const micros = typeof value === "string" ? parseTimestamp(value, type.name === "timestamp") : null;
      return micros === null || side === "min" ? micros : micros + 1000n;
    }
    case "binary":
    case "void":
    case "variant":
      return null;
  }
}

/**
 * Spells a bound for the log; null when the type has no bounds or the value is null. Text must have been cut by
 * `truncateMin` or `truncateMax` before.
 */
export function toStatValue(value: PartitionScalar, type: DataType): StatValue | null {
  if (value === null) return null;
  if (type.kind === "decimal") return typeof value === "string" ? decimalNumber(value, type.scale) : null;
  if (type.kind !== "primitive") return null;
  switch (type.name) {
    case "byte":
    case "short":
    case "integer":
    case "long":
      return typeof value === "bigint" || typeof value === "number" ? shortestInteger(BigInt(value)) : null;
    case "float":
    case "double":
      return typeof value === "number" ? floatingPoint(value, type.name === "float") : null;
    case "string":
      return typeof value === "string" ? value : null;
    case "date":
      return typeof value === "number" ? formatDate(value) : null;
    case "timestamp":
      return typeof value === "bigint" ? `${formatTimestampMs(value)}Z` : null;
    case "timestamp_ntz":
      return typeof value === "bigint" ? formatTimestampMs(value) : null;
    case "boolean":
    case "binary":
    case "void":
    case "variant":
      return null;
  }
}

function readDouble(value: StatValue): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" || value instanceof ExactNumber) return Number(value.toString());
  if (value === "NaN") return Number.NaN;
  return value === "Infinity" ? Number.POSITIVE_INFINITY : value === "-Infinity" ? Number.NEGATIVE_INFINITY : null;
}

/** What the whole numbers and decimals of a type are not below, and not above, in their absolute value; null for other types. */
export function magnitudeOf(type: DataType): bigint | null {
  if (type.kind === "decimal") return 10n ** BigInt(type.precision - type.scale);
  const bits = type.kind === "primitive" ? wholeBits[type.name] : undefined;
  return bits === undefined ? null : 2n ** BigInt(bits - 1);
}

const wholeBits: Readonly<Record<string, number>> = { byte: 8, short: 16, integer: 32, long: 64 };

function isInRange(value: number | bigint, type: DataType): boolean {
  const magnitude = magnitudeOf(type) ?? 0n;
  return value >= -magnitude && value < magnitude;
}

function readDecimal(value: StatValue, type: DecimalType): string | null {
  const decimal = typeof value === "boolean" ? null : parseDecimal(String(value));
  if (decimal === null) return null;
  const limit = { unscaled: magnitudeOf(type) ?? 0n, scale: 0 };
  const absolute = { ...decimal, unscaled: decimal.unscaled < 0n ? -decimal.unscaled : decimal.unscaled };
  return compareDecimals(absolute, limit) < 0 ? formatDecimal(rescaleDecimal(decimal, type.scale) ?? decimal) : null;
}

function decimalNumber(text: string, scale: number): ExactNumber | null {
  const decimal = parseDecimal(text);
  return decimal === null ? null : new ExactNumber(formatDecimal(rescaleDecimal(decimal, scale) ?? decimal));
}

function shortestInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function floatingPoint(value: number, isFloat: boolean): ExactNumber | string {
  if (!Number.isFinite(value)) return String(value);
  return new ExactNumber(isFloat ? formatFloat(value) : formatDouble(value));
}
