// table/alter/alter-columns.ts: columns that come, go, or change their name, type, comment, place or nullability. PROTOCOL.md, "Column
// Mapping" and "Type Widening".
import type { Metadata } from "../../format/action/action.ts";
import { clusteringColumns } from "../../format/protocol/clustering.ts";
import { columnMappingMode } from "../../format/protocol/column-mapping.ts";
import { hasComputedColumn } from "../../format/schema/computed-column.ts";
import {
  type ColumnPath,
  type ColumnPosition,
  columnPath,
  editField,
  editType,
  fieldAt,
  insertField,
  pathText,
} from "../../format/schema/edit-schema.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { JsonObject } from "../../format/text/json.ts";
import { checkSchema, quoteName } from "../../format/schema/schema-check.ts";
import { formatSchema } from "../../format/schema/schema-json.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import type { Alteration } from "./alteration.ts";
import { type ColumnEdit, changedColumn } from "./change-column.ts";
import { refuseWhereRuled } from "./dependent-rules.ts";
import type { TableHead } from "../rows/file-changes.ts";
import { loggedColumn, positionText } from "./logged-column.ts";
import { renameInProperties } from "./named-columns.ts";
import { type SchemaInput, toSchema } from "../input/schema-input.ts";

/** A column on its way into a table: its last name is new, the names before lead to a struct. */
export interface NewColumn {
  readonly column: string | ColumnPath;
  /** As Spark's DDL spells it, such as `DECIMAL(10,2)`. */
  readonly type: string;
  readonly comment?: string;
  readonly position?: ColumnPosition;
}

/** A change of a table's columns. */
export type ColumnChange =
  | { readonly kind: "addColumns"; readonly columns: SchemaInput | readonly NewColumn[] }
  | { readonly kind: "renameColumn"; readonly from: string | ColumnPath; readonly to: string }
  | { readonly kind: "dropColumns"; readonly columns: readonly (string | ColumnPath)[]; readonly ifExists?: boolean }
  | { readonly kind: "changeColumn"; readonly column: string | ColumnPath; readonly edit: ColumnEdit };

/** What the change comes to. @throws AlluviumError of the change, before anything is written */
export async function alterColumns(head: TableHead, change: ColumnChange): Promise<Alteration> {
  const { snapshot } = head;
  switch (change.kind) {
    case "addColumns":
      return addColumns(snapshot, change.columns);
    case "renameColumn":
      return renameColumn(snapshot, columnPath(change.from), change.to);
    case "dropColumns":
      return dropColumns(snapshot, change.columns.map(columnPath), change.ifExists === true);
    case "changeColumn":
      return changedColumn(head, columnPath(change.column), change.edit);
  }
}

function addColumns(snapshot: Snapshot, columns: SchemaInput | readonly NewColumn[]): Alteration {
  const added: readonly AddedField[] = isList(columns)
    ? columns.map(newField)
    : toSchema(columns).fields.map((field) => ({ path: [field.name], field }));
  if (added.length === 0) return null;
  refuseRules({ kind: "struct", fields: added.map(({ field }) => field) });
  const schema = added.reduce((before, { path, ...more }) => insertField(before, path, more), snapshot.schema);
  return {
    operation: "ADD COLUMNS",
    parameters: {
      columns: added.map(({ path, field, position }) => ({
        column: loggedColumn(path, field),
        ...(position === undefined ? {} : { position: positionText(position) }),
      })),
    },
    metadata: withSchema(snapshot, schema),
  };
}

interface AddedField {
  readonly path: ColumnPath;
  readonly field: StructField;
  readonly position?: ColumnPosition | undefined;
}

function isList(columns: SchemaInput | readonly NewColumn[]): columns is readonly NewColumn[] {
  return Array.isArray(columns);
}

function newField({ column, type, comment, position }: NewColumn): AddedField {
  const path = columnPath(column);
  const name = path.at(-1) ?? "";
  const [field] = toSchema(`${quoteName(name)} ${type}`).fields;
  const metadata: JsonObject = { ...field?.metadata, ...(comment === undefined ? {} : { comment }) };
  return { path, field: { ...(field as StructField), metadata }, position }; // one column was written
}

/** Rows that are there have no value for a new column but null. */
function refuseRules(schema: StructType): void {
  const required = schema.fields.find((field) => !field.nullable);
  if (required !== undefined) {
    const message = `Column ${quoteName(required.name)} cannot be added as NOT NULL: rows that are there have no value for it. Add it without, fill it, then set NOT NULL.`;
    throw new AlluviumError("DELTA_NEW_NOT_NULL_VIOLATION", { column: required.name }, message);
  }
  if (!(["default", "generated", "identity"] as const).some((kind) => hasComputedColumn(schema, kind))) return;
  const message =
    "A column with a default, a generation expression or identity values cannot be added to a table that exists: rows that are there have no value for it. Add the column without; a default can be set after that.";
  throw new AlluviumError("WRONG_COLUMN_DEFAULTS_FOR_DELTA_ALTER_TABLE_ADD_COLUMN_NOT_SUPPORTED", {}, message);
}

