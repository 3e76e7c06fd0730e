// sql/words/sql-error.ts: what is wrong with a query, with line and column in the text as it was written.
import { sqlErrorClass, sqlErrorMessage } from "../../engine/duckdb/duckdb-error.ts";
import { sparkFunctionNames } from "../../expression/function/function-table.ts";
import { suggestion } from "../../format/text/did-you-mean.ts";
import { AlluviumError, type ErrorCode } from "../../format/text/error.ts";
import { tokenize } from "../../expression/parse/token.ts";

/** An offset as people count: lines and columns from 1. */
export function lineAndColumn(text: string, at: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, Math.max(0, Math.min(at, text.length)));
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

/** A `PARSE_SYNTAX_ERROR` that points at a place. */
export function syntaxErrorAt(text: string, at: number, problem: string): AlluviumError {
  const { line, column } = lineAndColumn(text, at);
  const rest = text.slice(at).trim();
  const near = rest === "" ? "the end" : JSON.stringify(rest.slice(0, 20).split(/\s/)[0] ?? "");
  const words = problem.replace(/ at or near ".*"$/s, "").replace(/^syntax error$/, "the statement cannot be read");
  return new AlluviumError(
    "PARSE_SYNTAX_ERROR",
    { line, column, query: text },
    `${words} at line ${line}, column ${column}, near ${near}`,
  );
}

/** An error of the tokenizer or the Spark parser as one about the whole statement. */
export function asSyntaxError(text: string, error: unknown): unknown {
  if (!(error instanceof AlluviumError) || error.code !== "INVALID_PREDICATE") return error;
  const { sqlCode } = error.context;
  if (sqlCode === "CAST_INVALID_INPUT" || sqlCode === "UNRESOLVED_ROUTINE" || sqlCode === "DATATYPE_MISMATCH")
    return new AlluviumError(sqlCode, { query: text }, error.message, { cause: error });
  const at = error.context["at"];
  // What is told by types has no place of its own.
  if (typeof at !== "number")
    return new AlluviumError("DATATYPE_MISMATCH", { query: text }, error.message, { cause: error });
  const problem =
    /cannot be read: (.*?)(?: at the end| at character \d+.*)$/s.exec(error.message)?.[1] ?? error.message;
  return syntaxErrorAt(text, at, problem.replace(/:$/, ""));
}

/** Finds a name in the text and says where it stands. */
export function placeOfName(text: string, name: string): string {
  const token = safeTokens(text).find((one) => one.kind !== "string" && one.value.toLowerCase() === name.toLowerCase());
  if (token === undefined) return "";
  const { line, column } = lineAndColumn(text, token.at);
  return ` at line ${line}, column ${column}`;
}

/**
 * DuckDB's refusal of a query as Spark's error.
 * @param names columns that there are, for suggestions
 */
export function bindError(text: string, cause: unknown, names: readonly string[]): unknown {
  if (cause instanceof AlluviumError && cause.code === "INVALID_ARGUMENT") return cause;
  const errorClass = sqlErrorClass(cause);
  if (errorClass !== "statement" && errorClass !== "value") return cause;
  const reason = sqlErrorMessage(cause).replace(/^\w+ Error:\s*/, "");
  const grouped = /column "?(.*?)"? must appear in the GROUP BY clause/.exec(reason)?.[1];
  if (grouped !== undefined) {
    const message = `the column ${grouped}${placeOfName(text, grouped)} is neither grouped by nor inside an aggregate; add it to GROUP BY, or use first(${grouped})`;
    const code = /\bgroup\s+by\b/i.test(text) ? "MISSING_AGGREGATION" : "MISSING_GROUP_BY";
    return new AlluviumError(code, { column: grouped, query: text }, message, { cause });
  }
  const name =
    /Referenced column "(.*?)" not found/.exec(reason)?.[1] ??
    /does not have a column named "(.*?)"/.exec(reason)?.[1] ??
    /column "(.*?)" (?:does not exist|not found)/i.exec(reason)?.[1] ??
    /Referenced table "(.*?)" not found/.exec(reason)?.[1] ??
    /Could not find key "(.*?)" in struct/i.exec(reason)?.[1] ??
    /Scalar Function with name "?(.*?)"? does not exist/.exec(reason)?.[1];
  if (name === undefined) {
    const message = `the query cannot be resolved${placeOfReason(text, reason)}: ${reason.split("\n")[0] ?? reason}`;
    return new AlluviumError(codeOf(cause, reason), { query: text }, message, { cause });
  }
  if (reason.includes("Function with name")) return unknownFunction(text, name, cause);
  const what = reason.includes("Referenced table")
    ? "table or alias"
    : reason.includes("in struct")
      ? "struct with the field"
      : "column";
  const known = what === "column" ? ` The columns are: ${names.slice(0, 30).join(", ")}.` : "";
  const hint = what === "column" ? suggestion(name, names) : "";
  const message = `there is no ${what} ${JSON.stringify(name)}${placeOfName(text, name)}.${hint}${known}`;
  return new AlluviumError("UNRESOLVED_COLUMN", { name, query: text }, message, { cause });
}

/** The code of what DuckDB says, where it names no column. */
function codeOf(cause: unknown, reason: string): ErrorCode {
  if (sqlErrorClass(cause) === "value" && cause instanceof AlluviumError) return cause.code;
  if (/^Ambiguous reference/i.test(reason)) return "AMBIGUOUS_REFERENCE";
  return reason.includes("same number of result columns") ? "NUM_COLUMNS_MISMATCH" : "DATATYPE_MISMATCH";
}

function unknownFunction(text: string, name: string, cause: unknown): AlluviumError {
  // DuckDB takes an operator without its right side for a function.
  const operator = /^(.+)__postfix$/.exec(name)?.[1];
  if (operator !== undefined) {
    const at = safeTokens(text).find((token) => token.text === operator)?.at ?? text.length;
    return syntaxErrorAt(text, at, "a value is missing behind the operator");
  }
  const message = `there is no function ${JSON.stringify(name)}${placeOfName(text, name)}.${suggestion(name, sparkFunctionNames())}`;
  return new AlluviumError("UNRESOLVED_ROUTINE", { name, query: text }, message, { cause });
}

/** Where the first thing stands that a message of DuckDB names. */
function placeOfReason(text: string, reason: string): string {
  const named = /"([^"]+)"|'(\w+)\(|\b(\w+)\(\)|with name (\w+)|(?:string|value) '([^']+)'|column (\w+)/g;
  const words = [...reason.matchAll(named)].flatMap((match) => match.slice(1).filter((word) => word !== undefined));
  const tokens = safeTokens(text);
  for (const word of words) {
    const token = tokens.find((one) => one.value.toLowerCase() === word.toLowerCase());
    if (token === undefined) continue;
    const { line, column } = lineAndColumn(text, token.at);
    return ` at line ${line}, column ${column}, near ${JSON.stringify(word)}`;
  }
  return "";
}

function safeTokens(text: string): ReturnType<typeof tokenize> {
  try {
    return tokenize(text);
  } catch {
    return [];
  }
}
