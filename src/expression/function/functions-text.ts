// expression/function/functions-text.ts: Spark's functions of text.
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { asText } from "../operator/bind-compare.ts";
import { bindConcat } from "../operator/bind-arithmetic.ts";
import { condition, finalError, literalBound, literalOf, opaque, textOf } from "../tree/bound.ts";
import { argument, fixed, many, spec, textual } from "./function-spec.ts";
import { areBytes, bytesFrom, bytesWith, lengthFunctions } from "./functions-bytes.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "../tree/syntax.ts";
import { isOneOf } from "../tree/value-type.ts";

const integer = primitive("integer");
const boolean = primitive("boolean");
const string = primitive("string");

const startsWith: FunctionSpec = spec(2, (args) => {
  if (areBytes(args)) return bytesWith("startswith", args);
  const [operand, prefix] = [asText(argument(args, 0)), argument(args, 1)];
  const sql = `starts_with(${operand.sql}, ${prefix.sql})`;
  const text = textOf(prefix);
  const isText = operand.type === null || isOneOf(operand.type, ["string"]);
  return text === undefined || !isText
    ? opaque(sql, boolean, args)
    : condition(sql, { kind: "startsWith", operand: operand.shape, prefix: text });
});

const within = (name: "endswith" | "contains", sql: (a: string, b: string) => string): FunctionSpec =>
  spec(2, (args) => {
    const [a, b] = args.map((arg) => asText(arg).sql);
    return areBytes(args) ? bytesWith(name, args) : opaque(sql(a ?? "", b ?? ""), boolean, args);
  });

/** Position 0 is the first character too. */
const substring: FunctionSpec = spec([2, 3], (args) => {
  if (areBytes(args.slice(0, 1))) return bytesFrom(args);
  const [operand, start] = [asText(argument(args, 0)), argument(args, 1)];
  const from =
    start.shape.kind === "literal"
      ? start.sql.replace(/^0$/, "1")
      : `(CASE WHEN ${start.sql} = 0 THEN 1 ELSE ${start.sql} END)`;
  const count = args[2] === undefined ? "" : `, ${countOf(args[2].sql)}`;
  return opaque(`substring(${operand.sql}, ${from}${count})`, string, args);
});

const concat: FunctionSpec = spec([0, many], (args) =>
  args.length === 0 ? opaque("''", string, []) : bindConcat(args),
);

/** Lists are taken apart, nulls are left out. */
const concatWs: FunctionSpec = spec([1, many], (args) => {
  const separator = argument(args, 0);
  const parts = args.slice(1).map((arg) => {
    if (arg.type?.kind !== "array") return asText(arg).sql;
    return `(CASE WHEN list_count(${arg.sql}) > 0 THEN array_to_string(${arg.sql}, ${separator.sql}) END)`;
  });
  const sql =
    parts.length === 0
      ? `(CASE WHEN ${separator.sql} IS NOT NULL THEN '' END)`
      : `concat_ws(${[separator.sql, ...parts].join(", ")})`;
  return opaque(sql, string, args);
});

/** DuckDB has a capital sharp s, Java writes two letters. */
const upper: FunctionSpec = textual(1, ([a]) => `upper(replace(${a}, 'ß', 'SS'))`);

/** A text without characters pads nothing. */
const padded = (name: "lpad" | "rpad"): FunctionSpec =>
  textual(
    [2, 3],
    ([a, b, c]) => {
      const size = countOf(b);
      if (c === "NULL") return `${name}(${a}, ${size}, ' ')`;
      return `(CASE WHEN ${c} = '' THEN left(${a}, ${size}) ELSE ${name}(${a}, ${size}, ${c}) END)`;
    },
    [true, false, true],
  );

/** How many characters; none below 0, and null for null, which `greatest` passes over. */
const countOf = (count: string): string => `(CASE WHEN ${count} < 0 THEN 0 ELSE ${count} END)`;

const character: FunctionSpec = fixed(string, {
  count: 1,
  takes: [primitive("long")],
  sql: ([a]) => `(CASE WHEN ${a} < 0 THEN '' ELSE chr(CAST(${a} % 256 AS INTEGER)) END)`,
});

const located = (text: string, part: string, from: string): string =>
  from === "NULL"
    ? `instr(${text}, ${part})`
    : `(CASE WHEN ${from} <= 0 THEN 0 WHEN ${part} = '' THEN 1 WHEN instr(substring(${text}, ${from}), ${part}) = 0 THEN 0 ELSE instr(substring(${text}, ${from}), ${part}) + ${from} - 1 END)`;