function renameColumn(snapshot: Snapshot, path: ColumnPath, to: string): Alteration {
  const field = fieldAt(snapshot.schema, path);
  requireMapping(snapshot, "DELTA_UNSUPPORTED_RENAME_COLUMN", "renamed");
  refuseWhereRuled(snapshot, path, "rename");
  if (field.name === to) return null;
  const parent = path.slice(0, -1);
  const schema = editField(snapshot.schema, path, (one) => ({ ...one, name: to }));
  const isTop = parent.length === 0;
  const { metadata } = snapshot;
  const partitionColumns = metadata.partitionColumns.map((name) => (isTop && name === field.name ? to : name));
  const configuration = renameInProperties(metadata.configuration, path, to);
  checkSchema(schema, partitionColumns, true);
  return {
    operation: "RENAME COLUMN",
    parameters: { oldColumnPath: pathText(path), newColumnPath: pathText([...parent, to]) },
    metadata: { ...metadata, partitionColumns, configuration, schemaString: formatSchema(schema) },
  };
}

function dropColumns(snapshot: Snapshot, paths: readonly ColumnPath[], ifExists: boolean): Alteration {
  const present = ifExists ? paths.filter((path) => isThere(snapshot.schema, path)) : paths;
  if (present.length === 0) return null;
  for (const path of present) fieldAt(snapshot.schema, path);
  requireMapping(snapshot, "DELTA_UNSUPPORTED_DROP_COLUMN", "dropped");
  const { metadata } = snapshot;
  for (const path of present) {
    refuseWhereRuled(snapshot, path, "drop");
    refusePlaced(snapshot, path);
  }
  const schema = present.reduce((before, path) => editField(before, path, () => null), snapshot.schema);
  refuseEmpty(schema, present);
  const configuration = present.reduce<ReadonlyMap<string, string>>(
    (before, path) => renameInProperties(before, path, null),
    metadata.configuration,
  );
  return {
    operation: "DROP COLUMNS",
    parameters: { columns: present.map(pathText) },
    metadata: { ...metadata, configuration, schemaString: formatSchema(schema) },
  };
}

function isThere(schema: StructType, path: ColumnPath): boolean {
  try {
    fieldAt(schema, path);
    return true;
  } catch {
    return false;
  }
}

function requireMapping(
  { protocol, metadata, tablePath }: Snapshot,
  code: "DELTA_UNSUPPORTED_RENAME_COLUMN" | "DELTA_UNSUPPORTED_DROP_COLUMN",
  what: string,
): void {
  if (columnMappingMode(protocol, metadata) !== "none") return;
  const message = `Columns of ${tablePath} cannot be ${what}: its files are read by the names of the columns. Set the property delta.columnMapping.mode = name first; engines that do not know column mapping cannot read the table after that.`;
  throw new AlluviumError(code, { table: tablePath }, message);
}

/** Partition columns and clustering columns say where rows lie. */
function refusePlaced(snapshot: Snapshot, path: ColumnPath): void {
  const name = path[0]?.toLowerCase() ?? "";
  const context = { column: pathText(path) };
  if (path.length === 1 && snapshot.metadata.partitionColumns.some((one) => one.toLowerCase() === name))
    throw new AlluviumError(
      "DELTA_UNSUPPORTED_DROP_PARTITION_COLUMN",
      context,
      `Column ${pathText(path)} cannot be dropped: the table is partitioned by it.`,
    );
  const clustered = clusteringColumns(snapshot.domains, snapshot.schema).some((one) =>
    path.every((part, index) => one[index]?.toLowerCase() === part.toLowerCase()),
  );
  if (clustered)
    throw new AlluviumError(
      "DELTA_UNSUPPORTED_DROP_CLUSTERING_COLUMN",
      context,
      `Column ${pathText(path)} cannot be dropped: the table is clustered by it. Change the clustering first (CLUSTER BY NONE).`,
    );
}

function refuseEmpty(schema: StructType, paths: readonly ColumnPath[]): void {
  const isEmpty = schema.fields.length === 0 || paths.some((path) => path.length > 1 && holdsNothing(schema, path));
  if (!isEmpty) return;
  const message = `Cannot drop ${paths.map(pathText).join(", ")}: a table and a struct keep at least one column.`;
  throw new AlluviumError(
    "DELTA_DROP_COLUMN_ON_SINGLE_FIELD_SCHEMA",
    { columns: paths.map(pathText).join(", ") },
    message,
  );
}

function holdsNothing(schema: StructType, path: ColumnPath): boolean {
  let isEmpty = false;
  editType(schema, path.slice(0, -1), (type) => {
    isEmpty = type.kind === "struct" && type.fields.length === 0;
    return type;
  });
  return isEmpty;
}

function withSchema(snapshot: Snapshot, schema: StructType): Metadata {
  const { metadata, protocol } = snapshot;
  checkSchema(schema, metadata.partitionColumns, columnMappingMode(protocol, metadata) !== "none");
  return { ...metadata, schemaString: formatSchema(schema) };
}
