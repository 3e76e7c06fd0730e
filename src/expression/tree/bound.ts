// expression/tree/bound.ts: an expression whose names are resolved: its DuckDB text, its type, its shape for pruning.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { doubleText, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { AlluviumError, type ErrorCode } from "../../format/text/error.ts";
import type { DataType } from "../../format/schema/schema.ts";
import type { Expression, Literal } from "./expression.ts";
import { primitive } from "./syntax.ts";
import { formatDate } from "./temporal.ts";
import { isOneOf, typeName } from "./value-type.ts";
import type { ValueType } from "./value-type.ts";

/** `sql` can stand as an operand without brackets. */
export interface Bound {
  readonly sql: string;
  readonly type: ValueType;
  readonly shape: Expression;
  /** A function of many rows with an OVER clause in it. */
  readonly over?: (window: string) => string;
}

/** Something that only DuckDB can answer, made of these parts. */
export function opaque(sql: string, type: ValueType, parts: readonly Bound[]): Bound {
  return { sql, type, shape: { kind: "opaque", columns: parts.flatMap((part) => columnsOf(part.shape)) } };
}

/** A condition with a shape of its own. */
export function condition(sql: string, shape: Expression): Bound {
  return { sql, type: primitive("boolean"), shape };
}

/** A value known when the expression is read. */
export function literalBound(literal: Literal, type: ValueType): Bound {
  return { sql: literalSql(literal, type), type, shape: { kind: "literal", literal } };
}

/** The value of a bound literal, or undefined when it is no literal. */
export function literalOf(bound: Bound): Literal | undefined {
  return bound.shape.kind === "literal" ? bound.shape.literal : undefined;
}

/** The text of a bound string literal, or undefined. */
export function textOf(bound: Bound | undefined): string | undefined {
  const literal = bound === undefined ? undefined : literalOf(bound);
  return literal?.type === "string" ? literal.value : undefined;
}

/** Every column path that an expression reads. */
export function columnsOf(shape: Expression): readonly (readonly string[])[] {
  switch (shape.kind) {
    case "column":
      return [shape.path];
    case "literal":
      return [];
    case "compare":
      return [...columnsOf(shape.left), ...columnsOf(shape.right)];
    case "and":
    case "or":
      return shape.operands.flatMap(columnsOf);
    case "not":
    case "isNull":
    case "isNotNull":
    case "startsWith":
      return columnsOf(shape.operand);
    case "in":
      return [shape.operand, ...shape.values].flatMap(columnsOf);
    case "opaque":
      return shape.columns;
  }
}

/** An `INVALID_PREDICATE` about meaning rather than spelling. */
export function meaningError(problem: string): AlluviumError {
  return new AlluviumError("INVALID_PREDICATE", {}, `the expression is not valid: ${problem}`);
}

/**
 * An `INVALID_PREDICATE` that stands however DuckDB would read the expression: it would compute something else.
 * @param sqlCode the code of the same mistake in a query
 */
export function finalError(problem: string, sqlCode: ErrorCode): AlluviumError {
  return new AlluviumError("INVALID_PREDICATE", { sqlCode }, `the expression is not valid: ${problem}`);
}

/**
 * A value where true or false is wanted.
 * @throws AlluviumError `INVALID_PREDICATE` when it is of another type
 */
export function asCondition(bound: Bound, where: string): Bound {
  if (bound.type === null || isOneOf(bound.type, ["boolean", "void"])) return bound;
  throw finalError(
    `${where} wants true or false, but this is ${typeName(bound.type)}: ${bound.sql}`,
    "DATATYPE_MISMATCH",
  );
}

/** A literal as DuckDB spells it, so that it has the type wanted wherever it stands. */
export function literalSql(literal: Literal, type: ValueType): string {
  switch (literal.type) {
    case "null":
      return type === null || isOneOf(type, ["void"]) ? "NULL" : `CAST(NULL AS ${duckdbType(type)})`;
    case "boolean":
      return literal.value ? "TRUE" : "FALSE";
    case "integer":
      return integerSql(literal.value, type);
    case "decimal":
      return decimalSql(literal.text, type);
    case "double":
      return doubleSql(literal.value, isOneOf(type, ["float"]) ? "FLOAT" : "DOUBLE");
    case "string":
      return sqlLiteral(literal.value);
    case "binary":
      return sqlLiteral(literal.value);
    case "date": {
      const text = formatDate(literal.days);
      return text === null ? `(DATE '1970-01-01' + ${sqlLiteral(literal.days)})` : `DATE '${text}'`;
    }
    case "timestamp":
      return `make_timestamptz(CAST('${literal.micros}' AS BIGINT))`;
    case "timestamp_ntz":
      return `make_timestamp(CAST('${literal.micros}' AS BIGINT))`;
  }
}

/** Bare digits are an INTEGER to DuckDB, or as much longer as they must be. */
function integerSql(value: bigint, type: ValueType): string {
  const isBare = value >= 0n && (isOneOf(type, ["integer"]) || value > 2n ** 31n - 1n);
  return isBare || !isOneOf(type, ["byte", "short", "integer", "long"]) || type === null
    ? sqlLiteral(value)
    : `CAST(${sqlLiteral(value)} AS ${duckdbType(type)})`;
}

function decimalSql(text: string, type: ValueType): string {
  if (type?.kind === "decimal") return `CAST('${text}' AS ${duckdbType(type)})`;
  return text.startsWith("-") ? `(${text})` : text;
}

function doubleSql(value: number, type: "FLOAT" | "DOUBLE"): string {
  return `CAST('${doubleText(value)}' AS ${type})`;
}

/** `bound` as a value of `type` for DuckDB, where it is not of that type already. Only for casts that cannot change its order. */
export function castSql(bound: Bound, type: DataType): string {
  const wanted = duckdbType(type);
  return bound.type !== null && duckdbType(bound.type) === wanted ? bound.sql : `CAST(${bound.sql} AS ${wanted})`;
}
