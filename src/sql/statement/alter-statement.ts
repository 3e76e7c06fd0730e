// sql/statement/alter-statement.ts: ALTER TABLE, as Spark with Delta spells it.
import { readExpressionText } from "../../expression/parse/parse-sql.ts";
import { parseType } from "../../expression/parse/parse-type.ts";
import type { TokenCursor } from "../../expression/parse/token-cursor.ts";
import type { ColumnPosition } from "../../format/schema/edit-schema.ts";
import type { NewColumn } from "../../table/alter/alter-columns.ts";
import type { TableChange } from "../../table/alter/alter-table.ts";
import type { ColumnEdit } from "../../table/alter/change-column.ts";
import { nameOf, pathList, pathOf, propertiesOf, stringOf, takeWords } from "../words/statement-words.ts";
import type { NameParts } from "../words/statement-words.ts";

/** Reads what follows ALTER. @throws AlluviumError pointing at what cannot be read */
export function parseAlter(cursor: TokenCursor): { readonly name: NameParts; readonly change: TableChange } {
  cursor.expectWord("table");
  const name = nameOf(cursor);
  return { name, change: readChange(cursor) };
}

function readChange(cursor: TokenCursor): TableChange {
  if (takeWords(cursor, ["set", "tblproperties"])) return { kind: "setProperties", properties: propertiesOf(cursor) };
  if (takeWords(cursor, ["unset", "tblproperties"])) {
    const ifExists = takeWords(cursor, ["if", "exists"]);
    return { kind: "unsetProperties", names: propertyNames(cursor), ifExists };
  }
  if (cursor.takeWord("add")) return readAdd(cursor);
  if (cursor.takeWord("drop")) return readDrop(cursor);
  if (takeWords(cursor, ["rename", "column"])) {
    const from = pathOf(cursor);
    cursor.expectWord("to");
    return { kind: "renameColumn", from, to: cursor.expectName() };
  }
  if (takeWords(cursor, ["cluster", "by"]))
    return { kind: "clusterBy", columns: cursor.takeWord("none") ? [] : pathList(cursor) };
  if (cursor.takeWord(["alter", "change"])) return readColumnChange(cursor);
  throw cursor.fail(
    "ALTER TABLE goes on with SET TBLPROPERTIES, UNSET TBLPROPERTIES, ADD COLUMNS, RENAME COLUMN, DROP COLUMN, ALTER COLUMN, CHANGE COLUMN, ADD CONSTRAINT, DROP CONSTRAINT, DROP FEATURE or CLUSTER BY, not with this:",
  );
}

function readAdd(cursor: TokenCursor): TableChange {
  if (cursor.takeWord("constraint")) {
    const name = cursor.expectName();
    cursor.expectWord("check");
    cursor.expectSymbol("(");
    const expression = readExpressionText(cursor);
    cursor.expectSymbol(")");
    return { kind: "addConstraint", name, expression };
  }
  if (!cursor.takeWord(["columns", "column"])) throw cursor.fail("COLUMNS or CONSTRAINT is missing");
  const isList = cursor.takeSymbol("(");
  const columns: NewColumn[] = [];
  do columns.push(readNewColumn(cursor));
  while (cursor.takeSymbol(","));
  if (isList) cursor.expectSymbol(")");
  return { kind: "addColumns", columns };
}

function readNewColumn(cursor: TokenCursor): NewColumn {
  const column = pathOf(cursor);
  cursor.takeSymbol(":");
  let type = typeText(cursor);
  let more: Pick<NewColumn, "comment" | "position"> = {};
  for (;;) {
    const position = readPosition(cursor);
    if (position !== undefined) more = { ...more, position };
    else if (takeWords(cursor, ["not", "null"])) type += " NOT NULL";
    else if (cursor.takeWord("comment")) more = { ...more, comment: stringOf(cursor) };
    else if (cursor.takeWord("default")) type += ` DEFAULT ${readExpressionText(cursor)}`;
    else return { column, type, ...more };
  }
}

function readDrop(cursor: TokenCursor): TableChange {
  if (cursor.takeWord("constraint")) {
    const ifExists = takeWords(cursor, ["if", "exists"]);
    return { kind: "dropConstraint", name: cursor.expectName(), ifExists };
  }
  if (cursor.takeWord("feature")) {
    const name = cursor.next().value;
    return { kind: "dropFeature", name, truncateHistory: takeWords(cursor, ["truncate", "history"]) };
  }
  if (!cursor.takeWord(["columns", "column"])) throw cursor.fail("COLUMN, CONSTRAINT or FEATURE is missing");
  const ifExists = takeWords(cursor, ["if", "exists"]);
  return {
    kind: "dropColumns",
    columns: cursor.isSymbol("(") ? pathList(cursor) : [pathOf(cursor)],
    ifExists,
  };
}

/** `ALTER COLUMN c TYPE t`, …, or `CHANGE COLUMN c c t COMMENT '…'`, in which the name stands twice. */
function readColumnChange(cursor: TokenCursor): TableChange {
  cursor.takeWord("column");
  const column = pathOf(cursor);
  let edit = readEdit(cursor);
  if (edit === undefined) {
    const again = cursor.expectName();
    if (!column.endsWith(`\`${again.replaceAll("`", "``")}\``))
      throw cursor.fail("CHANGE COLUMN does not rename; say RENAME COLUMN … TO …, before");
    edit = { type: typeText(cursor) };
  }
  for (let next = readEdit(cursor); next !== undefined; next = readEdit(cursor)) edit = { ...edit, ...next };
  return { kind: "changeColumn", column, edit };
}

function readEdit(cursor: TokenCursor): ColumnEdit | undefined {
  if (cursor.takeWord("type")) return { type: typeText(cursor) };
  if (cursor.takeWord("comment")) return { comment: stringOf(cursor) };
  if (takeWords(cursor, ["set", "not", "null"])) return { nullable: false };
  if (takeWords(cursor, ["drop", "not", "null"])) return { nullable: true };
  if (takeWords(cursor, ["drop", "default"])) return { default: null };
  if (takeWords(cursor, ["set", "default"])) return { default: readExpressionText(cursor) };
  if (takeWords(cursor, ["sync", "identity"])) return { syncIdentity: true };
  const position = readPosition(cursor);
  return position === undefined ? undefined : { position };
}

function readPosition(cursor: TokenCursor): ColumnPosition | undefined {
  if (cursor.takeWord("first")) return "first";
  return cursor.takeWord("after") ? { after: cursor.expectName() } : undefined;
}

function typeText(cursor: TokenCursor): string {
  const from = cursor.peek().at;
  parseType(cursor);
  return cursor.text.slice(from, cursor.peek().at).trim();
}

function propertyNames(cursor: TokenCursor): readonly string[] {
  const names: string[] = [];
  cursor.expectSymbol("(");
  do {
    let name = cursor.next().value;
    while (cursor.takeSymbol(".")) name += `.${cursor.next().value}`;
    names.push(name);
  } while (cursor.takeSymbol(","));
  cursor.expectSymbol(")");
  return names;
}
