// expression/operator/bind-cast.ts: CAST with Spark's meaning, as DuckDB SQL.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { floatText } from "../../engine/duckdb/spark-macros.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { instantIn, isPlainInstant, readableText, zoneText } from "../../engine/duckdb/text-macros.ts";
import { finalError, literalBound, literalOf, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { castLiteral } from "./literal-cast.ts";
import { type ScalarCast, nestedCast } from "./nested-cast.ts";
import { nestedText } from "./nested-text.ts";
import { floatingNames, integralNames, isNumeric, isOneOf, primitiveName, typeName } from "../tree/value-type.ts";

/**
 * `CAST(bound AS type)`; a literal is cast at once.
 * @throws AlluviumError `INVALID_PREDICATE` for a literal that has no counterpart in the type
 */
export function castBound(bound: Bound, type: DataType): Bound {
  const literal = literalOf(bound);
  const cast = literal === undefined ? undefined : castLiteral(literal, type);
  if (cast !== undefined) return literalBound(cast, type);
  const isVoid = isOneOf(bound.type, ["void"]);
  if (bound.type !== null && !isVoid && duckdbType(bound.type) === duckdbType(type)) return bound;
  requireCast(bound.type, type);
  return opaque(castText(bound, type, "CAST"), type, [bound]);
}

/** `TRY_CAST(bound AS type)`: null where the value has no counterpart. @throws AlluviumError `INVALID_PREDICATE` */
export function tryCastBound(bound: Bound, type: DataType): Bound {
  requireCast(bound.type, type);
  return opaque(castText(bound, type, "TRY_CAST"), type, [bound]);
}

/** What values of a kind can be cast to by Spark's ANSI rules; DuckDB takes more, such as a number for a date. */
function requireCast(from: DataType | null, to: DataType): void {
  const [kind, wanted] = [castKind(from), castKind(to)];
  if (kind === undefined || wanted === undefined || kind === wanted || castable[kind]?.includes(wanted) !== false)
    return;
  throw finalError(`${typeName(from)} cannot be cast to ${typeName(to)}`, "DATATYPE_MISMATCH");
}

function castKind(type: DataType | null): string | undefined {
  return isNumeric(type) ? "number" : primitiveName(type);
}

const castable: Readonly<Record<string, readonly string[]>> = {
  number: ["string", "boolean", "timestamp"],
  boolean: ["number", "string"],
  date: ["string", "timestamp", "timestamp_ntz"],
  timestamp: ["number", "string", "date", "timestamp_ntz"],
  timestamp_ntz: ["string", "date", "timestamp"],
  binary: ["string"],
};

/** A text as Spark reads it. */
function readText(sql: string, type: DataType, word: "CAST" | "TRY_CAST"): string | null {
  const name = isOneOf(type, integralNames)
    ? "whole"
    : type.kind === "decimal"
      ? "exact"
      : textKinds[primitiveName(type) ?? ""];
  if (name === undefined) return null;
  const readable = `${readableText[name]}(${sql})`;
  // A text that Spark does not read stands in quotes then, which DuckDB does not read either, and shows.
  const text = word === "CAST" ? `coalesce(${readable}, '"' || ${sql} || '"')` : readable;
  if (!isOneOf(type, ["timestamp"])) return `${word}(${text} AS ${duckdbType(type)})`;
  const instant = `${instantIn}(${word}(${text} AS TIMESTAMP), ${zoneText}(${sql}))`;
  const other = word === "CAST" ? instant : `TRY(${instant})`;
  return `(CASE WHEN ${isPlainInstant}(${sql}) THEN ${word}(${sql} AS TIMESTAMPTZ) ELSE ${other} END)`;
}

const textKinds: Readonly<Record<string, keyof typeof readableText>> = {
  float: "real",
  double: "real",
  boolean: "truth",
  date: "date",
  timestamp: "time",
  timestamp_ntz: "time",
};

function castText(bound: Bound, type: DataType, word: "CAST" | "TRY_CAST"): string {
  const { sql, type: from } = bound;
  const wanted = duckdbType(type);
  const isWhole = isOneOf(type, integralNames);
  if (isOneOf(type, ["string"]) && (from?.kind === "array" || from?.kind === "map" || from?.kind === "struct"))
    return nestedText(sql, from, (part, partType) => castText(opaque(part, partType, []), type, word));
  const isNested = from !== null && from.kind !== "primitive" && from.kind !== "decimal";
  const scalar: ScalarCast = (part, a, b) => castText(opaque(part, a, []), b, word);
  const nested = isNested && from.kind === type.kind ? nestedCast(sql, from, { to: type, scalar }) : null;
  if (nested !== null) return nested;
  // DuckDB rounds to the nearest whole number, Spark cuts off.
  if (isWhole && (isOneOf(from, floatingNames) || from?.kind === "decimal"))
    return `${word}(trunc(${sql}) AS ${wanted})`;
  if (isWhole && isOneOf(from, ["timestamp"])) return `${word}(floor(epoch(${sql})) AS ${wanted})`;
  if (isOneOf(from, ["timestamp"]) && isOneOf(type, floatingNames)) return `${word}(epoch(${sql}) AS ${wanted})`;
  if (isOneOf(from, ["timestamp"]) && type.kind === "decimal")
    return `${word}(CAST(epoch_us(${sql}) AS DECIMAL(19, 0)) * CAST('0.000001' AS DECIMAL(7, 6)) AS ${wanted})`;
  if (isOneOf(type, ["timestamp"]) && isNumeric(from)) {
    const instant = `make_timestamptz(CAST((${sql}) * CAST(1000000 AS BIGINT) AS BIGINT))`;
    return word === "CAST" ? instant : `TRY(${instant})`;
  }
  // Spark's text of an instant has no zone.
  if (isOneOf(type, ["string"]) && isOneOf(from, ["timestamp"])) return `${word}(CAST(${sql} AS TIMESTAMP) AS VARCHAR)`;
  if (isOneOf(type, ["string"]) && isOneOf(from, ["binary"])) return `decode(${sql})`;
  if (isOneOf(type, ["string"]) && isOneOf(from, floatingNames)) return `${floatText}(${sql})`;
  const read = isOneOf(from, ["string"]) ? readText(sql, type, word) : null;
  if (read !== null) return read;
  if (isOneOf(type, ["binary"]) && isOneOf(from, ["string"])) return `encode(${sql})`;
  // DuckDB prints no digit before the point where the type has none.
  if (isOneOf(type, ["string"]) && from?.kind === "decimal" && from.precision === from.scale)
    return `regexp_replace(${word}(${sql} AS VARCHAR), '^(-?)[.]', '\\10.')`;
  // Spark takes the decimal that a double prints as; DuckDB multiplies it, and so rounds 1.005 down. What is not finite is
  // null there.
  if (type.kind === "decimal" && isOneOf(from, floatingNames))
    return `${word}(CAST(CASE WHEN isfinite(${sql}) THEN CAST(${sql} AS DOUBLE) END AS VARCHAR) AS ${wanted})`;
  return `${word}(${sql} AS ${wanted})`;
}
