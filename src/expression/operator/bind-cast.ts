// expression/operator/bind-cast.ts: CAST with Spark's meaning, as DuckDB SQL.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { floatText } from "../../engine/duckdb/spark-macros.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { literalBound, literalOf, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { castLiteral } from "./literal-cast.ts";
import { type ScalarCast, nestedCast } from "./nested-cast.ts";
import { nestedText } from "./nested-text.ts";
import { floatingNames, integralNames, isNumeric, isOneOf } from "../tree/value-type.ts";

/**
 * `CAST(bound AS type)`; a literal is cast at once.
 * @throws AlluviumError `INVALID_PREDICATE` for a literal that has no counterpart in the type
 */
export function castBound(bound: Bound, type: DataType): Bound {
  const literal = literalOf(bound);
  const cast = literal === undefined ? undefined : castLiteral(literal, type);
  if (cast !== undefined) return literalBound(cast, type);
  if (bound.type !== null && duckdbType(bound.type) === duckdbType(type)) return bound;
  return opaque(castText(bound, type, "CAST"), type, [bound]);
}

/** `TRY_CAST(bound AS type)`: null where the value has no counterpart. */
export function tryCastBound(bound: Bound, type: DataType): Bound {
  return opaque(castText(bound, type, "TRY_CAST"), type, [bound]);
}

/** A text with a point or an exponent is no whole number in Spark; DuckDB would round it. */
function wholeText(sql: string, word: "CAST" | "TRY_CAST"): string {
  const wrong = word === "CAST" ? `error('CAST_INVALID_INPUT: ' || ${sql} || ' is not a whole number')` : "NULL";
  return `(CASE WHEN regexp_matches(${sql}, '[.eE_]') THEN ${wrong} ELSE ${sql} END)`;
}

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
  if (isOneOf(type, ["timestamp"]) && isNumeric(from))
    return `make_timestamptz(CAST((${sql}) * CAST(1000000 AS BIGINT) AS BIGINT))`;
  // Spark's text of an instant has no zone.
  if (isOneOf(type, ["string"]) && isOneOf(from, ["timestamp"])) return `${word}(CAST(${sql} AS TIMESTAMP) AS VARCHAR)`;
  if (isOneOf(type, ["string"]) && isOneOf(from, ["binary"])) return `decode(${sql})`;
  if (isOneOf(type, ["string"]) && isOneOf(from, floatingNames)) return `${floatText}(${sql})`;
  if (isWhole && isOneOf(from, ["string"])) return `${word}(${wholeText(sql, word)} AS ${wanted})`;
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
