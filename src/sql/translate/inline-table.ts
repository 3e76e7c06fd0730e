// sql/translate/inline-table.ts: `VALUES (1, 'a'), (2.5, 'b')`, its columns of the types in which Spark lets their values meet.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { castBound } from "../../expression/operator/bind-cast.ts";
import { type Bound, finalError } from "../../expression/tree/bound.ts";
import { type ValueType, commonType, isOneOf } from "../../expression/tree/value-type.ts";
import { closingIndex, endsTable, indexWhere, isSymbol, listItems, wordOf } from "../words/query-words.ts";
import { bindValue, translateExpression } from "./translate-expression.ts";
import type { Range, Walk } from "../words/walk.ts";

interface InlineTable {
  readonly columnCount: number;
  /** Where it ends. */
  readonly next: number;
}

/** `VALUES …` as a table in brackets, without a name. */
export function translateValues(walk: Walk, { start, end }: Range): InlineTable {
  const { tokens, out } = walk;
  const at = tokens[start]?.at ?? 0;
  const rows: (readonly Range[])[] = [];
  let next = start + 1;
  for (;;) {
    const isRow = isSymbol(tokens[next], "(");
    const stop = isRow
      ? closingIndex(tokens, next, end) + 1
      : indexWhere(tokens, { start: next, end }, (index) => endsTable(tokens, index) || wordOf(tokens[index]) === "as");
    rows.push(listItems(tokens, isRow ? { start: next + 1, end: stop - 1 } : { start: next, end: stop }));
    next = stop;
    if (!isSymbol(tokens[next], ",") || (!isSymbol(tokens[next + 1], "(") && isRow)) break;
    next += 1;
  }
  const bound = rows.map((cells) => cells.map((cell) => bindValue(walk, cell)));
  const columnCount = rows.at(-1)?.length ?? 0;
  const types = Array.from({ length: columnCount }, (_, column) => typeOfColumn(bound.map((cells) => cells[column])));
  out.push("(VALUES", at);
  for (const [rowIndex, cells] of rows.entries()) {
    out.push(rowIndex === 0 ? "(" : ", (", at);
    for (const [column, cell] of cells.entries()) {
      if (column > 0) out.push(",", at);
      const value = bound[rowIndex]?.[column] ?? null;
      if (value === null) translateExpression(walk, cell);
      else out.push(asType(value, types[column] ?? null), tokens[cell.start]?.at ?? at);
    }
    out.push(")", at);
  }
  out.push(")", at);
  return { columnCount, next };
}

/** Null where it is left to DuckDB. */
function typeOfColumn(values: readonly (Bound | null | undefined)[]): ValueType {
  const types = values.map((value) => value?.type ?? null);
  const known = types.filter((type) => type !== null && !isOneOf(type, ["void"]));
  if (known.some((type) => isOneOf(type, ["string"])) && known.some((type) => !isOneOf(type, ["string"])))
    throw finalError("a column of VALUES holds texts and other values; cast them to one type", "DATATYPE_MISMATCH");
  const type = types.reduce<ValueType | "none">((a, b) => (a === "none" ? a : commonType(a, b)), types[0] ?? null);
  return type !== "none" && (type?.kind === "primitive" || type?.kind === "decimal") ? type : null;
}

function asType(value: Bound, type: ValueType): string {
  if (type === null || value.type === null || isOneOf(value.type, ["void"])) return value.sql;
  return duckdbType(value.type) === duckdbType(type) ? value.sql : castBound(value, type).sql;
}

/** Names of the columns of an inline table that gives them none. */
export const valueColumns = (columnCount: number): string =>
  Array.from({ length: columnCount }, (_, index) => sqlIdentifier(`col${index + 1}`)).join(", ");
