// format/value/partition-value.ts: values of partition columns as the log spells them. PROTOCOL.md, "Partition Value Serialization".
import { formatDate, formatTimestamp, formatTimestampNtz, parseDate, parseTimestamp } from "../text/calendar.ts";
import { fitsDecimal, formatDecimal, parseDecimal, rescaleDecimal } from "../text/decimal.ts";
import { AlluviumError } from "../text/error.ts";
import { corruptLog } from "../text/expect.ts";
import { formatDouble, formatFloat, parseFloatingPoint } from "../text/java-number.ts";
import type { DataType, PrimitiveName } from "../schema/schema.ts";
import { formatType } from "../schema/schema-type.ts";

/**
 * A value of a primitive type:
 * boolean → boolean; byte, short, integer → number; long → bigint; float, double → number;
 * decimal → plain text with exactly as many digits after the point as the type's scale; string → string;
 * binary → Uint8Array; date → number, days since 1970-01-01; timestamp, timestamp_ntz → bigint, microseconds since
 * 1970-01-01T00:00:00 (UTC).
 */
export type PartitionScalar = null | boolean | number | bigint | string | Uint8Array;

/**
 * Reads a partition value; "" is null for every type.
 * @throws AlluviumError `CORRUPT_LOG` when the text is no value of the type
 */
export function parsePartitionValue(text: string | null, type: DataType): PartitionScalar {
  if (text === null || text === "") return null;
  const value = parseScalar(text, type);
  if (value !== null) return value;
  throw corruptLog({ path: "partitionValues" }, `${JSON.stringify(text)} is no value of type ${formatType(type)}`);
}

/**
 * Writes a partition value. Empty text and empty binary become null when read again, as the protocol says.
 * @throws AlluviumError `INVALID_ARGUMENT` when the value is not of the type
 */
export function formatPartitionValue(value: PartitionScalar, type: DataType): string | null {
  if (value === null) return null;
  const text = formatScalar(value, type);
  if (text !== null) return text;
  const message = `The partition value ${String(value)} is not of type ${formatType(type)}.`;
  throw new AlluviumError("INVALID_ARGUMENT", { type: formatType(type) }, message);
}

function parseScalar(text: string, type: DataType): PartitionScalar {
  if (type.kind === "decimal") return parseDecimalText(text, type.precision, type.scale);
  if (type.kind !== "primitive") return null;
  switch (type.name) {
    case "boolean":
      return parseBoolean(text.trim().toLowerCase());
    case "byte":
    case "short":
    case "integer": {
      const integer = parseInteger(text, type.name);
      return integer === null ? null : Number(integer);
    }
    case "long":
      return parseInteger(text, "long");
    case "float": {
      const float = parseFloatingPoint(text);
      return float === null ? null : Math.fround(float);
    }
    case "double":
      return parseFloatingPoint(text);
    case "string":
      return text;
    case "binary":
      return parseBinary(text);
    case "date":
      return parseDate(text);
    case "timestamp":
      return parseTimestamp(text);
    case "timestamp_ntz":
      return parseTimestamp(text, false);
    case "void":
    case "variant":
      return null;
  }
}

function formatScalar(value: NonNullable<PartitionScalar>, type: DataType): string | null {
  if (type.kind === "decimal")
    return typeof value === "string" ? parseDecimalText(value, type.precision, type.scale) : null;
  if (type.kind !== "primitive") return null;
  switch (type.name) {
    case "boolean":
      return typeof value === "boolean" ? String(value) : null;
    case "byte":
    case "short":
    case "integer":
    case "long":
      return (typeof value === "number" || typeof value === "bigint") && isInteger(value, type.name)
        ? String(value)
        : null;
    case "float":
      return typeof value === "number" ? formatFloat(value) : null;
    case "double":
      return typeof value === "number" ? formatDouble(value) : null;
    case "string":
      return typeof value === "string" ? value : null;
    case "binary":
      return value instanceof Uint8Array ? formatBinary(value) : null;
    case "date":
      return typeof value === "number" && Number.isInteger(value) ? formatDate(value) : null;
    case "timestamp":
      return typeof value === "bigint" ? formatTimestamp(value) : null;
    case "timestamp_ntz":
      return typeof value === "bigint" ? formatTimestampNtz(value) : null;
    case "void":
    case "variant":
      return null;
  }
}

/** The protocol knows true and false; Spark reads these too, and so other writers may have written them. */
function parseBoolean(text: string): boolean | null {
  if (["true", "t", "yes", "y", "1"].includes(text)) return true;
  return ["false", "f", "no", "n", "0"].includes(text) ? false : null;
}

const integerBits: { readonly [name in PrimitiveName]?: number } = { byte: 8, short: 16, integer: 32, long: 64 };

function parseInteger(text: string, name: PrimitiveName): bigint | null {
  const trimmed = text.trim();
  if (!/^[+-]?\d{1,30}$/.test(trimmed)) return null;
  const integer = BigInt(trimmed.replace(/^\+/, ""));
  return isInteger(integer, name) ? integer : null;
}

function isInteger(value: number | bigint, name: PrimitiveName): boolean {
  if (typeof value === "number" && !Number.isSafeInteger(value)) return false;
  const integer = BigInt(value);
  return BigInt.asIntN(integerBits[name] ?? 0, integer) === integer;
}

function parseDecimalText(text: string, precision: number, scale: number): string | null {
  const value = parseDecimal(text);
  const rescaled = value !== null && fitsDecimal(value, precision, scale) ? rescaleDecimal(value, scale) : null;
  return rescaled === null ? null : formatDecimal(rescaled);
}

// The protocol says "escaped binary values" without saying how. Spark takes the bytes for UTF-8 text; other writers
// spell each byte as a backslash, u and four hexadecimal digits. Both are read; the second is written for bytes that
// are no text.
const escapedBytes = /^(?:\\u00[0-9a-fA-F]{2})+$/;

function parseBinary(text: string): Uint8Array {
  if (!escapedBytes.test(text)) return new TextEncoder().encode(text);
  return Uint8Array.from(text.slice(2).split("\\u"), (hex) => Number.parseInt(hex, 16));
}

function formatBinary(bytes: Uint8Array): string {
  const text = decodeUtf8(bytes);
  if (text !== null && !escapedBytes.test(text)) return text;
  return Array.from(bytes, (byte) => `\\u${byte.toString(16).toUpperCase().padStart(4, "0")}`).join("");
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
