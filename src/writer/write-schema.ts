// writer/write-schema.ts: do these rows fit this table, and what must be done to them? Delta's schema enforcement and evolution.
import { nullableField, nullableStruct, nullableType } from "../format/schema/map-fields.ts";
import { computedColumn, withoutColumnRules } from "../format/schema/computed-column.ts";
import { AlluviumError } from "../format/text/error.ts";
import { quoteName } from "../format/schema/schema-check.ts";
import { formatType, schemaEquals, typeEquals } from "../format/schema/schema-type.ts";
import { isAutomaticWidening } from "../format/protocol/type-change.ts";
import type { DataType, StructField, StructType } from "../format/schema/schema.ts";
import { leafConversion } from "./conversion.ts";
import type { Conversion, FieldConversion } from "./conversion.ts";

/** Rows on their way into a table. */
export interface WriteSchemaInput {
  /** Null for a table that is being created: it takes the rows' schema. */
  readonly tableSchema: StructType | null;
  readonly partitionColumns: readonly string[];
  readonly dataSchema: StructType;
  /** New columns and fields are added to the table instead of being refused. */
  readonly mergeSchema?: boolean | undefined;
  /** The table takes the rows' schema. */
  readonly overwriteSchema?: boolean | undefined;
  /** With `mergeSchema`: a column of the table takes the wider type of the rows. */
  readonly widensTypes?: boolean | undefined;
}

/** The answer. */
export interface WriteSchemaPlan {
  /** The table's schema after the write. */
  readonly schema: StructType;
  /** True when that differs from what it was, so that the commit needs new metadata. */
  readonly changed: boolean;
  /** One entry for each column of `schema`, in its order. */
  readonly columns: readonly FieldConversion[];
}

/**
 * Matches columns by name in any case. A column that the rows lack becomes null; one that the table computes is left to
 * `fillColumns`. Rules that the rows' columns bring along from another table are not taken over.
 * @throws AlluviumError `DELTA_METADATA_MISMATCH` for columns the table lacks, `DELTA_FAILED_TO_MERGE_FIELDS` for a type that cannot
 *   become the table's, `DELTA_MISSING_NOT_NULL_COLUMN_VALUE`, `DELTA_DUPLICATE_COLUMNS_FOUND`, `COLUMN_NOT_FOUND` for a
 *   partition column
 */
export function planWriteSchema(input: WriteSchemaInput): WriteSchemaPlan {
  const { tableSchema } = input;
  const dataSchema = withoutColumnRules(input.dataSchema);
  refuseDuplicates(dataSchema, []);
  const schema = targetSchema({ ...input, dataSchema });
  requirePartitionColumns(schema, input.partitionColumns);
  const columns = structConversion(dataSchema, schema, []);
  return { schema, changed: tableSchema === null || !schemaEquals(tableSchema, schema), columns };
}

function targetSchema({
  tableSchema,
  dataSchema,
  mergeSchema,
  overwriteSchema,
  widensTypes,
}: WriteSchemaInput): StructType {
  if (tableSchema === null) return dataSchema;
  if (overwriteSchema === true) return nullableStruct(withKnownTypes(dataSchema, tableSchema));
  if (mergeSchema === true) return mergeStruct(tableSchema, dataSchema, widensTypes === true);
  const extra = extraColumns(tableSchema, dataSchema, []);
  if (extra.length === 0) return tableSchema;
  const known = tableSchema.fields.map((field) => quoteName(field.name)).join(", ");
  throw new AlluviumError(
    "DELTA_METADATA_MISMATCH",
    { columns: extra.join(", ") },
    `the rows have columns that the table has not: ${extra.join(", ")} (its columns are ${known}); leave them out, or set mergeSchema to add them`,
  );
}

/** Columns that are null in every row say nothing of their type: they keep the table's. */
function withKnownTypes(dataSchema: StructType, tableSchema: StructType): StructType {
  const fields = dataSchema.fields.map((field) => {
    const isNull = field.type.kind === "primitive" && field.type.name === "void";
    return isNull ? { ...field, type: fieldOf(tableSchema, field.name)?.type ?? field.type } : field;
  });
  return { kind: "struct", fields };
}

function requirePartitionColumns(schema: StructType, partitionColumns: readonly string[]): void {
  for (const name of partitionColumns) {
    if (fieldOf(schema, name) !== undefined) continue;
    const message = `the rows lack the partition column ${quoteName(name)}, without which they cannot replace the table's schema`;
    throw new AlluviumError("COLUMN_NOT_FOUND", { column: name }, message);
  }
}

function refuseDuplicates(struct: StructType, path: readonly string[]): void {
  const seen = new Set<string>();
  for (const { name, type } of struct.fields) {
    if (seen.has(name.toLowerCase())) {
      const column = columnName([...path, name]);
      const message = `the rows have the column ${column} more than once; names that differ in case only are the same`;
      throw new AlluviumError("DELTA_DUPLICATE_COLUMNS_FOUND", { column }, message);
    }
    seen.add(name.toLowerCase());
    for (const [inner, innerPath] of innerStructs(type, [...path, name])) refuseDuplicates(inner, innerPath);
  }
}

