// expression/function/functions-pattern.ts: Spark's functions that read a number by a pattern of digits: to_number('1,234.50', '9,999.99').
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import type { DecimalType } from "../../format/schema/schema.ts";
import { asText } from "../operator/bind-compare.ts";
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { finalError, opaque, textOf } from "../tree/bound.ts";
import { argument, spec } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";

/** A pattern: what a text is to be like, and the type of what it spells. */
interface NumberPattern {
  readonly regex: string;
  readonly type: DecimalType;
}

/** @throws AlluviumError `INVALID_PREDICATE` for a pattern that is none */
function numberPattern(text: string): NumberPattern {
  const found = /^(S|MI)?(\$)?([09][09,G]*)?(?:[.D]([09]*))?(S|MI|PR)?$/i.exec(text);
  const [, before = "", currency = "", whole = "", fraction = "", after = ""] = found ?? [];
  const groups = whole === "" ? [] : whole.split(/[,G]/i);
  const count = groups.join("").length;
  const precision = count + fraction.length;
  const isGood = found !== null && precision > 0 && precision <= 38 && !groups.includes("");
  if (!isGood || (before !== "" && after !== ""))
    throw finalError(`${JSON.stringify(text)} is not a pattern of digits such as 'S9,999.99'`, "DATATYPE_MISMATCH");
  const digits = `${wholeRegex(groups)}(?:[.][0-9]{0,${fraction.length}})?`;
  const sign = (word: string): string => ({ S: "[+-]?", MI: "-?" })[word.toUpperCase()] ?? "";
  const plain = `${sign(before)}${currency === "" ? "" : "[$]"}${digits}${sign(after)}`;
  const regex = after.toUpperCase() === "PR" ? `${plain}|<${plain}>` : plain;
  return { regex, type: { kind: "decimal", precision, scale: fraction.length } };
}

/** Digits in groups: as many as there are, of which those at the left may be missing, unless the first is a zero. */
function wholeRegex(groups: readonly string[]): string {
  const full = (from: number): string[] => groups.slice(from).map((group) => `,[0-9]{${group.length}}`);
  if (groups[0]?.startsWith("0") === true) return full(0).join("").slice(1);
  const ways = groups.map((group, index) => {
    const least = index === groups.length - 1 ? 0 : 1;
    return `[0-9]{${least},${group.length}}${full(index + 1).join("")}`;
  });
  return ways.length === 0 ? "" : `(?:${ways.join("|")})`;
}

const toNumber = (isTry: boolean): FunctionSpec =>
  spec(2, (args) => {
    const pattern = textOf(args[1]);
    if (pattern === undefined) throw finalError("to_number takes a pattern in quotes", "DATATYPE_MISMATCH");
    const { regex, type } = numberPattern(pattern);
    const text = `trim(${asText(argument(args, 0)).sql})`;
    const digits = `rtrim(regexp_replace(${text}, '[^0-9.]', '', 'g'), '.')`;
    const sign = `CASE WHEN regexp_matches(${text}, '[-<]') THEN '-' ELSE '' END`;
    const wrong = `error('CAST_INVALID_INPUT: ' || ${text} || ' is not like ' || ${sqlLiteral(pattern)})`;
    const isLike = `regexp_full_match(${text}, '${regex}') AND regexp_matches(${text}, '[0-9]')`;
    const value = `CAST(${sign} || ${digits} AS ${duckdbType(type)})`;
    const otherwise = isTry ? "" : ` WHEN ${text} IS NOT NULL THEN ${wrong}`;
    return opaque(`CAST(CASE WHEN ${isLike} THEN ${value}${otherwise} END AS ${duckdbType(type)})`, type, args);
  });

/** By their names in lower case. */
export const patternFunctions: FunctionTable = {
  to_number: toNumber(false),
  try_to_number: toNumber(true),
};
