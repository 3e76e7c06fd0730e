// table/alter/change-column.ts: the type, comment, place, default or nullability of a column that is there. PROTOCOL.md, "Type Widening".
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { checkComputedColumns } from "../../expression/predicate/check-computed-columns.ts";
import {
  type ColumnPath,
  type ColumnPosition,
  editField,
  editType,
  fieldAt,
  moveField,
  pathText,
} from "../../format/schema/edit-schema.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { JsonObject } from "../../format/text/json.ts";
import { formatSchema } from "../../format/schema/schema-json.ts";
import { formatType, typeEquals } from "../../format/schema/schema-type.ts";
import type { DataType, StructField, StructType } from "../../format/schema/schema.ts";
import { isFeatureSupported } from "../../format/protocol/table-feature.ts";
import { isTypeWideningEnabled } from "../../format/protocol/type-change.ts";
import { isWiderType } from "../../format/schema/type-widening.ts";
import { scannedFiles } from "../../reader/scanned-files.ts";
import { scannedTable, scanRelation } from "../../reader/scan-relation.ts";
import type { Alteration } from "./alteration.ts";
import { refuseWhereRuled } from "./dependent-rules.ts";
import type { TableHead } from "../rows/file-changes.ts";
import { loggedColumn, positionText } from "./logged-column.ts";
import { toSchema } from "../input/schema-input.ts";
import { withSyncedIdentity } from "./sync-identity.ts";

/** What to change of a column; what is absent stays. */
export interface ColumnEdit {
  /** As Spark's DDL spells it; wider than the type that is there. */
  readonly type?: string;
  /** Null: none. */
  readonly comment?: string | null;
  /** False: NOT NULL. Rows that are there must satisfy it. */
  readonly nullable?: boolean;
  readonly position?: ColumnPosition;
  /** Spark's SQL; null: none. */
  readonly default?: string | null;
  /** An identity column goes on behind the values that rows brought themselves. */
  readonly syncIdentity?: boolean;
}

/** What the change of a column comes to. @throws AlluviumError of the change, before anything is written */
export async function changedColumn(head: TableHead, path: ColumnPath, edit: ColumnEdit): Promise<Alteration> {
  const { snapshot } = head;
  const { metadata } = snapshot;
  let schema = snapshot.schema;
  if (edit.type !== undefined) schema = withType(head, path, toType(edit.type));
  const isInside = ["element", "key", "value"].includes(path.at(-1)?.toLowerCase() ?? "") && !isField(schema, path);
  const column = isInside ? path.slice(0, -1) : path;
  if (!isInside) {
    schema = editField(schema, path, (field) => withSettings(field, edit));
    if (edit.position !== undefined) schema = moveField(schema, path, edit.position);
  }
  if (edit.default !== undefined) checkDefault(head, schema);
  const isSynced = edit.syncIdentity === true;
  if (isSynced) schema = await withSyncedIdentity(head, schema, fieldAt(schema, path));
  const turnsRequired = edit.nullable === false && fieldAt(snapshot.schema, path).nullable;
  if (turnsRequired) await refuseNulls(head, path);
  const schemaString = formatSchema(schema);
  if (schemaString === formatSchema(snapshot.schema)) return null;
  return {
    operation: "CHANGE COLUMN",
    parameters: {
      column: loggedColumn(column, fieldAt(schema, column)),
      ...(edit.position === undefined ? {} : { position: positionText(edit.position) }),
    },
    metadata: { ...metadata, schemaString },
    readsRows: turnsRequired || isSynced,
  };
}

function toType(text: string): DataType {
  const [field] = toSchema(`column ${text}`).fields;
  return (field as StructField).type; // one column was written
}

function isField(schema: StructType, path: ColumnPath): boolean {
  let isStruct = path.length === 1;
  if (!isStruct)
    editType(schema, path.slice(0, -1), (type) => {
      isStruct = type.kind === "struct";
      return type;
    });
  return isStruct;
}

