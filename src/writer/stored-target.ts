// writer/stored-target.ts: a table under the names that its files use, and rows of either names made into the other.
// PROTOCOL.md, "Writer Requirements for Column Mapping".
import { mapFields } from "../format/schema/map-fields.ts";
import { physicalName } from "../format/protocol/column-mapping.ts";
import { remembered } from "../format/text/remembered.ts";
import { findField } from "../format/schema/schema-type.ts";
import type { DataType, StructField, StructType } from "../format/schema/schema.ts";
import type { Conversion, FieldConversion } from "./conversion.ts";
import { projectRelation } from "./project-relation.ts";
import type { WriteTarget } from "./write-target.ts";

/** True when the files of a table call its columns by other names. */
export function isMapped({ columnMapping = "none" }: WriteTarget): boolean {
  return columnMapping !== "none";
}

/** The target with physical names throughout; the target itself where names are the same. */
export function storedTarget(target: WriteTarget): WriteTarget {
  return isMapped(target) ? mappedTarget(target) : target;
}

const mappedTarget = remembered((target: WriteTarget): WriteTarget => {
  const { schema, partitionColumns, properties } = target;
  const { dataSkippingStatsColumns: named } = properties;
  return {
    ...target,
    schema: storedStruct(schema),
    partitionColumns: partitionColumns.map((name) => storedName(target, name)),
    properties: {
      ...properties,
      dataSkippingStatsColumns: named?.map((path) => storedPath(schema, path)) ?? null,
    },
  };
});

/** The name of a top-level column in files, statistics and partition values. */
export function storedName(target: WriteTarget, name: string): string {
  const field = isMapped(target) ? findField(target.schema, name) : undefined;
  return field === undefined ? name : physicalName(field);
}

/** Conversions into a target as conversions into its stored form. */
export function storedColumns(target: WriteTarget, columns: readonly FieldConversion[]): readonly FieldConversion[] {
  return isMapped(target) ? columns.map(storedConversion) : columns;
}

/** Rows of a target's files under the target's own names; partition columns are under theirs already, and come last. */
export function ownNames(target: WriteTarget, fields: readonly StructField[], sql: string): string {
  if (!isMapped(target)) return sql;
  const columns = fields.map((field, index): FieldConversion => {
    const source = { index, field: storedField(field) };
    return { target: field, source, conversion: sameParts(field.type, storedField) };
  });
  return projectRelation(sql, { kind: "struct", fields: fields.map(storedField) }, columns);
}

function storedConversion({ target, source, conversion }: FieldConversion): FieldConversion {
  return {
    target: storedField(target),
    ...(source === undefined ? {} : { source }),
    conversion: renamed(target.type, conversion),
  };
}

// What is taken as it is would be cast as a whole, and casts between structs go by the names of their fields.
function renamed(type: DataType, conversion: Conversion): Conversion {
  switch (conversion.kind) {
    case "same":
      return holdsStruct(type)
        ? renamed(
            type,
            sameParts(type, (field) => field),
          )
        : conversion;
    case "null":
    case "cast":
      return conversion;
    case "struct":
      return { kind: "struct", fields: conversion.fields.map(storedConversion) };
    case "array":
      return type.kind === "array"
        ? { kind: "array", element: renamed(type.elementType, conversion.element) }
        : conversion;
    case "map":
      if (type.kind !== "map") return conversion;
      return {
        kind: "map",
        key: renamed(type.keyType, conversion.key),
        value: renamed(type.valueType, conversion.value),
      };
  }
}

/** The conversion to a type, part by part, from the same under other names of its fields. */
function sameParts(type: DataType, sourceOf: (field: StructField) => StructField): Conversion {
  if (!holdsStruct(type)) return { kind: "same" };
  if (type.kind === "array") return { kind: "array", element: sameParts(type.elementType, sourceOf) };
  if (type.kind === "map")
    return { kind: "map", key: sameParts(type.keyType, sourceOf), value: sameParts(type.valueType, sourceOf) };
  if (type.kind !== "struct") return { kind: "same" };
  const fields = type.fields.map((field, index) => ({
    target: field,
    source: { index, field: sourceOf(field) },
    conversion: sameParts(field.type, sourceOf),
  }));
  return { kind: "struct", fields };
}

/** Under the names that the columns have in files, fields of structs too. */
const storedStruct = (struct: StructType): StructType =>
  mapFields(struct, (field) => ({ ...field, name: physicalName(field) }));

const storedField = (field: StructField): StructField =>
  storedStruct({ kind: "struct", fields: [field] }).fields[0] ?? field;

function storedPath(schema: StructType, path: readonly string[]): readonly string[] {
  const [first, ...rest] = path;
  const field = first === undefined ? undefined : findField(schema, first);
  if (field === undefined) return path;
  return [physicalName(field), ...(field.type.kind === "struct" ? storedPath(field.type, rest) : rest)];
}

function holdsStruct(type: DataType): boolean {
  if (type.kind === "array") return holdsStruct(type.elementType);
  if (type.kind === "map") return holdsStruct(type.keyType) || holdsStruct(type.valueType);
  return type.kind === "struct";
}