/** At most as many parts as the limit says, the last with what is left; without one, or with 0 or less, all. */
const split: FunctionSpec = spec([2, 3], (args) => {
  const [text, pattern, limit] = [asText(argument(args, 0)).sql, argument(args, 1).sql, args[2]];
  const type = { kind: "array" as const, elementType: string, containsNull: false };
  const all = `regexp_split_to_array(${text}, ${pattern})`;
  if (limit === undefined) return opaque(all, type, args);
  const literal = literalOf(limit);
  if (literal?.type !== "integer") throw finalError("split takes a limit that is written out", "UNRESOLVED_ROUTINE");
  if (literal.value <= 0n) return opaque(all, type, args);
  const rest = `array_to_string(list_transform(range(${literal.value}, len(${all}) + 1), lambda alluvium_i: list_extract(${all}, alluvium_i) || coalesce(list_extract(regexp_extract_all(${text}, ${pattern}), alluvium_i), '')), '')`;
  const cut = `list_append(list_slice(${all}, 1, ${literal.value - 1n}), ${rest})`;
  return opaque(
    `(CASE WHEN ${text} IS NULL THEN NULL WHEN len(${all}) <= ${literal.value} THEN ${all} ELSE ${cut} END)`,
    type,
    args,
  );
});

/** The part of an address; null where there is none. RFC 3986, appendix B. */
const parseUrl: FunctionSpec = spec([2, 3], (args) => {
  const [url, part] = [argument(args, 0), textOf(args[1])?.toUpperCase()];
  const group = (index: number): string =>
    `regexp_extract(${url.sql}, '^(([^:/?#]+):)?(//([^/?#]*))?([^?#]*)(\\?([^#]*))?(#(.*))?', ${index})`;
  const there = (mark: number, sql: string): string => `(CASE WHEN ${group(mark)} <> '' THEN ${sql} END)`;
  const authority = group(4);
  const parts: Readonly<Record<string, string>> = {
    PROTOCOL: there(1, group(2)),
    AUTHORITY: there(3, authority),
    HOST: there(3, `regexp_replace(regexp_replace(${authority}, '^.*@', ''), ':[0-9]*$', '')`),
    USERINFO: `(CASE WHEN contains(${authority}, '@') THEN regexp_extract(${authority}, '^(.*)@', 1) END)`,
    PATH: `(CASE WHEN ${url.sql} IS NOT NULL THEN ${group(5)} END)`,
    QUERY: there(6, group(7)),
    REF: there(8, group(9)),
    FILE: `(CASE WHEN ${url.sql} IS NOT NULL THEN ${group(5)} || ${group(6)} END)`,
  };
  const sql = part === undefined ? undefined : parts[part];
  const key = textOf(args[2]);
  if (sql === undefined || (args.length > 2 && (part !== "QUERY" || key === undefined)))
    throw finalError(
      `parse_url takes one of ${Object.keys(parts).join(", ")}, and a key with QUERY`,
      "UNRESOLVED_ROUTINE",
    );
  if (key === undefined) return opaque(sql, string, [url]);
  const pattern = `(?:^|&)${key.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}=([^&]*)`;
  const [found, value] = ["regexp_matches", "regexp_extract"].map(
    (name) => `${name}(${group(7)}, ${sqlLiteral(pattern)}`,
  );
  return opaque(`(CASE WHEN ${found}) THEN ${value}, 1) END)`, string, [url]);
});

/** DuckDB counts bytes: characters stand for themselves where they are as many, else for the place of each among all of them. */
function distance(a: string, b: string): string {
  const all = `list_distinct(string_split(${a} || ${b}, ''))`;
  const short = (text: string): string =>
    `array_to_string(list_transform(string_split(${text}, ''), lambda alluvium_c: chr(CAST(list_position(${all}, alluvium_c) AS INTEGER))), '')`;
  const isPlain = `strlen(${a} || ${b}) = length(${a} || ${b})`;
  const wide = `error('INVALID_PARAMETER_VALUE: levenshtein takes texts of at most 127 different characters')`;
  return `(CASE WHEN ${isPlain} THEN levenshtein(${a}, ${b}) WHEN len(${all}) > 127 THEN ${wide} ELSE levenshtein(${short(a)}, ${short(b)}) END)`;
}

