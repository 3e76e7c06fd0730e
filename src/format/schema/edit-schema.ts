// format/schema/edit-schema.ts: schemas with one column more, less or changed. Paths lead through structs by name, and through arrays and
// maps by `element`, `key` and `value`, as Delta's statements spell them.
import { AlluviumError } from "../text/error.ts";
import { parseColumnList } from "./column-list.ts";
import { quoteName } from "./schema-check.ts";
import { findField, formatType } from "./schema-type.ts";
import type { DataType, StructField, StructType } from "./schema.ts";

/** Names that lead to a column or field, in any case. */
export type ColumnPath = readonly string[];

/** Where a column goes among its neighbours; last when absent. */
export type ColumnPosition = "first" | { readonly after: string };

/**
 * A path from a text such as "address.city" or "`odd name`", or as it is.
 * @throws AlluviumError `INVALID_ARGUMENT`
 */
export function columnPath(column: string | ColumnPath): ColumnPath {
  if (typeof column !== "string") return column;
  const paths = parseColumnList(column);
  const [path] = paths ?? [];
  if (path !== undefined && paths?.length === 1) return path;
  const message = `${JSON.stringify(column)} is not a column: write a name, names of nested fields with dots between, and backticks around other characters`;
  throw new AlluviumError("INVALID_ARGUMENT", { column }, message);
}

/** The path as SQL spells it. */
export function pathText(path: ColumnPath): string {
  return path.map(quoteName).join(".");
}

/**
 * The field at a path.
 * @throws AlluviumError `COLUMN_NOT_FOUND`
 */
export function fieldAt(schema: StructType, path: ColumnPath): StructField {
  let found: StructField | undefined;
  editField(schema, path, (field) => (found = field));
  return found as StructField; // or it has thrown
}

/**
 * The schema with the field at the path changed, or left out where `edit` gives null.
 * @throws AlluviumError `COLUMN_NOT_FOUND`
 */
export function editField(
  schema: StructType,
  path: ColumnPath,
  edit: (field: StructField) => StructField | null,
): StructType {
  return editParent(schema, path, (struct, name) => {
    const field = fieldNamed(struct, name, path);
    return { kind: "struct", fields: struct.fields.flatMap((one) => (one === field ? (edit(field) ?? []) : [one])) };
  });
}

/**
 * The schema with a type inside of a column changed: of a field, an element, a key or a value.
 * @throws AlluviumError `COLUMN_NOT_FOUND`
 */
export function editType(schema: StructType, path: ColumnPath, edit: (type: DataType) => DataType): StructType {
  const at = (type: DataType, rest: ColumnPath): DataType => {
    const [name, ...deeper] = rest;
    return name === undefined ? edit(type) : editInside(type, name, { path, edit: (inner) => at(inner, deeper) });
  };
  return at(schema, path) as StructType; // a path has at least one name
}

/**
 * The schema with one field more.
 * @param path of the new field; its last name is the field's
 * @throws AlluviumError `DELTA_DUPLICATE_COLUMNS_FOUND`, `COLUMN_NOT_FOUND`, `DELTA_ADD_COLUMN_PARENT_NOT_STRUCT`
 */
export function insertField(
  schema: StructType,
  path: ColumnPath,
  { field, position }: { readonly field: StructField; readonly position?: ColumnPosition | undefined },
): StructType {
  return editParent(schema, path, (struct) => {
    if (findField(struct, field.name) !== undefined) {
      const message = `The column ${pathText(path)} exists already; names that differ in case only are the same.`;
      throw new AlluviumError("DELTA_DUPLICATE_COLUMNS_FOUND", { column: pathText(path) }, message);
    }
    return { kind: "struct", fields: placed(struct, field, position) };
  });
}

/**
 * The schema with a field at another place among its neighbours.
 * @throws AlluviumError `COLUMN_NOT_FOUND`
 */
export function moveField(schema: StructType, path: ColumnPath, position: ColumnPosition): StructType {
  const field = fieldAt(schema, path);
  const without = editParent(schema, path, (struct) => ({
    kind: "struct",
    fields: struct.fields.filter((one) => one !== field),
  }));
  return editParent(without, path, (struct) => ({ kind: "struct", fields: placed(struct, field, position) }));
}

function placed(struct: StructType, field: StructField, position: ColumnPosition | undefined): readonly StructField[] {
  if (position === undefined) return [...struct.fields, field];
  if (position === "first") return [field, ...struct.fields];
  const at = struct.fields.indexOf(fieldNamed(struct, position.after, [position.after])) + 1;
  return [...struct.fields.slice(0, at), field, ...struct.fields.slice(at)];
}

/** Changes the struct that the last name of the path belongs to. */
function editParent(
  schema: StructType,
  path: ColumnPath,
  edit: (struct: StructType, name: string) => StructType,
): StructType {
  const name = path.at(-1) ?? "";
  const change = (type: DataType): DataType => {
    if (type.kind === "struct") return edit(type, name);
    const parent = pathText(path.slice(0, -1));
    const message = `${pathText(path)} cannot be a field: ${parent} is ${formatType(type)}, and only structs have fields. Inside of an array say ${parent}.element, inside of a map ${parent}.key or ${parent}.value.`;
    throw new AlluviumError("DELTA_ADD_COLUMN_PARENT_NOT_STRUCT", { column: parent }, message);
  };
  return path.length === 1 ? edit(schema, name) : editType(schema, path.slice(0, -1), change);
}

interface Inside {
  /** For messages. */
  readonly path: ColumnPath;
  readonly edit: (type: DataType) => DataType;
}

function editInside(type: DataType, name: string, { path, edit }: Inside): DataType {
  const lower = name.toLowerCase();
  if (type.kind === "array" && lower === "element") return { ...type, elementType: edit(type.elementType) };
  if (type.kind === "map" && lower === "key") return { ...type, keyType: edit(type.keyType) };
  if (type.kind === "map" && lower === "value") return { ...type, valueType: edit(type.valueType) };
  if (type.kind !== "struct") throw notFound(path, type);
  const field = fieldNamed(type, name, path);
  return {
    kind: "struct",
    fields: type.fields.map((one) => (one === field ? { ...one, type: edit(one.type) } : one)),
  };
}

function fieldNamed(struct: StructType, name: string, path: ColumnPath): StructField {
  const field = findField(struct, name);
  if (field === undefined) throw notFound(path, struct);
  return field;
}

function notFound(path: ColumnPath, type: DataType): AlluviumError {
  const known =
    type.kind === "struct" ? type.fields.map((field) => quoteName(field.name)).join(", ") : formatType(type);
  const message = `there is no column ${pathText(path)}; there is: ${known}`;
  return new AlluviumError("COLUMN_NOT_FOUND", { column: pathText(path) }, message);
}
