// format/protocol/assign-columns.ts: ids and physical names for columns. PROTOCOL.md, "Writer Requirements for Column Mapping"; ids of elements,
// keys and values: "Writer Requirements for IcebergCompatV2".
import type { Metadata } from "../action/action.ts";
import { fieldId, physicalName } from "./column-mapping.ts";
import { AlluviumError } from "../text/error.ts";
import type { JsonObject } from "../text/json.ts";
import { isJsonObject } from "../text/json-int64.ts";
import { parseBoolean } from "../text/property-value.ts";
import { formatSchema, parseSchema } from "../schema/schema-json.ts";
import { findField, nestedFields } from "../schema/schema-type.ts";
import type { DataType, StructField, StructType } from "../schema/schema.ts";

/** The schema of a table before a change. */
export interface ColumnsBefore {
  readonly metadata: Metadata;
  readonly schema: StructType;
}

/**
 * Metadata whose columns all have an id and a physical name, where the table maps its columns; elsewhere the metadata as it is.
 * A table that begins to map its columns keeps their names as the physical ones, so that its files stay as they are.
 * @param before null for a new table
 * @param newName makes a physical name that no other column has
 * @throws AlluviumError `DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE`,
 *   `DELTA_ENABLING_COLUMN_MAPPING_DISALLOWED_WHEN_COLUMN_MAPPING_METADATA_ALREADY_EXISTS`
 */
export function assignColumns(metadata: Metadata, before: ColumnsBefore | null, newName: () => string): Metadata {
  const mode = mappingModeOf(metadata);
  const modeBefore = before === null ? mode : mappingModeOf(before.metadata);
  if (mode !== modeBefore && !(modeBefore === "none" && mode === "name")) throw unsupportedChange(modeBefore, mode);
  if (mode === "none") return metadata;
  if (before !== null && modeBefore === "none") refuseLeftovers(before.schema);
  const schema = parseSchema(metadata.schemaString);
  const counter = { last: Math.max(maxColumnId(metadata), before === null ? 0 : maxColumnId(before.metadata)) };
  for (const { field } of nestedFields(schema)) counter.last = Math.max(counter.last, ...idsOf(field));
  const nextId = (): number => (counter.last += 1);
  const mapped = assignStruct(schema, { known: before?.schema, newName, nextId });
  const withNested = isOn(metadata, "delta.enableIcebergCompatV2") || isOn(metadata, "delta.enableIcebergCompatV3");
  const assigned = withNested ? withNestedIds(mapped, nextId) : mapped;
  const configuration = new Map(metadata.configuration).set(maxColumnIdProperty, String(counter.last));
  return { ...metadata, schemaString: formatSchema(assigned), configuration };
}

/** Ids of the elements, keys and values inside a field, by path: `name.element`, `name.key`, … */
export function nestedIds(field: StructField): ReadonlyMap<string, number> {
  const ids = field.metadata[nestedIdsKey];
  if (!isJsonObject(ids)) return new Map();
  return new Map(Object.entries(ids).flatMap(([path, id]) => (typeof id === "number" ? [[path, id] as const] : [])));
}

const idKey = "delta.columnMapping.id";
const nameKey = "delta.columnMapping.physicalName";
const nestedIdsKey = "delta.columnMapping.nested.ids";
const maxColumnIdProperty = "delta.columnMapping.maxColumnId";

interface Assignment {
  /** The table's columns before the change; undefined for a new one. */
  readonly known: StructType | undefined;
  readonly newName: () => string;
  readonly nextId: () => number;
}

function assignStruct(struct: StructType, assignment: Assignment): StructType {
  return { kind: "struct", fields: struct.fields.map((field) => assignField(field, assignment)) };
}

// Parents get their numbers before their children, as Spark gives them.
function assignField(field: StructField, assignment: Assignment): StructField {
  const { known, newName, nextId } = assignment;
  const before = known === undefined ? undefined : findField(known, field.name);
  // A column that is there without a physical name lies in the files under its own.
  const own = before?.metadata[nameKey] === undefined ? before?.name : undefined;
  const metadata: JsonObject = {
    ...field.metadata,
    [idKey]: fieldId(field) ?? nextId(),
    [nameKey]: field.metadata[nameKey] === undefined ? (own ?? newName()) : physicalName(field),
  };
  return { ...field, metadata, type: assignType(field.type, before?.type, assignment) };
}

function assignType(type: DataType, before: DataType | undefined, assignment: Assignment): DataType {
  switch (type.kind) {
    case "primitive":
    case "decimal":
      return type;
    case "struct":
      return assignStruct(type, { ...assignment, known: before?.kind === "struct" ? before : undefined });
    case "array": {
      const element = before?.kind === "array" ? before.elementType : undefined;
      return { ...type, elementType: assignType(type.elementType, element, assignment) };
    }
    case "map": {
      const [key, value] = before?.kind === "map" ? [before.keyType, before.valueType] : [];
      return {
        ...type,
        keyType: assignType(type.keyType, key, assignment),
        valueType: assignType(type.valueType, value, assignment),
      };
    }
  }
}

function withNestedIds(struct: StructType, nextId: () => number): StructType {
  const numbered = (field: StructField): StructField => {
    const known = nestedIds(field);
    const ids: Record<string, number> = {};
    const visit = (type: DataType, path: string): DataType => {
      if (type.kind === "struct") return { kind: "struct", fields: type.fields.map(numbered) };
      const inner = (name: string, child: DataType): DataType => {
        const childPath = `${path}.${name}`;
        ids[childPath] = known.get(childPath) ?? nextId();
        return visit(child, childPath);
      };
      if (type.kind === "array") return { ...type, elementType: inner("element", type.elementType) };
      if (type.kind !== "map") return type;
      return { ...type, keyType: inner("key", type.keyType), valueType: inner("value", type.valueType) };
    };
    const type = visit(field.type, physicalName(field));
    return Object.keys(ids).length === 0
      ? { ...field, type }
      : { ...field, type, metadata: { ...field.metadata, [nestedIdsKey]: ids } };
  };
  return { kind: "struct", fields: struct.fields.map(numbered) };
}

function idsOf(field: StructField): readonly number[] {
  return [fieldId(field) ?? 0, ...nestedIds(field).values()];
}

function maxColumnId({ configuration }: Metadata): number {
  const text = configuration.get(maxColumnIdProperty) ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

function mappingModeOf({ configuration }: Metadata): string {
  return (configuration.get("delta.columnMapping.mode") ?? "none").toLowerCase();
}

const isOn = ({ configuration }: Metadata, name: string): boolean =>
  parseBoolean(configuration.get(name) ?? "") === true;

/** Names that are left from another mapping would be taken for those of the files, whose values then were not found. */
function refuseLeftovers(schema: StructType): void {
  const left = nestedFields(schema).find(({ field }) => idKey in field.metadata || nameKey in field.metadata);
  if (left === undefined) return;
  const column = left.path.join(".");
  const message = `Column mapping cannot be enabled: column ${column} has an id or a physical name already, although the table does not map its columns, and its files do not go by them. Copy the rows to a new table.`;
  throw new AlluviumError(
    "DELTA_ENABLING_COLUMN_MAPPING_DISALLOWED_WHEN_COLUMN_MAPPING_METADATA_ALREADY_EXISTS",
    { column },
    message,
  );
}

function unsupportedChange(from: string, to: string): AlluviumError {
  const message = `Changing column mapping mode from '${from}' to '${to}' is not supported: an existing table can go from none to name only. Make a new table of the other mode, and copy the rows.`;
  return new AlluviumError("DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE", { from, to }, message);
}
