// reader/stored-column.ts: a column of the schema as it stands in data files: its name there, its type with the names used
// there, and the expression that gives it its own names again. PROTOCOL.md, "Reader Requirements for Column Mapping".
import { duckdbType } from "../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier } from "../engine/base/sql-quote.ts";
import { fieldId, physicalName } from "../format/protocol/column-mapping.ts";
import type { ColumnMappingMode } from "../format/protocol/column-mapping.ts";
import type { DataType, StructField, StructType } from "../format/schema/schema.ts";
import type { FileColumn } from "./file-columns.ts";

/** A column to read. */
export interface StoredColumn {
  /** The column's name in the file, in any case. */
  readonly name: string;
  /** What the Parquet reader is to make of it. */
  readonly type: DataType;
  /** The column in its own type, of an expression of `type`. */
  readonly expression: (stored: string) => string;
}

/** How columns are found in a file. */
export interface FileNaming {
  readonly mode: ColumnMappingMode;
  /** The file's columns, where they were looked up; without them a column is taken to be there under its stored name. */
  readonly columns?: readonly FileColumn[] | undefined;
}

/** True when a field cannot be found by its stored name alone: the file's own columns must be known. */
export function needsFileColumns(mode: ColumnMappingMode, { type }: StructField): boolean {
  return mode === "id" || (mode === "name" && holdsStruct(type));
}

/** A top-level field in a file; null when the file does not have it. */
export function storedColumn(field: StructField, { mode, columns }: FileNaming): StoredColumn | null {
  if (columns === undefined) {
    const name = mode === "none" ? field.name : physicalName(field);
    return { name, type: field.type, expression: itself };
  }
  const found = findColumn(field, mode, columns);
  if (found === undefined) return null;
  return { name: found.name, ...storedType(field.type, { mode, column: found, depth: 0 }) };
}

type StoredType = Pick<StoredColumn, "type" | "expression">;

interface Place {
  readonly mode: ColumnMappingMode;
  readonly column: FileColumn;
  /** Lists and maps around it; names of lambda parameters differ by it. */
  readonly depth: number;
}

const itself = (stored: string): string => stored;

/** The column of a file that holds a field; undefined when there is none. */
export function findColumn(
  field: StructField,
  mode: ColumnMappingMode,
  columns: readonly FileColumn[],
): FileColumn | undefined {
  const id = mode === "id" ? fieldId(field) : undefined;
  if (id !== undefined) return columns.find((column) => column.fieldId === id);
  // What no id was given to, such as the type of a change, is stored under its name.
  const name = mode === "none" ? field.name : physicalName(field);
  const lower = name.toLowerCase();
  return (
    columns.find((column) => column.name === name) ?? columns.find((column) => column.name.toLowerCase() === lower)
  );
}

function storedType(type: DataType, place: Place): StoredType {
  switch (type.kind) {
    case "primitive":
    case "decimal":
      return { type, expression: itself };
    case "struct":
      return storedStruct(type, place);
    case "array": {
      const element = storedType(type.elementType, below(place, elementOf(place.column)));
      const stored: DataType = { ...type, elementType: element.type };
      if (element.expression === itself) return { type: stored, expression: itself };
      const item = `x${place.depth}`;
      return {
        type: stored,
        expression: (list) => `list_transform(${list}, lambda ${item}: ${element.expression(item)})`,
      };
    }
    case "map": {
      const entry = place.column.children[0];
      const key = storedType(type.keyType, below(place, entry?.children[0]));
      const value = storedType(type.valueType, below(place, entry?.children[1]));
      const stored: DataType = { ...type, keyType: key.type, valueType: value.type };
      if (key.expression === itself && value.expression === itself) return { type: stored, expression: itself };
      const item = `x${place.depth}`;
      const pair = `struct_pack(k := ${key.expression(`${item}.key`)}, v := ${value.expression(`${item}.value`)})`;
      return {
        type: stored,
        expression: (map) => `map_from_entries(list_transform(map_entries(${map}), lambda ${item}: ${pair}))`,
      };
    }
  }
}

function storedStruct(type: StructType, { mode, column, depth }: Place): StoredType {
  const parts = type.fields.map((field) => {
    const found = findColumn(field, mode, column.children);
    if (found === undefined || isVoid(field.type)) return { field, found: undefined, inner: undefined };
    return { field, found, inner: storedType(field.type, { mode, column: found, depth }) };
  });
  const fields = parts.flatMap(({ field, found, inner }): StructField[] =>
    found === undefined ? [] : [{ ...field, name: found.name, type: inner.type }],
  );
  const isSame = parts.every(
    ({ field, found, inner }) => found?.name === field.name && inner !== undefined && inner.expression === itself,
  );
  if (isSame) return { type: { kind: "struct", fields }, expression: itself };
  // A struct of which nothing is wanted is null or not all the same; text is what every type can be read as.
  const [probe] = column.children;
  if (fields.length === 0 && probe !== undefined)
    fields.push({ name: probe.name, type: { kind: "primitive", name: "string" }, nullable: true, metadata: {} });
  const expression = (struct: string): string => {
    const values = parts.map(({ field, found, inner }) => {
      const value =
        found === undefined
          ? `CAST(NULL AS ${duckdbType(field.type)})`
          : inner.expression(`(${struct}).${sqlIdentifier(found.name)}`);
      return `${sqlIdentifier(field.name)} := ${value}`;
    });
    return `CASE WHEN ${struct} IS NULL THEN NULL ELSE struct_pack(${values.join(", ")}) END`;
  };
  return { type: { kind: "struct", fields }, expression };
}

/** A list's element: its repeated group holds it, or is the element itself in files of old writers. */
export function elementOf(column: FileColumn): FileColumn | undefined {
  const [repeated] = column.children;
  const isWrapper =
    repeated?.children.length === 1 && repeated.name !== "array" && repeated.name !== `${column.name}_tuple`;
  return isWrapper ? repeated.children[0] : repeated;
}

const nothing: FileColumn = { name: "", fieldId: null, children: [] };

function below({ mode, depth }: Place, column: FileColumn | undefined): Place {
  return { mode, column: column ?? nothing, depth: depth + 1 };
}

const isVoid = (type: DataType): boolean => type.kind === "primitive" && type.name === "void";

function holdsStruct(type: DataType): boolean {
  switch (type.kind) {
    case "primitive":
    case "decimal":
      return false;
    case "array":
      return holdsStruct(type.elementType);
    case "map":
      return holdsStruct(type.keyType) || holdsStruct(type.valueType);
    case "struct":
      return true;
  }
}
