// sql/translate/generators.ts: functions that make rows: explode, posexplode, inline, stack, json_tuple. DuckDB knows unnest; the rest is a query
// that is joined to the row its arguments are of.
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { bindFunction } from "../../expression/function/function-table.ts";
import { type Bound, opaque, textOf } from "../../expression/tree/bound.ts";
import { syntaxError } from "../../expression/parse/token.ts";
import { closingIndex, isSymbol, listItems, wordOf } from "../words/query-words.ts";
import { SqlOutput } from "../words/sql-output.ts";
import { bindValue, translateExpression } from "./translate-expression.ts";
import type { Range, Walk } from "../words/walk.ts";

/** A generator's rows as a query, and what its columns are called where nothing else is said; null: as in the query. */
export interface GeneratedRows {
  readonly sql: string;
  readonly names: readonly string[] | null;
}

const generators = new Set(
  ["explode", "posexplode", "inline", "stack", "json_tuple"].flatMap((name) => [name, `${name}_outer`]),
);

/** True where the call of a generator begins. */
export const startsGenerator = ({ tokens }: Walk, index: number): boolean =>
  generators.has(wordOf(tokens[index])) && isSymbol(tokens[index + 1], "(");

interface Asked {
  /** The name, up to behind the bracket. */
  readonly call: Range;
  /** How many names are given to the columns. */
  readonly nameCount: number;
  /** True for LATERAL VIEW OUTER. */
  readonly isOuter: boolean;
}

/**
 * The rows of a generator.
 * @throws AlluviumError `INVALID_PREDICATE` for arguments that it does not take, and for names of some of its columns
 */
export function generatedRows(walk: Walk, asked: Asked): GeneratedRows {
  const rows = rowsOfCall(walk, asked);
  const { call, nameCount } = asked;
  if (nameCount === 0 || rows.names === null || rows.names.length === nameCount) return rows;
  const problem = `${wordOf(walk.tokens[call.start])} makes ${rows.names.length} columns, and ${nameCount} are named:`;
  throw syntaxError(walk.text, walk.tokens[call.start]?.at ?? 0, problem);
}

function rowsOfCall(walk: Walk, { call, nameCount, isOuter }: Asked): GeneratedRows {
  const word = wordOf(walk.tokens[call.start]);
  const name = word.replace(/_outer$/, "");
  const args = listItems(walk.tokens, { start: call.start + 2, end: call.end - 1 }).map((one) =>
    boundArgument(walk, one),
  );
  const [first, ...rest] = args;
  if (first === undefined) throw syntaxError(walk.text, walk.tokens[call.start]?.at ?? 0, `${word} wants an argument:`);
  const padded = isOuter || word !== name;
  if (name === "stack") return stacked(walk, call, args);
  if (name === "json_tuple") return jsonTuple(walk, call, args);
  if (rest.length > 0) throw syntaxError(walk.text, walk.tokens[call.start]?.at ?? 0, `${word} takes one argument:`);
  if (name === "inline") {
    return { sql: `SELECT e.* FROM (SELECT unnest(${filled(first.sql, padded)}) AS e)`, names: null };
  }
  const isMap = first.type?.kind === "map" || (first.type === null && nameCount > (name === "explode" ? 1 : 2));
  const values = isMap ? ["key", "value"] : ["col"];
  const lists = isMap ? [`map_keys(${first.sql})`, `map_values(${first.sql})`] : [first.sql];
  const unnested = lists.map((list) => `unnest(${filled(list, padded)})`);
  if (name === "explode") return { sql: `SELECT ${unnested.join(", ")}`, names: values };
  const place = `CAST(unnest(${filled(`range(len(${lists[0] ?? ""}))`, padded)}) AS INTEGER)`;
  return { sql: `SELECT ${[place, ...unnested].join(", ")}`, names: ["pos", ...values] };
}

/** With `isPadded` a row of nulls where there is nothing. */
const filled = (list: string, isPadded: boolean): string =>
  isPadded ? `CASE WHEN len(${list}) > 0 THEN ${list} ELSE [NULL] END` : list;

