// expression/function/functions-format.ts: Spark's functions that print values in a pattern, as Java's Formatter does.
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { asText } from "../operator/bind-compare.ts";
import { castSql, finalError, meaningError, opaque, textOf } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { argument, many, spec } from "./function-spec.ts";
import type { FunctionSpec } from "./function-spec.ts";
import { primitive } from "../tree/syntax.ts";
import { floatingNames, integralNames, isOneOf } from "../tree/value-type.ts";

const string = primitive("string");
const double = primitive("double");

/** `format_string('%s: %d', a, b)` */
export const formatted: FunctionSpec = spec([1, many], (args) => {
  const [pattern, ...values] = args;
  const text = textOf(pattern);
  if (pattern === undefined || text === undefined) return opaque(plainPrint(args), string, args);
  let next = 0;
  const pieces = [...text.matchAll(/%(?:(\d+)\$)?([-#+ 0,(]*)(\d*)(\.\d+)?([a-zA-Z%])|[^%]+|%/g)].map((found) => {
    const [whole, place, flags = "", width = "", precision = "", letter] = found;
    if (letter === undefined) return sqlLiteral(whole);
    if (letter === "%") return "'%'";
    if (letter === "n") return "chr(10)";
    const value = values[place === undefined ? next++ : Number(place) - 1];
    if (value === undefined) throw finalError(`format_string has no value for ${whole}`, "DATATYPE_MISMATCH");
    return printed(value, { flags, width, precision, letter });
  });
  return opaque(pieces.length === 0 ? "''" : `concat(${pieces.join(", ")})`, string, args);
});

/** Where the pattern is not known before it runs; a decimal is printed as the double next to it. */
function plainPrint(args: readonly Bound[]): string {
  const values = args.map((arg, index) => {
    if (index > 0 && isOneOf(arg.type, ["string", "void"])) return `coalesce(${arg.sql}, 'null')`;
    return arg.type?.kind === "decimal" ? castSql(arg, double) : arg.sql;
  });
  return `printf(${values.join(", ")})`;
}

interface Conversion {
  readonly flags: string;
  readonly width: string;
  readonly precision: string;
  readonly letter: string;
}

/** One value, whatever it is; null is the word. */
function printed(value: Bound, { flags, width, precision, letter }: Conversion): string {
  const kind = letter.toLowerCase();
  const left = flags.includes("-") ? "-" : "";
  const asWord = (text: string): string => `printf('%${left}${width}s', ${text})`;
  const inCase = (sql: string): string => (letter === kind ? sql : `upper(${sql})`);
  if (kind === "s" || kind === "b") {
    const text = `coalesce(${asText(value).sql}, ${kind === "b" ? "'false'" : "'null'"})`;
    const cut = precision === "" ? text : `left(${text}, ${precision.slice(1)})`;
    return inCase(asWord(cut));
  }
  const number = (sql: string, how = `${flags}${width}${precision}`): string => `printf('%${how}${kind}', ${sql})`;
  const or = (sql: string): string => `(CASE WHEN ${value.sql} IS NULL THEN ${asWord("'null'")} ELSE ${sql} END)`;
  const isWhole = value.type === null || isOneOf(value.type, integralNames);
  if (isWhole && kind === "d") return or(number(`CAST(${value.sql} AS BIGINT)`));
  if (isWhole && (kind === "x" || kind === "o")) return or(inCase(number(unsigned(value))));
  if (isWhole && kind === "c") return or(asWord(`chr(CAST(${value.sql} AS INTEGER))`));
  const isReal = value.type === null || isOneOf(value.type, floatingNames);
  if ((!isReal && value.type?.kind !== "decimal") || !["e", "f", "g"].includes(kind))
    throw finalError(`format_string cannot print this value as %${letter}`, "DATATYPE_MISMATCH");
  const real = castSql(value, double);
  const infinite = `CASE WHEN ${real} < 0 THEN '-Infinity' ELSE '${flags.includes("+") ? "+" : ""}Infinity' END`;
  const finite = number(kind === "f" ? roundedFor(value, Number(precision.slice(1) || "6")) : real);
  const word = asWord(`CASE WHEN isnan(${real}) THEN 'NaN' ELSE ${infinite} END`);
  return or(inCase(`CASE WHEN isfinite(${real}) THEN ${finite} ELSE ${word} END`));
}

/** Java rounds the decimal that a double prints as half up, C what the double is. */
function roundedFor(value: Bound, digits: number): string {
  const real = castSql(value, double);
  const exact = value.type?.kind === "decimal" ? value.sql : `CAST(CAST(${real} AS VARCHAR) AS DECIMAL(38, 22))`;
  return `(CASE WHEN abs(${real}) < 1e15 THEN CAST(round(${exact}, ${digits}) AS DOUBLE) ELSE ${real} END)`;
}

/** A number below zero as the one of the same bits. */
function unsigned({ sql, type }: Bound): string {
  const all = isOneOf(type, ["long"]) || type === null ? "18446744073709551616" : "4294967296";
  return `CAST(CASE WHEN ${sql} < 0 THEN CAST(${sql} AS HUGEINT) + ${all} ELSE CAST(${sql} AS HUGEINT) END AS UBIGINT)`;
}

/** With commas between thousands and this many digits behind the point. */
export const formatNumber: FunctionSpec = spec(2, (args) => {
  const [value, digits] = [argument(args, 0), argument(args, 1)];
  const isExact = value.type?.kind !== "decimal" || value.type.precision <= 15;
  if (!isExact || !/^\d+$/.test(digits.sql))
    throw meaningError("format_number takes numbers of at most 15 digits, and a number of digits that is known");
  const number = `CAST(${value.sql} AS DOUBLE)`;
  const sql = `format(${sqlLiteral(`{:,.${digits.sql}f}`)}, ${number})`;
  const infinite = `(CASE WHEN ${number} < 0 THEN '-∞' ELSE '∞' END)`;
  return opaque(
    `(CASE WHEN isnan(${number}) THEN 'NaN' WHEN isinf(${number}) THEN ${infinite} ELSE ${sql} END)`,
    string,
    [value],
  );
});
