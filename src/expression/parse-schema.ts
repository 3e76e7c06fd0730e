// expression/parse-schema.ts: a schema as Spark's DDL spells it: `id BIGINT NOT NULL, tags ARRAY<STRING> COMMENT 'words'`.
import type { StructField, StructType } from "../format/schema.ts";
import { parseType } from "./parse-type.ts";
import { TokenCursor } from "./token-cursor.ts";

/**
 * Parses the columns of a table.
 * @throws AlluviumError `INVALID_PREDICATE` pointing at what cannot be read
 */
export function parseSchemaDdl(text: string): StructType {
  const cursor = new TokenCursor(text);
  const fields: StructField[] = [];
  do {
    fields.push(readColumn(cursor));
  } while (cursor.takeSymbol(","));
  if (!cursor.isAtEnd) throw cursor.fail("a comma is missing before");
  return { kind: "struct", fields };
}

function readColumn(cursor: TokenCursor): StructField {
  const name = cursor.expectName();
  cursor.takeSymbol(":");
  const type = parseType(cursor);
  const isRequired = cursor.isWord("not") && cursor.isWord("null", 1);
  if (isRequired) {
    cursor.next();
    cursor.next();
  }
  if (!cursor.takeWord("comment")) return { name, type, nullable: !isRequired, metadata: {} };
  const comment = cursor.next();
  if (comment.kind !== "string") throw cursor.fail("a comment is text in quotes, before");
  return { name, type, nullable: !isRequired, metadata: { comment: comment.value } };
}