function boundArgument(walk: Walk, range: Range): Bound {
  const bound = bindValue(walk, range);
  if (bound !== null) return bound;
  const out = new SqlOutput(walk.out.named);
  translateExpression(walk.into(out), range);
  return opaque(`(${out.finish().sql})`, null, []);
}

/** `stack(n, a, b, …)`: the values in n rows. */
function stacked(walk: Walk, call: Range, [count, ...values]: readonly Bound[]): GeneratedRows {
  const rowCount =
    count?.shape.kind === "literal" && count.shape.literal.type === "integer" ? Number(count.shape.literal.value) : 0;
  if (rowCount < 1 || values.length === 0)
    throw syntaxError(walk.text, walk.tokens[call.start]?.at ?? 0, "stack takes the number of rows, then values:");
  const width = Math.ceil(values.length / rowCount);
  const names = Array.from({ length: width }, (_, column) => `col${column}`);
  const rows = Array.from({ length: rowCount }, (_, row) => {
    const fields = names.map(
      (name, column) => `${sqlIdentifier(name)} := ${values[row * width + column]?.sql ?? "NULL"}`,
    );
    return `struct_pack(${fields.join(", ")})`;
  });
  return { sql: `SELECT e.* FROM (SELECT unnest([${rows.join(", ")}]) AS e)`, names };
}

/** `json_tuple(text, 'a', 'b')`: values of top-level keys as texts. */
function jsonTuple(walk: Walk, call: Range, [text, ...keys]: readonly Bound[]): GeneratedRows {
  const items = keys.map((key) => {
    const name = textOf(key);
    if (text === undefined || name === undefined || !/^\w+$/.test(name))
      throw syntaxError(
        walk.text,
        walk.tokens[call.start]?.at ?? 0,
        "json_tuple takes a text, and keys of letters and digits in quotes:",
      );
    const path = opaque(sqlLiteral(`$.${name}`), null, []);
    return bindFunction("get_json_object", [
      text,
      { ...path, shape: { kind: "literal", literal: { type: "string", value: `$.${name}` } } },
    ]).sql;
  });
  return { sql: `SELECT ${items.join(", ")}`, names: keys.map((_, index) => `c${index}`) };
}

/** A generator in a SELECT list that is more than one column, and the names it is given. */
export interface GeneratorItem {
  readonly rows: GeneratedRows;
  readonly names: readonly string[];
}

/** Reads an item of a SELECT list as such a generator; null for any other. */
export function generatorItem(walk: Walk, { start, end }: Range): GeneratorItem | null {
  const { tokens } = walk;
  if (!startsGenerator(walk, start)) return null;
  const close = closingIndex(tokens, start + 1, end);
  const names = aliasesOf(walk, { start: close + 1, end });
  if (names === null) return null;
  const call = { start, end: close + 1 };
  if (/^explode(_outer)?$/.test(wordOf(tokens[start])) && names.length < 2) {
    const [only, ...more] = listItems(tokens, { start: start + 2, end: close });
    // One column is DuckDB's unnest.
    if (only === undefined || more.length > 0 || boundArgument(walk, only).type?.kind !== "map") return null;
  }
  return { rows: generatedRows(walk, { call, nameCount: names.length, isOuter: false }), names };
}

/** `AS a`, `a`, `AS (a, b)` or nothing; null for anything else. */
function aliasesOf({ tokens }: Walk, { start, end }: Range): readonly string[] | null {
  const at = wordOf(tokens[start]) === "as" ? start + 1 : start;
  if (at >= end) return [];
  if (isSymbol(tokens[at], "(") && closingIndex(tokens, at, end) === end - 1)
    return listItems(tokens, { start: at + 1, end: end - 1 }).map((one) => tokens[one.start]?.value ?? "");
  return at === end - 1 ? [tokens[at]?.value ?? ""] : null;
}

/** What rows made for a SELECT list are called in its FROM. */
export const generatedName = "alluvium_generated";

/** A generator's rows in brackets, with names for the table and its columns. */
export function namedRows({ sql, names }: GeneratedRows, table: string, given: readonly string[]): string {
  const all = given.length > 0 ? given : (names ?? []);
  const columns = all.length === 0 ? "" : `(${all.map(sqlIdentifier).join(", ")})`;
  return `(${sql}) AS ${sqlIdentifier(table)}${columns}`;
}