function extraColumns(table: StructType, data: StructType, path: readonly string[]): readonly string[] {
  return data.fields.flatMap((field) => {
    const known = fieldOf(table, field.name);
    const fieldPath = [...path, field.name];
    return known === undefined ? [columnName(fieldPath)] : extraInType(known.type, field.type, fieldPath);
  });
}

function extraInType(table: DataType, data: DataType, path: readonly string[]): readonly string[] {
  if (table.kind === "struct" && data.kind === "struct") return extraColumns(table, data, path);
  if (table.kind === "array" && data.kind === "array")
    return extraInType(table.elementType, data.elementType, [...path, "element"]);
  if (table.kind !== "map" || data.kind !== "map") return [];
  return [
    ...extraInType(table.keyType, data.keyType, [...path, "key"]),
    ...extraInType(table.valueType, data.valueType, [...path, "value"]),
  ];
}

/**
 * The schema of a table that takes new columns and fields of some rows, and with `widensTypes` wider types. What the rows lack stays.
 */
export function evolvedSchema(table: StructType, data: StructType, widensTypes: boolean): StructType {
  return mergeStruct(table, withoutColumnRules(data), widensTypes);
}

/** The table's fields as they are, with new ones behind them. */
function mergeStruct(table: StructType, data: StructType, widens: boolean): StructType {
  const fields = table.fields.map((field): StructField => {
    const incoming = fieldOf(data, field.name);
    return incoming === undefined ? field : { ...field, type: mergeType(field.type, incoming.type, widens) };
  });
  const added = data.fields.filter((field) => fieldOf(table, field.name) === undefined).map(nullableField);
  return { kind: "struct", fields: [...fields, ...added] };
}

function mergeType(table: DataType, data: DataType, widens: boolean): DataType {
  // A column of nothing but null takes the first type that it meets.
  if (table.kind === "primitive" && table.name === "void") return nullableType(data);
  if (table.kind === "struct" && data.kind === "struct") return mergeStruct(table, data, widens);
  if (table.kind === "array" && data.kind === "array")
    return { ...table, elementType: mergeType(table.elementType, data.elementType, widens) };
  if (table.kind !== "map" || data.kind !== "map") return widens && isAutomaticWidening(table, data) ? data : table;
  return {
    ...table,
    keyType: mergeType(table.keyType, data.keyType, widens),
    valueType: mergeType(table.valueType, data.valueType, widens),
  };
}

function structConversion(data: StructType, table: StructType, path: readonly string[]): readonly FieldConversion[] {
  return table.fields.map((target): FieldConversion => {
    const fieldPath = [...path, target.name];
    const index = indexOf(data, target.name);
    const field = data.fields[index];
    if (field !== undefined)
      return { target, source: { index, field }, conversion: conversionOf(field.type, target.type, fieldPath) };
    if (target.nullable || (path.length === 0 && computedColumn(target) !== null))
      return { target, conversion: { kind: "null" } };
    const column = columnName(fieldPath);
    const message = `the rows lack the column ${column}, which is NOT NULL in the table; give it a value in every row`;
    throw new AlluviumError("DELTA_MISSING_NOT_NULL_COLUMN_VALUE", { column }, message);
  });
}

function conversionOf(data: DataType, table: DataType, path: readonly string[]): Conversion {
  if (typeEquals(data, table, { ignoreMetadata: true, ignoreNullability: true })) return { kind: "same" };
  if (data.kind === "struct" && table.kind === "struct")
    return { kind: "struct", fields: structConversion(data, table, path) };
  if (data.kind === "array" && table.kind === "array") {
    return { kind: "array", element: conversionOf(data.elementType, table.elementType, [...path, "element"]) };
  }
  if (data.kind === "map" && table.kind === "map") {
    const key = conversionOf(data.keyType, table.keyType, [...path, "key"]);
    return { kind: "map", key, value: conversionOf(data.valueType, table.valueType, [...path, "value"]) };
  }
  const conversion = leafConversion(data, table);
  if (conversion !== null) return conversion;
  const column = columnName(path);
  throw new AlluviumError(
    "DELTA_FAILED_TO_MERGE_FIELDS",
    { column, tableType: formatType(table), dataType: formatType(data) },
    `column ${column} is ${formatType(table)} in the table and ${formatType(data)} in the rows, which cannot be converted without loss; cast it first`,
  );
}

function innerStructs(type: DataType, path: readonly string[]): readonly (readonly [StructType, readonly string[]])[] {
  if (type.kind === "struct") return [[type, path]];
  if (type.kind === "array") return innerStructs(type.elementType, [...path, "element"]);
  if (type.kind !== "map") return [];
  return [...innerStructs(type.keyType, [...path, "key"]), ...innerStructs(type.valueType, [...path, "value"])];
}

function indexOf(struct: StructType, name: string): number {
  const lower = name.toLowerCase();
  return struct.fields.findIndex((field) => field.name.toLowerCase() === lower);
}

function fieldOf(struct: StructType, name: string): StructField | undefined {
  return struct.fields[indexOf(struct, name)];
}

const columnName = (path: readonly string[]): string => path.map(quoteName).join(".");
