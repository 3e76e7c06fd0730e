// expression/function/functions-checked.ts: Spark's functions that raise errors, check texts and bytes, or mask them.
import { asText } from "../operator/bind-compare.ts";
import { finalError, meaningError, opaque, textOf } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { argument, fixed, spec, textual } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "../tree/syntax.ts";
import { isOneOf } from "../tree/value-type.ts";

const string = primitive("string");
const boolean = primitive("boolean");
const long = primitive("long");

/** What a text in a format is as bytes, null where it is not in it. */
function bytesIn(value: string, format: string): string {
  switch (format.toLowerCase()) {
    case "hex": {
      // An odd digit stands for the lower half of the first byte.
      const even = `CASE WHEN length(${value}) % 2 = 1 THEN '0' || ${value} ELSE ${value} END`;
      return `(CASE WHEN regexp_full_match(${value}, '[0-9a-fA-F]*') THEN unhex(${even}) END)`;
    }
    case "utf-8":
    case "utf8":
      return `encode(${value})`;
    case "base64":
      return `TRY(from_base64(CASE WHEN regexp_full_match(${value}, '[A-Za-z0-9+/]*={0,2}') THEN ${value} ELSE '!' END))`;
    default:
      throw meaningError(`to_binary takes the formats 'hex', 'utf-8' and 'base64', not '${format}'`);
  }
}

const toBinary = (isTry: boolean): FunctionSpec =>
  spec([1, 2], (args) => {
    const value = asText(argument(args, 0)).sql;
    const format = args[1] === undefined ? "hex" : textOf(args[1]);
    if (format === undefined) throw meaningError("to_binary takes a format in quotes");
    const bytes = bytesIn(value, format);
    const wrong = `error('CONVERSION_INVALID_INPUT: to_binary was given a text that is not in its format')`;
    const sql = isTry
      ? bytes
      : `(CASE WHEN ${value} IS NULL THEN NULL WHEN ${bytes} IS NULL THEN ${wrong} ELSE ${bytes} END)`;
    return opaque(`CAST(${sql} AS BLOB)`, primitive("binary"), args);
  });

/** A bit of a whole number, the lowest at 0. */
const bitAt: FunctionSpec = spec(2, (args) => {
  const [value, place] = [argument(args, 0), argument(args, 1)];
  const sizes: Readonly<Record<string, number>> = { byte: 8, short: 16, integer: 32 };
  const size = value.type?.kind === "primitive" ? (sizes[value.type.name] ?? 64) : 64;
  const wrong = `error('INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE: the place of a bit is 0 to ${size - 1}')`;
  const bit = `(CAST(${value.sql} AS BIGINT) >> CAST(${place.sql} AS BIGINT)) & 1`;
  const sql = `(CASE WHEN ${place.sql} BETWEEN 0 AND ${size - 1} THEN ${bit} WHEN ${place.sql} IS NOT NULL THEN ${wrong} END)`;
  return opaque(`CAST(${sql} AS TINYINT)`, primitive("byte"), args);
});

/** Letters and digits give way to others; a null in the place of one keeps what it stands for. */
const mask: FunctionSpec = spec([1, 5], (args) => {
  const classes = ["\\p{Lu}", "\\p{Ll}", "\\p{Nd}", "[^\\p{Lu}\\p{Ll}\\p{Nd}]"];
  const usual = ["'X'", "'x'", "'n'", "NULL"];
  const letter = "alluvium_c";
  const branches = classes.map((pattern, index) => {
    const other = args[index + 1]?.sql ?? usual[index] ?? "NULL";
    return `WHEN regexp_matches(${letter}, '${pattern}') THEN coalesce(${other}, ${letter})`;
  });
  const value = asText(argument(args, 0)).sql;
  const each = `lambda ${letter}: CASE ${branches.join(" ")} ELSE ${letter} END`;
  return opaque(`array_to_string(list_transform(string_split(${value}, ''), ${each}), '')`, string, args);
});