function withType({ snapshot }: TableHead, path: ColumnPath, type: DataType): StructType {
  return editType(snapshot.schema, path, (before) => {
    if (typeEquals(before, type, { ignoreMetadata: true, ignoreNullability: true })) return before;
    const isVoid = before.kind === "primitive" && before.name === "void";
    if (!isVoid) refuseNarrow(snapshot.metadata.configuration, { path, before, type });
    refuseWhereRuled(snapshot, path, "change the type of");
    return type;
  });
}

interface TypeEdit {
  readonly path: ColumnPath;
  readonly before: DataType;
  readonly type: DataType;
}

function refuseNarrow(configuration: ReadonlyMap<string, string>, { path, before, type }: TypeEdit): void {
  const isWider = isWiderType(before, type);
  if (isWider && isTypeWideningEnabled({ configuration })) return;
  const [from, to] = [formatType(before), formatType(type)];
  const advice = isWider
    ? "Set the property delta.enableTypeWidening = true first."
    : "Only a wider type of the same kind can take all values; make a new column, or a new table, and copy the rows.";
  const message = `ALTER TABLE CHANGE COLUMN cannot change column ${pathText(path)} from ${from} to ${to}. ${advice}`;
  throw new AlluviumError("DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP", { column: pathText(path), from, to }, message);
}

function withSettings(field: StructField, edit: ColumnEdit): StructField {
  const settings: Record<string, JsonObject[string] | null | undefined> = {};
  if (edit.comment !== undefined) settings["comment"] = edit.comment;
  if (edit.default !== undefined) settings["CURRENT_DEFAULT"] = edit.default;
  const kept = Object.entries({ ...field.metadata, ...settings }).filter(([name, value]) => {
    return value !== undefined && !(value === null && name in settings);
  });
  return {
    ...field,
    nullable: edit.nullable ?? field.nullable,
    metadata: Object.fromEntries(kept) as JsonObject,
  };
}

function checkDefault({ snapshot }: TableHead, schema: StructType): void {
  const { protocol, metadata, properties } = snapshot;
  if (!isFeatureSupported(protocol, "allowColumnDefaults")) {
    const message =
      "Columns of this table have no defaults: set delta.feature.allowColumnDefaults = supported first, which shuts out writers that do not know them.";
    throw new AlluviumError("WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED", {}, message);
  }
  const { checkConstraints } = properties;
  checkComputedColumns({ schema, partitionColumns: metadata.partitionColumns, checkConstraints });
}

/** Rows that are there must have a value. */
async function refuseNulls({ engine, snapshot }: TableHead, path: ColumnPath): Promise<void> {
  const table = scannedTable(snapshot);
  const field = fieldAt(snapshot.schema, path);
  const [top = "", ...inner] = path.map((_, index) => fieldAt(snapshot.schema, path.slice(0, index + 1)).name);
  await using connection = await engine.sql.connect();
  for await (const chunk of snapshot.files.chunks()) {
    const files = await scannedFiles(engine, table, { files: chunk, columns: [top] });
    const rows = scanRelation(table, files, { columns: [top] });
    const value = [top, ...inner].map(sqlIdentifier).join(".");
    const parent = [top, ...inner].slice(0, -1).map(sqlIdentifier).join(".");
    const where = inner.length === 0 ? `${value} IS NULL` : `${parent} IS NOT NULL AND ${value} IS NULL`;
    const found = await connection.rows(`SELECT 1 FROM (${rows}) WHERE ${where} LIMIT 1`);
    if (found.length === 0) continue;
    const message = `Column ${pathText(path)} cannot become NOT NULL: rows of ${snapshot.tablePath} are null in it. Give them a value first.`;
    throw new AlluviumError("DELTA_NEW_NOT_NULL_VIOLATION", { column: field.name, table: snapshot.tablePath }, message);
  }
}
