// table/merge/merge-evolution.ts: the table after a merge that may add columns: those of the source that its clauses give to the target.
// Delta's schema evolution in MERGE.
import type { Engine } from "../../engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { formatSchema, parseSchema } from "../../format/schema/schema-json.ts";
import { findField, schemaEquals } from "../../format/schema/schema-type.ts";
import type { DataType, StructType } from "../../format/schema/schema.ts";
import { settleMetadata } from "../../format/protocol/settle-metadata.ts";
import { isTypeWideningEnabled } from "../../format/protocol/type-change.ts";
import { evolvedSchema } from "../../writer/write-schema.ts";
import type { TypedSql } from "../rows/assigned-columns.ts";
import { newColumnName } from "../input/create-table.ts";
import type { TableShape } from "../rows/file-changes.ts";
import type { MergeRequest } from "./merge-clause.ts";

/** The table as the merge will leave it; itself where it does not evolve. */
export function evolveTable(
  engine: Engine,
  table: TableShape,
  { source, request }: { readonly source: StructType; readonly request: MergeRequest },
): TableShape {
  if (request.withSchemaEvolution !== true) return table;
  const widens = isTypeWideningEnabled(table.metadata);
  const schema = evolvedSchema(table.schema, givenColumns(source, request), widens);
  if (schemaEquals(schema, table.schema)) return table;
  const wanted = { ...table.metadata, schemaString: formatSchema(schema) };
  const metadata = settleMetadata(wanted, table, () => newColumnName(engine));
  return { ...table, metadata, schema: parseSchema(metadata.schemaString) };
}

/** All columns of the source where a clause takes all, else those that a clause names as the target's. */
function givenColumns(source: StructType, { clauses }: MergeRequest): StructType {
  const names = new Set<string>();
  for (const clause of clauses) {
    const values = clause.kind === "delete" ? {} : clause.kind === "update" ? clause.set : clause.values;
    if (values === "all") return source;
    for (const name of Object.keys(values)) names.add(name.toLowerCase());
  }
  return { kind: "struct", fields: source.fields.filter(({ name }) => names.has(name.toLowerCase())) };
}

/**
 * The value of a column that takes the source's. A struct keeps the fields that the source's lacks; where both are null it stays so.
 * @param held the target's column as it was; null where it is new
 */
export function evolvedValue(table: DataType, given: TypedSql, held: TypedSql | null): TypedSql {
  if (table.kind !== "struct" || given.type.kind !== "struct" || held?.type.kind !== "struct") return given;
  const [givenType, heldType] = [given.type, held.type];
  if (table.fields.every(({ name }) => findField(givenType, name) !== undefined)) return given;
  const parts = table.fields.flatMap((field) => {
    const [own, old] = [fieldOf(given.sql, givenType, field.name), fieldOf(held.sql, heldType, field.name)];
    const value = own === null ? old : evolvedValue(field.type, own, old);
    return value === null ? [] : [{ field, value }];
  });
  const list = parts.map(({ field, value }) => `${sqlIdentifier(field.name)} := ${value.sql}`);
  return {
    sql: `CASE WHEN ${given.sql} IS NULL AND ${held.sql} IS NULL THEN NULL ELSE struct_pack(${list.join(", ")}) END`,
    type: { kind: "struct", fields: parts.map(({ field, value }) => ({ ...field, type: value.type })) },
  };
}

function fieldOf(sql: string, type: StructType, name: string): TypedSql | null {
  const field = findField(type, name);
  return field === undefined ? null : { sql: `struct_extract(${sql}, ${sqlLiteral(field.name)})`, type: field.type };
}
