// format/protocol/type-change.ts: the record of types that columns once had. PROTOCOL.md, "Type Change Metadata".
import type { Metadata } from "../action/action.ts";
import { fieldId } from "./column-mapping.ts";
import { AlluviumError } from "../text/error.ts";
import { formatJson, isJsonObject } from "../text/json-int64.ts";
import type { JsonObject, JsonValue } from "../text/json.ts";
import { parseBoolean } from "../text/property-value.ts";
import { schemaFromJson } from "../schema/schema-json.ts";
import { findField, nestedFields, typeEquals } from "../schema/schema-type.ts";
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

/**
 * Checks that each change of a type on record is one that files may have been written before.
 * @throws AlluviumError `UNSUPPORTED_FEATURE`. PROTOCOL.md, "Reader Requirements for Type Widening"
 */
export function requireKnownTypeChanges(schema: StructType): void {
  for (const { path, field } of nestedFields(schema)) {
    const changes = field.metadata[changesKey];
    const recorded = Array.isArray(changes) ? (changes as readonly JsonValue[]) : [];
    const unknown = recorded.find((change) => !isKnownChange(change));
    if (unknown === undefined) continue;
    const column = path.join(".");
    const message = `the type of column ${column} was changed in a way that this build does not know, ${formatJson(unknown)}: older files cannot be read as what the column is now. Use an engine that knows the change, or write the files anew there`;
    throw new AlluviumError("UNSUPPORTED_FEATURE", { features: changesKey, column }, message);
  }
}

function isKnownChange(change: JsonValue): boolean {
  if (!isJsonObject(change)) return false;
  const { fromType: from = null, toType: to = null } = change;
  // Texts of other lengths are no change of type, and should not be on record.
  if (isText(from) && isText(to)) return true;
  const [narrow, wide] = [typeOf(from), typeOf(to)];
  if (narrow === null || wide === null) return false;
  return typeEquals(narrow, wide) || isWiderType(narrow, wide) || holdsDigits(narrow, wide);
}

/** Tables from before the list was final went from bytes and shorts to decimals that have just the digits for them. */
function holdsDigits(narrow: DataType, wide: DataType): boolean {
  const digits = narrow.kind === "primitive" ? wholeDigits[narrow.name] : undefined;
  return digits !== undefined && wide.kind === "decimal" && wide.precision - wide.scale >= digits;
}

const wholeDigits: Readonly<Record<string, number>> = { byte: 3, short: 5, integer: 10, long: 19 };

const isText = (type: JsonValue): boolean => typeof type === "string" && /^(?:string|char|varchar)\b/i.test(type);

function typeOf(type: JsonValue): DataType | null {
  try {
    const field = { name: "", type, nullable: true, metadata: {} };
    return schemaFromJson({ type: "struct", fields: [field] }).fields[0]?.type ?? null;
  } catch {
    return null;
  }
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
