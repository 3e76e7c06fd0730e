// session/simple-query.ts: `SELECT … FROM view [WHERE …]` as steps of a frame.
import { type Token, tokenize } from "../expression/token.ts";
import { AlluviumError } from "../format/error.ts";
import type { PlanStep } from "./plan.ts";

/**
 * Takes a query over one view apart; its expressions are Spark SQL.
 * @throws AlluviumError `PARSE_SYNTAX_ERROR` for text of another shape, `TABLE_OR_VIEW_NOT_FOUND` for another view
 */
export function parseSimpleQuery(query: string, view: string): readonly PlanStep[] {
  const clauses = clausesOf(query.replace(/;\s*$/, ""));
  const select = clauses.get("SELECT");
  const from = clauses.get("FROM");
  if (select === undefined || from === undefined) throw wrongShape(query, view);
  const name = from.trim().replace(/^`(.*)`$/, "$1");
  if (name.toLowerCase() !== view.toLowerCase()) {
    throw new AlluviumError(
      "TABLE_OR_VIEW_NOT_FOUND",
      { name },
      `the query reads ${name}, but the only view here is ${view}: SELECT … FROM ${view}`,
    );
  }
  const where = clauses.get("WHERE");
  const steps: PlanStep[] = where === undefined ? [] : [{ kind: "where", condition: where }];
  return [...steps, { kind: "select", expressions: [select] }];
}

const clauseWords = ["SELECT", "FROM", "WHERE"];
const otherWords = [
  "GROUP",
  "HAVING",
  "ORDER",
  "LIMIT",
  "JOIN",
  "UNION",
  "WINDOW",
  "DISTINCT",
  "WITH",
  "LATERAL",
  "SORT",
  "CLUSTER",
];

/** The text of each clause, by the words that stand outside brackets. */
function clausesOf(query: string): ReadonlyMap<string, string> {
  const clauses = new Map<string, string>();
  let depth = 0;
  let open: { readonly word: string; readonly start: number } | null = null;
  for (const token of tokenize(query)) {
    if (token.text === "(" || token.text === "[") depth += 1;
    if (token.text === ")" || token.text === "]") depth -= 1;
    const word = depth === 0 && token.kind === "word" ? token.text.toUpperCase() : "";
    if (otherWords.includes(word)) throw wrongShape(query, "source", word);
    if (!clauseWords.includes(word)) continue;
    if (open !== null) clauses.set(open.word, query.slice(open.start, token.at));
    if (clauses.has(word)) throw wrongShape(query, "source", word);
    open = { word, start: endOf(token) };
  }
  if (open !== null) clauses.set(open.word, query.slice(open.start));
  return clauses;
}

const endOf = (token: Token): number => token.at + token.text.length;

function wrongShape(query: string, view: string, word?: string): AlluviumError {
  return new AlluviumError(
    "PARSE_SYNTAX_ERROR",
    { query },
    `${word === undefined ? "the query" : `${word} in the query`} is more than a stream can do row by row; ` +
      `write it as SELECT … FROM ${view} WHERE …`,
  );
}