/** Digits of a card: every other one from the right is doubled. */
const luhn: FunctionSpec = fixed(boolean, {
  count: 1,
  sql: ([a]) => {
    const text = `reverse(CAST(${a} AS VARCHAR))`;
    const digit = `CAST(substring(${text}, alluvium_i, 1) AS INTEGER)`;
    const added = `CASE WHEN alluvium_i % 2 = 1 THEN ${digit} ELSE (2 * ${digit}) // 10 + (2 * ${digit}) % 10 END`;
    const sum = `list_sum(list_transform(range(1, length(${text}) + 1), lambda alluvium_i: ${added}))`;
    return `(CASE WHEN regexp_full_match(${text}, '[0-9]+') THEN ${sum} % 10 = 0 WHEN ${text} IS NOT NULL THEN FALSE END)`;
  },
});

/** A text, or bytes as the text they spell; null where they spell none. */
const spelled = (arg: Bound): string => (isOneOf(arg.type, ["binary"]) ? `TRY(decode(${arg.sql}))` : asText(arg).sql);

/** By their names in lower case. */
export const checkedFunctions: FunctionTable = {
  to_binary: toBinary(false),
  try_to_binary: toBinary(true),
  getbit: bitAt,
  bit_get: bitAt,
  mask,
  luhn_check: luhn,
  quote: textual(1, ([a]) => `('''' || replace(${a}, '''', '\\''') || '''')`),
  is_valid_utf8: spec(1, (args) => {
    const value = argument(args, 0);
    const sql = `(CASE WHEN ${value.sql} IS NOT NULL THEN ${spelled(value)} IS NOT NULL END)`;
    return opaque(sql, boolean, args);
  }),
  try_validate_utf8: spec(1, (args) => opaque(spelled(argument(args, 0)), string, args)),
  validate_utf8: spec(1, (args) => {
    const value = argument(args, 0);
    const wrong = `error('INVALID_UTF8_STRING: validate_utf8 was given bytes that are no text')`;
    const sql = `(CASE WHEN ${value.sql} IS NOT NULL AND ${spelled(value)} IS NULL THEN ${wrong} ELSE ${spelled(value)} END)`;
    return opaque(sql, string, args);
  }),
  // A text of DuckDB is always valid; of bytes nobody says what they should have been.
  make_valid_utf8: spec(1, (args) => {
    const value = argument(args, 0);
    if (isOneOf(value.type, ["binary"])) throw finalError("make_valid_utf8 takes a text", "DATATYPE_MISMATCH");
    return opaque(asText(value).sql, string, args);
  }),
  try_url_decode: textual(
    1,
    ([a]) =>
      `(CASE WHEN NOT regexp_matches(${a}, '%(.?$|[^0-9a-fA-F]|.[^0-9a-fA-F])') THEN url_decode(replace(${a}, '+', ' ')) END)`,
  ),
  raise_error: spec(1, (args) => {
    const message = `CAST(${argument(args, 0).sql} AS VARCHAR)`;
    return opaque(`error('USER_RAISED_EXCEPTION: ' || ${message})`, primitive("void"), args);
  }),
  assert_true: spec([1, 2], (args) => {
    const why = args[1] === undefined ? "'the condition of assert_true is not true'" : args[1].sql;
    const raised = `error('USER_RAISED_EXCEPTION: ' || CAST(${why} AS VARCHAR))`;
    return opaque(`(CASE WHEN ${argument(args, 0).sql} THEN NULL ELSE ${raised} END)`, primitive("void"), args);
  }),
  bitmap_bit_position: fixed(long, {
    count: 1,
    sql: ([a]) => `((CASE WHEN ${a} > 0 THEN CAST(${a} AS HUGEINT) - 1 ELSE -CAST(${a} AS HUGEINT) END) % 32768)`,
  }),
  // Whole numbers are divided towards zero, below it too.
  bitmap_bucket_number: fixed(long, {
    count: 1,
    sql: ([a]) =>
      `(CASE WHEN ${a} > 0 THEN 1 + (CAST(${a} AS BIGINT) - 1) // 32768 ELSE -(-CAST(${a} AS HUGEINT) // 32768) END)`,
  }),
};
