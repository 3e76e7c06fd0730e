// reader/stored-column.ts: a column of the schema as it stands in data files: its name there, its type with the names used
// there, and the expression that gives it its own names again. PROTOCOL.md, "Reader Requirements for Column Mapping".
import { duckdbType, noField } from "../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier, sqlLiteral } from "../engine/base/sql-quote.ts";
import { fieldId, physicalName } from "../format/protocol/column-mapping.ts";
import type { ColumnMappingMode } from "../format/protocol/column-mapping.ts";
import type { DataType, MapType, StructField, StructType } from "../format/schema/schema.ts";
import type { ParquetNode } from "../engine/parquet/parquet-tree.ts";
import { misfitOf, narrowerType } from "./file-type.ts";
import type { Misfit } from "./file-type.ts";

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
  readonly columns?: readonly ParquetNode[] | undefined;
  /** Filled with what is found on the way. */
  readonly seen?: SeenInFile | undefined;
}

/** What is found where a field of the schema and a column of a file are held together. */
export interface SeenInFile {
  readonly misfits: Misfit[];
  /** True when the Parquet reader, told the schema's type alone, would not give the values. */
  isUnlike: boolean;
}

/** True when a field cannot be found by its stored name alone: the file's own columns must be known. */
export function needsFileColumns(mode: ColumnMappingMode, { type }: StructField): boolean {
  return mode === "id" || (mode === "name" && holdsStruct(type));
}

/** A top-level field in a file; null when the file does not have it. */
export function storedColumn(field: StructField, { mode, columns, seen }: FileNaming): StoredColumn | null {
  if (columns === undefined) {
    const name = mode === "none" ? field.name : physicalName(field);
    return { name, type: field.type, expression: itself };
  }
  const found = findColumn(field, mode, columns);
  if (found === undefined) return null;
  noteTwins(found, { mode, columns, path: field.name, seen });
  return { name: found.name, ...storedType(field.type, { mode, column: found, depth: 0, path: field.name, seen }) };
}

type StoredType = Pick<StoredColumn, "type" | "expression">;

interface Place {
  readonly mode: ColumnMappingMode;
  readonly column: ParquetNode;
  /** Lists and maps around it; names of lambda parameters differ by it. */
  readonly depth: number;
  /** Names from the column on, for messages. */
  readonly path: string;
  readonly seen: SeenInFile | undefined;
  /** True of a struct of one field of which the Parquet reader gives the field alone. */
  readonly isFlat?: boolean;
}

const itself = (stored: string): string => stored;

/** The column of a file that holds a field; undefined when there is none. */
export function findColumn(
  field: StructField,
  mode: ColumnMappingMode,
  columns: readonly ParquetNode[],
): ParquetNode | undefined {
  const id = mode === "id" ? fieldId(field) : undefined;
  if (id !== undefined) return columns.find((column) => column.fieldId === id);
  // What no id was given to, such as the type of a change, is stored under its name.
  const name = mode === "none" ? field.name : physicalName(field);
  const lower = name.toLowerCase();
  return (
    columns.find((column) => column.name === name) ?? columns.find((column) => column.name.toLowerCase() === lower)
  );
}

/** Of columns that differ in case alone nobody can tell which is meant. */
function noteTwins(
  found: ParquetNode,
  { mode, columns = [], path, seen }: FileNaming & { readonly path: string },
): void {
  if (seen === undefined || mode === "id") return;
  const lower = found.name.toLowerCase();
  const twins = columns.filter(({ name }) => name.toLowerCase() === lower).map(({ name }) => name);
  if (twins.length > 1) seen.misfits.push({ path, found: twins.join(" and "), expected: "one column" });
}

