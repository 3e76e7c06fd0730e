// expression/functions-text.ts: Spark's functions of text.
import { asText } from "./bind-compare.ts";
import { bindConcat } from "./bind-arithmetic.ts";
import { condition, opaque, textOf } from "./bound.ts";
import type { Bound } from "./bound.ts";
import { argument, fixed, many, spec, textual } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "./syntax.ts";
import { isOneOf } from "./value-type.ts";

const integer = primitive("integer");
const boolean = primitive("boolean");
const string = primitive("string");

/** Characters of a text, bytes of a binary. */
const length: FunctionSpec = spec(1, (args) => {
  const operand = argument(args, 0);
  const isBinary = isOneOf(operand.type, ["binary"]);
  return opaque(
    `CAST(${isBinary ? `octet_length(${operand.sql})` : `length(${asText(operand).sql})`} AS INTEGER)`,
    integer,
    args,
  );
});

const startsWith: FunctionSpec = spec(2, (args) => {
  const [operand, prefix] = [asText(argument(args, 0)), argument(args, 1)];
  const sql = `starts_with(${operand.sql}, ${prefix.sql})`;
  const text = textOf(prefix);
  const isText = operand.type === null || isOneOf(operand.type, ["string"]);
  return text === undefined || !isText
    ? opaque(sql, boolean, args)
    : condition(sql, { kind: "startsWith", operand: operand.shape, prefix: text });
});

/** Position 0 is the first character too. */
const substring: FunctionSpec = spec([2, 3], (args) => {
  const [operand, start] = [asText(argument(args, 0)), argument(args, 1)];
  const from =
    start.shape.kind === "literal"
      ? start.sql.replace(/^0$/, "1")
      : `(CASE WHEN ${start.sql} = 0 THEN 1 ELSE ${start.sql} END)`;
  const count = args[2] === undefined ? "" : `, greatest(0, ${args[2].sql})`;
  const type = isOneOf(operand.type, ["binary"]) ? operand.type : string;
  return opaque(`substring(${operand.sql}, ${from}${count})`, type, args);
});

const concat: FunctionSpec = spec([1, many], (args) => bindConcat(args));

const concatWs: FunctionSpec = spec([1, many], (args) =>
  opaque(`concat_ws(${args.map((arg) => arg.sql).join(", ")})`, string, args),
);

const located = (text: string, part: string, from: string): string =>
  from === "NULL"
    ? `instr(${text}, ${part})`
    : `(CASE WHEN instr(substring(${text}, ${from}), ${part}) = 0 THEN 0 ELSE instr(substring(${text}, ${from}), ${part}) + ${from} - 1 END)`;

function flagged(args: readonly Bound[]): string {
  return args.map((arg) => arg.sql).join(", ");
}

/** By their names in lower case. */
export const textFunctions: FunctionTable = {
  upper: textual(1, ([a]) => `upper(${a})`),
  ucase: textual(1, ([a]) => `upper(${a})`),
  lower: textual(1, ([a]) => `lower(${a})`),
  lcase: textual(1, ([a]) => `lower(${a})`),
  trim: textual(1, ([a]) => `trim(${a})`),
  btrim: textual([1, 2], ([a, b]) => (b === "NULL" ? `trim(${a})` : `trim(${a}, ${b})`)),
  ltrim: textual([1, 2], ([a, b]) => (b === "NULL" ? `ltrim(${a})` : `ltrim(${a}, ${b})`)),
  rtrim: textual([1, 2], ([a, b]) => (b === "NULL" ? `rtrim(${a})` : `rtrim(${a}, ${b})`)),
  reverse: spec(1, (args) => {
    const operand = argument(args, 0);
    return operand.type?.kind === "array"
      ? opaque(`list_reverse(${operand.sql})`, operand.type, args)
      : opaque(`reverse(${asText(operand).sql})`, string, args);
  }),
  initcap: textual(
    1,
    ([a]) => `array_to_string(list_transform(string_split(lower(${a}), ' '), lambda w: upper(w[1]) || w[2:]), ' ')`,
  ),
  left: textual(2, ([a, b]) => `left(${a}, greatest(0, ${b}))`),
  right: textual(2, ([a, b]) => `right(${a}, greatest(0, ${b}))`),
  lpad: textual([2, 3], ([a, b, c]) => `lpad(${a}, ${b}, ${c === "NULL" ? "' '" : c})`),
  rpad: textual([2, 3], ([a, b, c]) => `rpad(${a}, ${b}, ${c === "NULL" ? "' '" : c})`),
  repeat: textual(2, ([a, b]) => `repeat(${a}, ${b})`),
  replace: textual(
    [2, 3],
    ([a, b, c]) => `(CASE WHEN ${b} = '' THEN ${a} ELSE replace(${a}, ${b}, ${c === "NULL" ? "''" : c}) END)`,
  ),
  translate: textual(3, ([a, b, c]) => `translate(${a}, ${b}, ${c})`),
  split_part: textual(3, ([a, b, c]) => `split_part(${a}, ${b}, ${c})`),
  regexp_replace: textual(
    3,
    ([a, b, c]) => `regexp_replace(${a}, ${b}, regexp_replace(${c}, '\\$(\\d)', '\\\\\\1', 'g'), 'g')`,
  ),
  regexp_extract: textual([2, 3], ([a, b, c]) => `regexp_extract(${a}, ${b}, ${c === "NULL" ? "1" : c})`),
  md5: textual(1, ([a]) => `md5(${a})`),
  hex: spec(1, (args) => opaque(`hex(${flagged(args)})`, string, args)),
  base64: spec(1, (args) => opaque(`base64(${flagged(args)})`, string, args)),
  unhex: fixed(primitive("binary"), { count: 1, sql: ([a]) => `unhex(${a})` }),
  unbase64: fixed(primitive("binary"), { count: 1, sql: ([a]) => `from_base64(${a})` }),
  chr: textual(1, ([a]) => `chr(CAST(${a} AS INTEGER))`),
  char: textual(1, ([a]) => `chr(CAST(${a} AS INTEGER))`),
  ascii: fixed(integer, { count: 1, sql: ([a]) => `(CASE WHEN ${a} = '' THEN 0 ELSE ascii(${a}) END)` }),
  substring,
  substr: substring,
  concat,
  concat_ws: concatWs,
  length,
  len: length,
  char_length: length,
  character_length: length,
  octet_length: fixed(integer, { count: 1, sql: ([a]) => `octet_length(encode(${a}))` }),
  startswith: startsWith,
  endswith: fixed(boolean, { count: 2, sql: ([a, b]) => `ends_with(${a}, ${b})` }),
  contains: fixed(boolean, { count: 2, sql: ([a, b]) => `contains(${a}, ${b})` }),
  instr: fixed(integer, { count: 2, sql: ([a, b]) => `instr(${a}, ${b})` }),
  locate: fixed(integer, { count: [2, 3], sql: ([a, b, c]) => located(b, a, c) }),
  position: fixed(integer, { count: [2, 3], sql: ([a, b, c]) => located(b, a, c) }),
  regexp_like: fixed(boolean, { count: 2, sql: ([a, b]) => `regexp_matches(${a}, ${b})` }),
  regexp: fixed(boolean, { count: 2, sql: ([a, b]) => `regexp_matches(${a}, ${b})` }),
  rlike: fixed(boolean, { count: 2, sql: ([a, b]) => `regexp_matches(${a}, ${b})` }),
  split: spec(2, (args) =>
    opaque(
      `regexp_split_to_array(${flagged(args)})`,
      { kind: "array", elementType: string, containsNull: false },
      args,
    ),
  ),
};
