// sql/words/statement-words.ts: the parts that statements are made of.
import type { TokenCursor } from "../../expression/parse/token-cursor.ts";

/** A name, part by part. */
export type NameParts = readonly string[];

/** `(key = value, …)`; keys may be texts, or names with dots. */
export function propertiesOf(cursor: TokenCursor): Readonly<Record<string, string>> {
  const properties: Record<string, string> = {};
  cursor.expectSymbol("(");
  do {
    let key = cursor.next().value;
    while (cursor.takeSymbol(".")) key += `.${cursor.next().value}`;
    cursor.takeSymbol("=");
    properties[key] = cursor.next().value;
  } while (cursor.takeSymbol(","));
  cursor.expectSymbol(")");
  return properties;
}

/** A name with dots between its parts. */
export function nameOf(cursor: TokenCursor): NameParts {
  const parts = [cursor.expectName()];
  while (cursor.takeSymbol(".")) parts.push(cursor.expectName());
  return parts;
}

/** `(name, …)`. */
export function nameList(cursor: TokenCursor): readonly string[] {
  const names: string[] = [];
  cursor.expectSymbol("(");
  do names.push(cursor.expectName());
  while (cursor.takeSymbol(","));
  cursor.expectSymbol(")");
  return names;
}

/** A text in quotes. */
export function stringOf(cursor: TokenCursor): string {
  if (cursor.peek().kind !== "string") throw cursor.fail("a text in quotes is missing");
  return cursor.next().value;
}

/** Takes all of the words, or none. */
export function takeWords(cursor: TokenCursor, words: readonly string[]): boolean {
  if (!words.every((word, index) => cursor.isWord(word, index))) return false;
  for (const _ of words) cursor.next();
  return true;
}

/** `(name, nested.name, …)`, each as one text. */
export function pathList(cursor: TokenCursor): readonly string[] {
  const paths: string[] = [];
  cursor.expectSymbol("(");
  do paths.push(pathOf(cursor));
  while (cursor.takeSymbol(","));
  cursor.expectSymbol(")");
  return paths;
}

/** The path of a column, as one text. */
export function pathOf(cursor: TokenCursor): string {
  return nameOf(cursor)
    .map((name) => `\`${name.replaceAll("`", "``")}\``)
    .join(".");
}

/** Words that begin a query. */
export const queryWords: readonly string[] = ["select", "with", "values", "from", "table"];
