// format/property/stats-column.ts: which columns have statistics. PROTOCOL.md is silent; this follows the reference implementation.
import type { DataType, StructField, StructType } from "../schema/schema.ts";
import type { TableProperties } from "./table-property.ts";

/**
 * Paths of the columns that have statistics, in schema order: leaves, where arrays and maps count as leaves.
 * Partition columns have none. `dataSkippingStatsColumns` names them, and a struct stands for all its leaves; otherwise
 * they are the first `dataSkippingNumIndexedCols` leaves.
 */
export function statsColumns(
  schema: StructType,
  partitionColumns: readonly string[],
  properties: Pick<TableProperties, "dataSkippingNumIndexedCols" | "dataSkippingStatsColumns">,
): readonly (readonly string[])[] {
  const partitions = new Set(partitionColumns.map((name) => name.toLowerCase()));
  const fields = schema.fields.filter((field) => !partitions.has(field.name.toLowerCase()));
  const { dataSkippingStatsColumns: named, dataSkippingNumIndexedCols: count } = properties;
  if (named !== null)
    return namedLeaves(
      fields,
      named.map((path) => path.map((name) => name.toLowerCase())),
    );
  const all = fields.flatMap((field) => leaves(field));
  return count < 0 ? all : all.slice(0, count);
}

/** True for types that have a smallest and a largest value in statistics; every leaf has a count of null. */
export function hasBounds(type: DataType): boolean {
  if (type.kind === "decimal") return true;
  return type.kind === "primitive" && !withoutBounds.has(type.name);
}

const withoutBounds: ReadonlySet<string> = new Set(["boolean", "binary", "void", "variant"]);

type Path = readonly string[];

function leaves(field: StructField): readonly Path[] {
  if (field.type.kind !== "struct") return [[field.name]];
  return field.type.fields.flatMap((child) => leaves(child).map((path) => [field.name, ...path]));
}

function namedLeaves(fields: readonly StructField[], wanted: readonly Path[]): readonly Path[] {
  return fields.flatMap((field) => {
    const rests = wanted.filter((path) => path[0] === field.name.toLowerCase()).map((path) => path.slice(1));
    if (rests.length === 0) return [];
    if (rests.every((rest) => rest.length === 0)) return leaves(field);
    // Where a struct and some of its fields are both named, the fields alone count, as in the reference implementation.
    if (field.type.kind !== "struct") return [];
    const inner = namedLeaves(
      field.type.fields,
      rests.filter((rest) => rest.length > 0),
    );
    return inner.map((path) => [field.name, ...path]);
  });
}
