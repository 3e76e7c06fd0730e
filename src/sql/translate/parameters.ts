// sql/translate/parameters.ts: the values of parameter markers, `:name` and `?`, put into the text of a statement as literals.
import { type LiteralInput, lit } from "../../expression/predicate/builder.ts";
import { type Token, tokenize } from "../../expression/parse/token.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { isSymbol } from "../words/query-words.ts";
import { asSyntaxError } from "../words/sql-error.ts";

/** Values by the names of their markers, or in the order of question marks. */
export type SqlArguments = Readonly<Record<string, LiteralInput>> | readonly LiteralInput[];

/**
 * The statement with its markers filled; texts in quotes and comments stay as they are.
 * @throws AlluviumError `PARSE_SYNTAX_ERROR`, `UNBOUND_SQL_PARAMETER` for a marker without a value, `INVALID_ARGUMENT` for a value of no
 * SQL type
 */
export function fillParameters(text: string, args: SqlArguments): string {
  const tokens = tokensOf(text);
  let filled = "";
  let from = 0;
  let position = 0;
  for (const [index, token] of tokens.entries()) {
    const name = markerName(tokens, index);
    if (name === null) continue;
    const key = name === "" ? position : name;
    position += name === "" ? 1 : 0;
    const value = Object.entries(args).find(([one]) => one === String(key))?.[1];
    if (value === undefined || Array.isArray(args) !== (name === "")) throw unbound(name, position);
    filled += `${text.slice(from, token.at)} ${lit(value).toSparkSql()} `;
    from = token.at + 1 + name.length;
  }
  return filled + text.slice(from);
}

function tokensOf(text: string): readonly Token[] {
  try {
    return tokenize(text);
  } catch (error) {
    throw asSyntaxError(text, error);
  }
}

/** The name of a marker that begins here, "" for a question mark; null for no marker. */
function markerName(tokens: readonly Token[], index: number): string | null {
  const [token, next] = [tokens[index], tokens[index + 1]];
  if (isSymbol(token, "?")) return "";
  const before = tokens[index - 1];
  // In `list[a:b]` it is the colon of a slice.
  const isSlice = before !== undefined && before.kind !== "symbol" && before.at + before.text.length === token?.at;
  const isName = !isSlice && isSymbol(token, ":") && next?.kind === "word" && next.at === (token?.at ?? 0) + 1;
  return isName ? next.text : null;
}

function unbound(name: string, position: number): AlluviumError {
  const marker = name === "" ? `the question mark number ${position}` : `:${name}`;
  const example = name === "" ? "args: [1]" : `args: { ${name}: 1 }`;
  const message = `there is no value for ${marker}; give it to sql(text, { ${example} })`;
  return new AlluviumError("UNBOUND_SQL_PARAMETER", { marker: name === "" ? `?${position}` : name }, message);
}
