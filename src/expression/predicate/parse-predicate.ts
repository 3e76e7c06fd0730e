// expression/predicate/parse-predicate.ts: the text of a condition in Spark's SQL as a predicate of a table.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlErrorClass, sqlErrorMessage } from "../../engine/duckdb/duckdb-error.ts";
import type { SqlEngine } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { typeAt } from "../../format/schema/schema-type.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { bindPredicate } from "./bind-predicate.ts";
import type { Expression, Predicate, PredicateScope } from "../tree/expression.ts";
import { parseExpression } from "../parse/parse-sql.ts";

/**
 * Parses, binds and checks a predicate. Nothing is read from disk.
 * @throws AlluviumError `INVALID_PREDICATE` with the place or the reason, `COLUMN_NOT_FOUND` for a column that there is not
 */
export async function parsePredicate(sql: SqlEngine, text: string, scope: PredicateScope): Promise<Predicate> {
  const predicate = named(text, () => bindPredicate(parseExpression(text), scope, text));
  if (predicate.expression.kind !== "literal") await checkPredicate(sql, predicate, scope.schema);
  return predicate;
}

/**
 * Asks DuckDB whether it can answer a predicate: functions that do not exist, aggregates, wrong arguments.
 * @throws AlluviumError `INVALID_PREDICATE` with DuckDB's reason
 */
export async function checkPredicate(sql: SqlEngine, predicate: Predicate, schema: StructType): Promise<void> {
  if (isSurelyAnswered(predicate.expression, schema)) return;
  const used = new Set(predicate.columns);
  const columns = schema.fields
    .filter((field) => used.has(field.name))
    .map((field) => `CAST(NULL AS ${duckdbType(field.type)}) AS ${sqlIdentifier(field.name)}`);
  const from = `(SELECT ${[`0 AS ${sqlIdentifier("\u0001row")}`, ...columns].join(", ")} WHERE FALSE)`;
  await using connection = await sql.connect();
  try {
    await connection.rows(`SELECT 1 FROM ${from} WHERE ${predicate.sql}`);
  } catch (cause) {
    const errorClass = sqlErrorClass(cause);
    if (errorClass !== "statement" && errorClass !== "value") throw cause;
    throw new AlluviumError(
      "INVALID_PREDICATE",
      { text: predicate.text },
      `the predicate ${JSON.stringify(predicate.text)} cannot be evaluated: ${sqlErrorMessage(cause)}`,
      { cause },
    );
  }
}

/** True of comparisons of columns with values of their own type, however joined: there is nothing to ask. */
function isSurelyAnswered(expression: Expression, schema: StructType): boolean {
  switch (expression.kind) {
    case "and":
    case "or":
      return expression.operands.every((operand) => isSurelyAnswered(operand, schema));
    case "compare":
      return isOfOneType(expression.left, expression.right, schema);
    case "in":
      return expression.values.every((value) => isOfOneType(expression.operand, value, schema));
    case "column":
    case "literal":
    case "not":
    case "isNull":
    case "isNotNull":
    case "startsWith":
    case "opaque":
      return false;
  }
}

function isOfOneType(left: Expression, right: Expression, schema: StructType): boolean {
  if (left.kind === "literal" && right.kind === "column") return isOfOneType(right, left, schema);
  if (left.kind !== "column" || right.kind !== "literal") return false;
  const type = typeAt(schema, left.path);
  const { literal } = right;
  if (type?.kind !== "primitive") return false;
  if (literal.type === "integer")
    return wholeNumbers.has(type.name) && BigInt.asIntN(64, literal.value) === literal.value;
  return (literal.type === "string" || literal.type === "date") && literal.type === type.name;
}

const wholeNumbers: ReadonlySet<string> = new Set(["byte", "short", "integer", "long"]);

/** Puts the text of the predicate before the reason. */
function named<T>(text: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AlluviumError) || error.context["text"] !== undefined) throw error;
    throw new AlluviumError(
      error.code,
      { ...error.context, text },
      `in the predicate ${JSON.stringify(text)}: ${error.message}`,
      { cause: error },
    );
  }
}