/** By their names in lower case. */
export const textFunctions: FunctionTable = {
  upper,
  ucase: upper,
  lower: textual(1, ([a]) => `lower(${a})`),
  lcase: textual(1, ([a]) => `lower(${a})`),
  btrim: textual([1, 2], ([a, b]) => (b === "NULL" ? `trim(${a})` : `trim(${a}, ${b})`)),
  // The characters stand before the text, unlike those of btrim.
  ltrim: textual([1, 2], ([a, b]) => (b === "NULL" ? `ltrim(${a})` : `ltrim(${b}, ${a})`)),
  rtrim: textual([1, 2], ([a, b]) => (b === "NULL" ? `rtrim(${a})` : `rtrim(${b}, ${a})`)),
  reverse: spec(1, (args) => {
    const operand = argument(args, 0);
    return operand.type?.kind === "array"
      ? opaque(`list_reverse(${operand.sql})`, operand.type, args)
      : opaque(`reverse(${asText(operand).sql})`, string, args);
  }),
  initcap: textual(
    1,
    ([a]) =>
      `array_to_string(list_transform(string_split(lower(${a}), ' '), lambda alluvium_w: upper(alluvium_w[1]) || alluvium_w[2:]), ' ')`,
  ),
  left: spec(2, (args) => {
    const [operand, count] = [argument(args, 0), argument(args, 1)];
    if (areBytes([operand])) return bytesFrom([operand, literalBound({ type: "integer", value: 1n }, integer), count]);
    return opaque(`left(${asText(operand).sql}, ${countOf(count.sql)})`, string, args);
  }),
  right: textual(2, ([a, b]) => `right(${a}, ${countOf(b)})`),
  lpad: padded("lpad"),
  rpad: padded("rpad"),
  space: fixed(string, { count: 1, sql: ([a]) => `repeat(' ', ${countOf(a)})` }),
  overlay: textual([3, 4], ([a, b, c, d]) => {
    const count = d === "NULL" ? `length(${b})` : `(CASE WHEN ${d} < 0 THEN length(${b}) ELSE ${d} END)`;
    const rest = `CASE WHEN ${c} + ${count} < 1 THEN ${a} ELSE substring(${a}, ${c} + ${count}) END`;
    return `CAST(left(${a}, CASE WHEN ${c} < 1 THEN 0 ELSE ${c} - 1 END) || ${b} || (${rest}) AS VARCHAR)`;
  }),
  repeat: textual(2, ([a, b]) => `repeat(${a}, ${b})`),
  replace: textual(
    [2, 3],
    ([a, b, c]) => `(CASE WHEN ${b} = '' THEN ${a} ELSE replace(${a}, ${b}, ${c === "NULL" ? "''" : c}) END)`,
    [true, true, true],
  ),
  translate: textual(3, ([a, b, c]) => `translate(${a}, ${b}, ${c})`),
  split_part: textual(
    3,
    ([a, b, c]) =>
      `(CASE WHEN ${c} = 0 THEN error('INVALID_INDEX_OF_ZERO: split_part counts from 1') ELSE split_part(${a}, ${b}, ${c}) END)`,
  ),
  regexp_replace: textual([3, 4], ([a, b, c, d]) => {
    const replaced = (text: string): string =>
      `regexp_replace(${text}, ${b}, regexp_replace(${c}, '\\$(\\d)', '\\\\\\1', 'g'), 'g')`;
    return d === "NULL" ? replaced(a) : `(left(${a}, ${d} - 1) || ${replaced(`substring(${a}, ${d})`)})`;
  }),
  regexp_count: fixed(integer, { count: 2, takes: [string], sql: ([a, b]) => `len(regexp_extract_all(${a}, ${b}))` }),
  regexp_substr: textual(2, ([a, b]) => `(CASE WHEN regexp_matches(${a}, ${b}) THEN regexp_extract(${a}, ${b}) END)`),
  regexp_instr: fixed(integer, {
    count: 2,
    takes: [string],
    sql: ([a, b]) =>
      `(CASE WHEN regexp_matches(${a}, ${b}) THEN length(regexp_extract(${a}, '^((?s:.*?))(?:' || ${b} || ')', 1)) + 1 WHEN ${a} IS NOT NULL AND ${b} IS NOT NULL THEN 0 END)`,
  }),
  regexp_extract_all: fixed(
    { kind: "array", elementType: string, containsNull: true },
    { count: [2, 3], sql: ([a, b, c]) => `regexp_extract_all(${a}, ${b}, ${c === "NULL" ? "1" : c})` },
  ),
  levenshtein: fixed(integer, {
    count: [2, 3],
    takes: [string, string, integer],
    sql: ([a, b, c]) =>
      c === "NULL"
        ? distance(a, b)
        : `(CASE WHEN ${c} IS NULL THEN NULL WHEN ${distance(a, b)} <= ${c} THEN ${distance(a, b)} WHEN ${a} IS NOT NULL AND ${b} IS NOT NULL THEN -1 END)`,
  }),
  regexp_extract: textual([2, 3], ([a, b, c]) => `regexp_extract(${a}, ${b}, ${c === "NULL" ? "1" : c})`),
  chr: character,
  char: character,
  ascii: fixed(integer, { count: 1, sql: ([a]) => `(CASE WHEN ${a} = '' THEN 0 ELSE ascii(${a}) END)` }),
  substring,
  substr: substring,
  concat,
  concat_ws: concatWs,
  ...lengthFunctions,
  startswith: startsWith,
  endswith: within("endswith", (a, b) => `ends_with(${a}, ${b})`),
  contains: within("contains", (a, b) => `contains(CAST(${a} AS VARCHAR), CAST(${b} AS VARCHAR))`),
  instr: fixed(integer, { count: 2, takes: [string], sql: ([a, b]) => `instr(${a}, ${b})` }),
  locate: fixed(integer, { count: [2, 3], takes: [string, string, integer], sql: ([a, b, c]) => located(b, a, c) }),
  position: fixed(integer, { count: [2, 3], takes: [string, string, integer], sql: ([a, b, c]) => located(b, a, c) }),
  regexp_like: fixed(boolean, { count: 2, sql: ([a, b]) => `regexp_matches(${a}, ${b})` }),
  regexp: fixed(boolean, { count: 2, sql: ([a, b]) => `regexp_matches(${a}, ${b})` }),
  rlike: fixed(boolean, { count: 2, sql: ([a, b]) => `regexp_matches(${a}, ${b})` }),
  split,
  parse_url: parseUrl,
  try_parse_url: parseUrl,
};
