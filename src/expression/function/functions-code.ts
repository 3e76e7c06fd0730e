// expression/function/functions-code.ts: Spark's functions that encode, format or draw.
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { formatType } from "../../format/schema/schema-type.ts";
import { bindComparison } from "../operator/bind-compare.ts";
import { finalError, meaningError, opaque, textOf } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { argument, fixed, many, ofWhole, spec, textual } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { dateFormat } from "./functions-time.ts";
import { formatNumber, formatted } from "./functions-format.ts";
import { primitive } from "../tree/syntax.ts";
import { isOneOf } from "../tree/value-type.ts";

const string = primitive("string");
const double = primitive("double");

/** `decode(bytes, 'utf-8')`, or `decode(value, test, result, …[, otherwise])` in which null equals null. */
const decode: FunctionSpec = spec([2, many], (args) => {
  const value = argument(args, 0);
  if (args.length === 2) return opaque(`decode(${value.sql})`, string, args);
  const branches: string[] = [];
  for (let index = 1; index + 1 < args.length; index += 2)
    branches.push(
      `WHEN ${bindComparison("<=>", value, argument(args, index)).sql} THEN ${argument(args, index + 1).sql}`,
    );
  const otherwise: Bound | undefined = args.length % 2 === 0 ? args.at(-1) : undefined;
  const sql = `(CASE ${branches.join(" ")} ELSE ${otherwise?.sql ?? "NULL"} END)`;
  return opaque(sql, argument(args, 2).type, args);
});

const hex: FunctionSpec = ofWhole(string, { count: 1, sql: ([a]) => `hex(${a})` });

const elt: FunctionSpec = spec([2, many], (args) => {
  const [place, ...values] = args;
  if (place === undefined) throw meaningError("elt takes a place and values");
  const list = `[${values.map((value) => value.sql).join(", ")}]`;
  const wrong = "error('INVALID_ARRAY_INDEX: elt has no value at this index')";
  const isThere = `${place.sql} BETWEEN 1 AND ${values.length}`;
  const sql = `(CASE WHEN ${isThere} THEN list_extract(${list}, ${place.sql}) WHEN NOT (${isThere}) THEN ${wrong} END)`;
  return opaque(`CAST(${sql} AS VARCHAR)`, string, args);
});

/** Times by a pattern, bytes in a format. */
const toText: FunctionSpec = spec(2, (args) => {
  const [value, format] = [argument(args, 0), textOf(args[1])?.toLowerCase()];
  if (isOneOf(value.type, ["date", "timestamp", "timestamp_ntz"])) return dateFormat.bind(args, "date_format");
  if (isOneOf(value.type, ["binary"])) {
    if (format === "hex") return opaque(`hex(${value.sql})`, string, args);
    if (format === "base64") return opaque(`base64(${value.sql})`, string, args);
    if (format === "utf-8") return opaque(`decode(${value.sql})`, string, args);
    throw finalError("to_char of bytes takes the formats 'base64', 'hex' and 'utf-8'", "DATATYPE_MISMATCH");
  }
  throw finalError("to_char takes times and bytes; format_number(x, 2) makes texts of numbers", "DATATYPE_MISMATCH");
});

/** By their names in lower case. */
export const codeFunctions: FunctionTable = {
  hex,
  unhex: fixed(primitive("binary"), {
    count: 1,
    sql: ([a]) => `(CASE WHEN regexp_full_match(${a}, '[0-9a-fA-F]*') THEN unhex(${a}) END)`,
  }),
  base64: spec(1, (args) => {
    const value = argument(args, 0);
    const bytes = isOneOf(value.type, ["binary"]) ? value.sql : `encode(CAST(${value.sql} AS VARCHAR))`;
    return opaque(`base64(${bytes})`, string, args);
  }),
  to_char: toText,
  to_varchar: toText,
  unbase64: fixed(primitive("binary"), { count: 1, sql: ([a]) => `from_base64(${a})` }),
  encode: fixed(primitive("binary"), { count: [1, 2], sql: ([a]) => `encode(${a})` }),
  decode,
  bin: ofWhole(string, {
    count: 1,
    sql: ([a]) =>
      `(CASE WHEN ${a} >= 0 THEN to_binary(CAST(${a} AS BIGINT)) ELSE to_binary(CAST(${a} AS HUGEINT) + 18446744073709551616) END)`,
  }),
  url_encode: textual(1, ([a]) => `replace(replace(replace(url_encode(${a}), '%20', '+'), '%2A', '*'), '~', '%7E')`),
  url_decode: textual(1, ([a]) => `url_decode(replace(${a}, '+', ' '))`),
  format_string: formatted,
  printf: formatted,
  format_number: formatNumber,
  elt,
  typeof: spec(1, (args) => {
    const { type } = argument(args, 0);
    if (type === null) throw meaningError("the type of this expression is not known before it runs");
    return opaque(sqlLiteral(formatType(type)), string, args);
  }),
  rand: fixed(double, { count: 0, sql: () => "random()" }),
  random: fixed(double, { count: 0, sql: () => "random()" }),
  uuid: fixed(string, { count: 0, sql: () => "uuid()" }),
};
