// expression/function/functions-bytes.ts: functions of text that take bytes too, and how long both are.
import { asText } from "../operator/bind-compare.ts";
import { opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { primitive } from "../tree/syntax.ts";
import { isOneOf } from "../tree/value-type.ts";
import { argument, spec } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";

/** True where all are bytes: one text among them makes text of them. */
export function areBytes(args: readonly Bound[]): boolean {
  return args.every((arg) => isOneOf(arg.type, ["binary"]));
}

/** `substring` of bytes. DuckDB cuts text only: two digits are a byte. */
export function bytesFrom(args: readonly Bound[]): Bound {
  const [bytes, start, count] = [argument(args, 0), argument(args, 1), args[2]];
  const from = `(CASE WHEN ${start.sql} = 0 THEN 1 WHEN ${start.sql} > 0 THEN 2 * ${start.sql} - 1 ELSE 2 * ${start.sql} END)`;
  const digits = count === undefined ? "" : `, 2 * greatest(0, ${count.sql})`;
  return opaque(`unhex(substring(hex(${bytes.sql}), ${from}${digits}))`, primitive("binary"), args);
}

/** Whether bytes begin with, end with or have others within. */
export function bytesWith(name: "startswith" | "endswith" | "contains", args: readonly Bound[]): Bound {
  const [a, b] = [0, 1].map((index) => `hex(${argument(args, index).sql})`);
  const sql = {
    startswith: `starts_with(${a}, ${b})`,
    endswith: `ends_with(${a}, ${b})`,
    contains: `regexp_matches(${a}, '^(..)*' || ${b})`, // from the first digit of a byte only
  };
  return opaque(sql[name], primitive("boolean"), args);
}

/** Bytes of a text are those of its UTF-8. */
const counted = (sql: (bytes: string, isText: boolean) => string): FunctionSpec =>
  spec(1, (args) => {
    const operand = argument(args, 0);
    const isText = !areBytes([operand]);
    return opaque(`CAST(${sql(asText(operand).sql, isText)} AS INTEGER)`, primitive("integer"), args);
  });

const length = counted((value, isText) => (isText ? `length(${value})` : `octet_length(${value})`));

/** By their names in lower case. */
export const lengthFunctions: FunctionTable = {
  length,
  len: length,
  char_length: length,
  character_length: length,
  octet_length: counted((value, isText) => (isText ? `strlen(${value})` : `octet_length(${value})`)),
  bit_length: counted((value, isText) => (isText ? `8 * strlen(${value})` : `8 * octet_length(${value})`)),
};
