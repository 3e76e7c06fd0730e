// format/schema/schema-check.ts: what a schema must satisfy before a table is made of it. PROTOCOL.md, "Schema Serialization Format".
import { AlluviumError } from "../text/error.ts";
import type { DataType, StructType } from "./schema.ts";
import { findField, formatType, nestedFields } from "./schema-type.ts";

/**
 * Checks a schema that is about to be written.
 * @param partitionColumns names in any case
 * @param isMapped files call the columns by names of their own, so that any character may stand in the table's
 * @returns the partition columns, spelled as in the schema
 * @throws AlluviumError `DELTA_DUPLICATE_COLUMNS_FOUND` when two names differ in case at most;
 *   `DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES`; `INVALID_ARGUMENT` for a decimal out of bounds;
 *   `COLUMN_NOT_FOUND`, `DELTA_INVALID_PARTITION_COLUMN_TYPE` or `DELTA_CANNOT_USE_ALL_COLUMNS_FOR_PARTITION`
 */
export function checkSchema(
  schema: StructType,
  partitionColumns: readonly string[],
  isMapped = false,
): readonly string[] {
  checkNames(schema, isMapped);
  for (const { path, field } of nestedFields(schema)) checkDecimals(field.type, path);
  return checkPartitionColumns(schema, partitionColumns);
}

/**
 * Checks that rows can be written at all: `void` columns have no place in data files. PROTOCOL.md, "Void Type".
 * @throws AlluviumError `DELTA_METADATA_MISMATCH` when nothing would be left of the table, or when `void` stands inside of another type
 */
export function checkVoidColumns(schema: StructType): void {
  const { fields } = schema;
  if (fields.length > 0 && fields.every(({ type }) => isVoid(type))) refuseRows([], "has void columns only");
  for (const { name, type } of fields)
    if (!isVoid(type) && holdsVoid(type)) refuseRows([name], `holds void values in ${formatType(type)}`);
}

/** A column name in backticks where SQL needs them. */
export function quoteName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name.replaceAll("`", "``")}\``;
}

function refuseRows(path: readonly string[], problem: string): never {
  const name = quotePath(path);
  const subject = name === "" ? "the table" : `column ${name}`;
  const message = `Rows cannot be written: ${subject} ${problem}. Give the column another type.`;
  throw new AlluviumError("DELTA_METADATA_MISMATCH", { column: name }, message);
}

const isVoid = (type: DataType): boolean => type.kind === "primitive" && type.name === "void";

function holdsVoid(type: DataType): boolean {
  if (type.kind === "array") return holdsVoid(type.elementType);
  if (type.kind === "map") return holdsVoid(type.keyType) || holdsVoid(type.valueType);
  return type.kind === "struct" ? type.fields.some((field) => holdsVoid(field.type)) : isVoid(type);
}

// Parquet cannot carry these without column mapping.
const invalidCharacters = /[ ,;{}()\n\t=]/;

function checkNames(schema: StructType, isMapped: boolean): void {
  const fields = nestedFields(schema);
  const invalid = fields.filter(({ field }) => field.name === "" || (!isMapped && invalidCharacters.test(field.name)));
  if (invalid.length > 0) {
    const names = invalid.map(({ path }) => quotePath(path)).join(", ");
    const message = `Column names must not be empty or contain any of " ,;{}()\\n\\t=": ${names}. Rename the columns.`;
    throw new AlluviumError("DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", { columns: names }, message);
  }
  const seen = new Set<string>();
  for (const { path } of fields) {
    const key = JSON.stringify(path.map((name) => name.toLowerCase()));
    if (seen.has(key)) throw duplicate(quotePath(path), "the schema");
    seen.add(key);
  }
}

function checkDecimals(type: DataType, path: readonly string[]): void {
  if (type.kind === "array") checkDecimals(type.elementType, path);
  if (type.kind === "map") for (const part of [type.keyType, type.valueType]) checkDecimals(part, path);
  if (type.kind !== "decimal") return;
  const { precision, scale } = type;
  const isRight = Number.isInteger(precision) && Number.isInteger(scale) && precision >= 1 && precision <= 38;
  if (isRight && scale >= 0 && scale <= precision) return;
  const message = `Column ${quotePath(path)} has type ${formatType(type)}: precision must be 1 to 38 and scale 0 to the precision.`;
  throw new AlluviumError("INVALID_ARGUMENT", { column: quotePath(path), precision, scale }, message);
}

function checkPartitionColumns(schema: StructType, partitionColumns: readonly string[]): readonly string[] {
  const names = partitionColumns.map((name) => {
    const field = findField(schema, name);
    if (field === undefined) {
      const known = schema.fields.map((column) => quoteName(column.name)).join(", ");
      const message = `Partition column ${quoteName(name)} is not in the schema. The columns are: ${known}.`;
      throw new AlluviumError("COLUMN_NOT_FOUND", { column: name }, message);
    }
    if (!canPartition(field.type)) {
      const message = `Column ${quoteName(name)} of type ${formatType(field.type)} cannot be a partition column: only simple, ordered types can.`;
      throw new AlluviumError(
        "DELTA_INVALID_PARTITION_COLUMN_TYPE",
        { column: name, type: formatType(field.type) },
        message,
      );
    }
    return field.name;
  });
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw duplicate(quoteName(twice), "the partition columns");
  if (names.length > 0 && names.length === schema.fields.length) {
    const message = "All columns are partition columns, so data files would be empty. Leave at least one column out.";
    throw new AlluviumError("DELTA_CANNOT_USE_ALL_COLUMNS_FOR_PARTITION", { columns: names.join(", ") }, message);
  }
  return names;
}

function canPartition(type: DataType): boolean {
  return type.kind === "decimal" || (type.kind === "primitive" && type.name !== "void" && type.name !== "variant");
}

function duplicate(name: string, where: string): AlluviumError {
  const message = `Column ${name} stands more than once in ${where}; names that differ in case only are the same. Rename one.`;
  return new AlluviumError("DELTA_DUPLICATE_COLUMNS_FOUND", { column: name }, message);
}

const quotePath = (path: readonly string[]): string => path.map(quoteName).join(".");
