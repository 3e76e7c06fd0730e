// format/schema/schema.ts: the types of a table's columns. PROTOCOL.md, "Schema Serialization Format".
import type { JsonObject } from "../text/json.ts";

/** Names of the primitive types as Delta's schema JSON spells them; `decimal` is apart, for it has parameters. */
export type PrimitiveName =
  | "boolean"
  | "byte"
  | "short"
  | "integer"
  | "long"
  | "float"
  | "double"
  | "string"
  | "binary"
  | "date"
  | "timestamp"
  | "timestamp_ntz"
  | "void"
  | "variant";

/** A type without parameters. */
export interface PrimitiveType {
  readonly kind: "primitive";
  readonly name: PrimitiveName;
}

/** A decimal number of `precision` digits (1 to 38), `scale` of them (0 to `precision`) after the point. */
export interface DecimalType {
  readonly kind: "decimal";
  readonly precision: number;
  readonly scale: number;
}

/** A list; `containsNull` says whether elements may be null. */
export interface ArrayType {
  readonly kind: "array";
  readonly elementType: DataType;
  readonly containsNull: boolean;
}

/** A map; keys are never null. */
export interface MapType {
  readonly kind: "map";
  readonly keyType: DataType;
  readonly valueType: DataType;
  readonly valueContainsNull: boolean;
}

/** One column or one field of a struct; `metadata` is kept word for word. */
export interface StructField {
  readonly name: string;
  readonly type: DataType;
  readonly nullable: boolean;
  readonly metadata: JsonObject;
}

/** A row type: a table's schema, or a nested struct. */
export interface StructType {
  readonly kind: "struct";
  readonly fields: readonly StructField[];
}

/** Any type of a column. */
export type DataType = PrimitiveType | DecimalType | ArrayType | MapType | StructType;
