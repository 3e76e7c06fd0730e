// format/protocol/type-change.ts: the record of types that columns once had. PROTOCOL.md, "Type Change Metadata".
import type { Metadata } from "../action/action.ts";
import { fieldId } from "./column-mapping.ts";
import type { JsonObject, JsonValue } from "../text/json.ts";
import { parseBoolean } from "../text/property-value.ts";
import { findField, typeEquals } from "../schema/schema-type.ts";
import type { DataType, StructField, StructType } from "../schema/schema.ts";
import { isWiderType } from "../schema/type-widening.ts";

/** True where the table lets types of columns become wider. */
export function isTypeWideningEnabled({ configuration }: Pick<Metadata, "configuration">): boolean {
  return parseBoolean(configuration.get("delta.enableTypeWidening") ?? "") === true;
}

/**
 * True when rows may widen a column by themselves (schema evolution): inside of one family of types. To change a whole number
 * to a decimal or a double must be asked for.
 */
export function isAutomaticWidening(narrow: DataType, wide: DataType): boolean {
  if (!isWiderType(narrow, wide)) return false;
  if (wide.kind === "decimal") return narrow.kind === "decimal";
  const isDouble = wide.kind === "primitive" && wide.name === "double";
  return !isDouble || (narrow.kind === "primitive" && narrow.name === "float");
}

/** The schema `after` with each type that became another one since `before` on record in its nearest field. */
export function recordTypeChanges(before: StructType, after: StructType): StructType {
  return {
    kind: "struct",
    fields: after.fields.map((field) => {
      const old = findField(before, field.name);
      return old === undefined || fieldId(old) !== fieldId(field) ? field : recordInField(old, field);
    }),
  };
}

const changesKey = "delta.typeChanges";

function recordInField(before: StructField, after: StructField): StructField {
  const changes: JsonObject[] = [];
  const visit = (old: DataType, now: DataType, path: readonly string[]): DataType => {
    if (old.kind === "struct" && now.kind === "struct") return recordTypeChanges(old, now);
    if (old.kind === "array" && now.kind === "array")
      return { ...now, elementType: visit(old.elementType, now.elementType, [...path, "element"]) };
    if (old.kind === "map" && now.kind === "map") {
      const keyType = visit(old.keyType, now.keyType, [...path, "key"]);
      return { ...now, keyType, valueType: visit(old.valueType, now.valueType, [...path, "value"]) };
    }
    if (!typeEquals(old, now) && isWiderType(old, now)) changes.push(changeOf(old, now, path));
    return now;
  };
  const type = visit(before.type, after.type, []);
  if (changes.length === 0) return { ...after, type };
  const earlier: JsonValue = after.metadata[changesKey] ?? [];
  const all = Array.isArray(earlier) ? [...(earlier as readonly JsonValue[]), ...changes] : changes;
  return { ...after, type, metadata: { ...after.metadata, [changesKey]: all } };
}

function changeOf(from: DataType, to: DataType, path: readonly string[]): JsonObject {
  return {
    fromType: typeText(from),
    toType: typeText(to),
    ...(path.length > 0 && { fieldPath: path.join(".") }),
  };
}

/** A type without parts as schema JSON spells it. */
function typeText(type: DataType): string {
  if (type.kind === "decimal") return `decimal(${type.precision},${type.scale})`;
  return type.kind === "primitive" ? type.name : type.kind;
}
