// sql/statement/insert-defaults.ts: DEFAULT as a value of INSERT: the default of the column that it goes to. As Spark takes it, only by itself:
// an item of VALUES, or of the SELECT list.
import { type Token, tokenize } from "../../expression/parse/token.ts";
import { computedColumn } from "../../format/schema/computed-column.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { formatType } from "../../format/schema/schema-type.ts";
import type { StructField } from "../../format/schema/schema.ts";

/**
 * The query with the defaults in their places.
 * @param columns those that the values go to, in their order
 * @throws AlluviumError `DEFAULT_PLACEMENT_INVALID` for one that is part of an expression,
 *   `DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED` for an identity column that is always generated
 */
export function withDefaults(query: string, columns: readonly StructField[]): string {
  const tokens = [...tokenize(query)];
  if (!tokens.some((token) => isWord(token, "default"))) return query;
  const isAll = ["select", "*", "from", "values"].every((word, index) => isWord(tokens[index], word));
  const start = isAll ? 3 : 0;
  const isValues = isWord(tokens[start], "values");
  if (!isValues && !isWord(tokens[start], "select")) return query;
  const parts: string[] = [];
  let from = 0;
  for (const { index, column } of itemsOf(tokens, start, isValues)) {
    const token = tokens[index];
    const field = columns[column];
    if (token === undefined) continue;
    // More values than columns are refused with their counts.
    parts.push(query.slice(from, token.at), field === undefined ? "NULL" : valueOf(field));
    from = token.at + token.text.length;
  }
  return [...parts, query.slice(from)].join("");
}

interface Item {
  /** Of its token. */
  readonly index: number;
  /** Its place in the row. */
  readonly column: number;
}

/** Items that are DEFAULT and nothing else. */
function itemsOf(tokens: readonly Token[], start: number, isValues: boolean): readonly Item[] {
  const items: Item[] = [];
  // Of what a query reads something may be called so.
  const isBare = isValues || !tokens.some((token) => isWord(token, "from"));
  let [depth, column] = [0, 0];
  for (let index = start + 1; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (isWord(token, "(")) depth += 1;
    if (isWord(token, ")")) depth -= 1;
    if (isValues && isWord(token, "(") && depth === 1) column = 0;
    if (!isValues && depth === 0 && isWord(token, "from")) break;
    const isBetween = isWord(token, ",") && depth === (isValues ? 1 : 0);
    if (isBetween) column += 1;
    if (!isWord(token, "default")) continue;
    const isTop = isValues ? depth <= 1 : depth === 0;
    const isAlone = beginsItem(tokens[index - 1]) && endsItem(tokens[index + 1]);
    if (isTop && isAlone) items.push({ index, column });
    else if (isBare) throw misplaced();
  }
  return items;
}

const beginsItem = (token: Token | undefined): boolean =>
  ["(", ",", "values", "select"].some((word) => isWord(token, word));

const endsItem = (token: Token | undefined): boolean =>
  token === undefined || token.kind === "end" || [",", ")", ";", "from"].some((word) => isWord(token, word));

function isWord(token: Token | undefined, word: string): boolean {
  return (token?.kind === "word" || token?.kind === "symbol") && token.text.toLowerCase() === word;
}

function valueOf(field: StructField): string {
  const column = computedColumn(field);
  if (column?.kind === "identity" && !column.identity.allowExplicitInsert) {
    const message = `the identity column ${field.name} cannot be given DEFAULT; leave it out of the column list`;
    throw new AlluviumError("DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED", { column: field.name }, message);
  }
  const expression = column?.kind === "default" ? column.expressionSql : "NULL";
  return `CAST((${expression}) AS ${formatType(field.type)})`;
}

function misplaced(): AlluviumError {
  const message =
    "DEFAULT stands for a whole value, and is no part of an expression: write it by itself, or the value that is meant";
  return new AlluviumError("DEFAULT_PLACEMENT_INVALID", {}, message);
}