function storedType(type: DataType, place: Place): StoredType {
  const { seen, column, path } = place;
  const misfit = column === nothing ? null : misfitOf(column, type);
  if (misfit !== null) seen?.misfits.push({ path, ...misfit });
  // A column of nothing but null becomes what it is told to.
  if (column.type === "void") return { type, expression: itself };
  switch (type.kind) {
    case "primitive":
      if (type.name === "date" && column.type === "int") return daysOf(seen);
      if (type.name === "binary" && column.type === "string") return bytesOfText(seen);
      return widenedType(type, place) ?? { type, expression: itself };
    case "decimal":
      return widenedType(type, place) ?? { type, expression: itself };
    case "struct":
      return storedStruct(type, place);
    case "array": {
      const found = elementOf(column);
      // The Parquet reader takes a group of one field for a wrapper wherever it stands.
      const isFlat = found?.children.length === 1 && found !== column.children[0]?.children[0];
      const element = storedType(type.elementType, { ...below(place, found, "element"), isFlat });
      const stored: DataType = { ...type, elementType: element.type };
      if (element.expression === itself) return { type: stored, expression: itself };
      const item = `x${place.depth}`;
      return {
        type: stored,
        expression: (list) => `list_transform(${list}, lambda ${item}: ${element.expression(item)})`,
      };
    }
    case "map": {
      const [key, value] = storedEntry(type, place);
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

function storedEntry({ keyType, valueType }: MapType, place: Place): readonly [key: StoredType, value: StoredType] {
  const [key, value] = place.column.children[0]?.children ?? [];
  return [storedType(keyType, below(place, key, "key")), storedType(valueType, below(place, value, "value"))];
}

/** Days since 1970 that are not marked as such. */
function daysOf(seen: SeenInFile | undefined): StoredType {
  if (seen !== undefined) seen.isUnlike = true;
  return { type: { kind: "primitive", name: "integer" }, expression: (days) => `(DATE '1970-01-01' + ${days})` };
}

/**
 * A column that the file holds in a type of fewer values between two neighbours; null where it does not. The Parquet reader would make
 * what rows are compared with a value of that type, and round it: 6.6 would be 7. Where the column is cast behind the reader, they are
 * compared as they are.
 */
function widenedType(type: DataType, { column, seen }: Place): StoredType | null {
  const own = narrowerType(column.type, type);
  if (own === null) return null;
  if (seen !== undefined) seen.isUnlike = true;
  return { type: own, expression: (stored) => `CAST(${stored} AS ${duckdbType(type)})` };
}

/** The Parquet reader would look for escapes in the text. */
function bytesOfText(seen: SeenInFile | undefined): StoredType {
  if (seen !== undefined) seen.isUnlike = true;
  return { type: { kind: "primitive", name: "string" }, expression: (text) => `encode(${text})` };
}

function storedStruct(type: StructType, place: Place): StoredType {
  const { mode, column, seen } = place;
  const parts = type.fields.map((field) => {
    const found = findColumn(field, mode, column.children);
    if (found === undefined || isVoid(field.type)) return { field, found: undefined, inner: undefined };
    const path = `${place.path}.${field.name}`;
    noteTwins(found, { mode, columns: column.children, path, seen });
    return { field, found, inner: storedType(field.type, { ...place, column: found, path, isFlat: false }) };
  });
  const isFlat = place.isFlat === true;
  if (seen !== undefined && (isFlat || parts.every(({ found }) => found === undefined))) seen.isUnlike = true;
  const fields = parts.flatMap(({ field, found, inner }): StructField[] =>
    found === undefined ? [] : [{ ...field, name: found.name, type: inner.type }],
  );
  const isSame =
    parts.length > 0 &&
    parts.every(
      ({ field, found, inner }) => found?.name === field.name && inner !== undefined && inner.expression === itself,
    );
  if (isSame && !isFlat) return { type: { kind: "struct", fields }, expression: itself };
  // A struct of which nothing is wanted is null or not all the same; text is what every type can be read as.
  const [probe] = column.children;
  if (fields.length === 0 && probe !== undefined)
    fields.push({ name: probe.name, type: { kind: "primitive", name: "string" }, nullable: true, metadata: {} });
  const expression = (struct: string): string => {
    const values = parts.map(({ field, found, inner }) => {
      const value =
        found === undefined
          ? `CAST(NULL AS ${duckdbType(field.type)})`
          : inner.expression(isFlat ? struct : `(${struct}).${sqlIdentifier(found.name)}`);
      return `${sqlIdentifier(field.name)} := ${value}`;
    });
    const packed =
      values.length === 0
        ? `CAST({${sqlLiteral(noField)}: NULL} AS ${duckdbType(type)})`
        : `struct_pack(${values.join(", ")})`;
    return isFlat ? packed : `CASE WHEN ${struct} IS NULL THEN NULL ELSE ${packed} END`;
  };
  const [only] = fields;
  return { type: isFlat && only !== undefined ? only.type : { kind: "struct", fields }, expression };
}

/** A list's element: its repeated group holds it, or is the element itself in files of old writers. The Parquet format, "Lists". */
export function elementOf(column: ParquetNode): ParquetNode | undefined {
  const [repeated] = column.repetition === "repeated" ? [column] : column.children;
  const [only, ...others] = repeated?.children ?? [];
  if (repeated === undefined) return undefined;
  const isWrapper =
    repeated !== column &&
    only !== undefined &&
    others.length === 0 &&
    only.repetition !== "repeated" &&
    repeated.name !== "array" &&
    repeated.name !== `${column.name}_tuple`;
  return isWrapper ? only : { ...repeated, repetition: "required" };
}

const nothing: ParquetNode = {
  name: "",
  physicalType: "",
  annotation: "",
  type: "",
  repetition: "optional",
  fieldId: null,
  children: [],
};

function below(place: Place, column: ParquetNode | undefined, name: string): Place {
  return { ...place, column: column ?? nothing, isFlat: false, depth: place.depth + 1, path: `${place.path}.${name}` };
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
