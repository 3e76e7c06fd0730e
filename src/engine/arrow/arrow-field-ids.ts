// engine/arrow/arrow-field-ids.ts: the ids of columns in Arrow's field metadata, from which the Parquet writer takes `field_id`.
import type { DataType as ArrowType, Field, Schema } from "apache-arrow";
import { nestedIds } from "../../format/protocol/assign-columns.ts";
import { fieldId } from "../../format/protocol/column-mapping.ts";
import type { DataType, StructField, StructType } from "../../format/schema/schema.ts";
import { toArrowSchema } from "./arrow-schema.ts";

/** The Arrow schema of `toArrowSchema`, with the ids that the schema's fields, elements, keys and values have. */
export function arrowSchemaWithIds(schema: StructType): Schema {
  const plain = toArrowSchema(schema);
  plain.fields.forEach((field, index) => {
    const source = schema.fields[index];
    if (source !== undefined) addIds(field, source);
  });
  return plain;
}

// The schema was made for this alone, so that its fields may still be changed.
function addIds(field: Field, source: StructField): void {
  setId(field, fieldId(source));
  addIdsInside(field.type as ArrowType, source.type, { source, path: source.name });
}

interface Place {
  /** The field around, which has the ids. */
  readonly source: StructField;
  readonly path: string;
}

function addIdsInside(arrow: ArrowType, type: DataType, { source, path }: Place): void {
  const ids = nestedIds(source);
  const inner = (name: string, child: Field | undefined, childType: DataType): void => {
    if (child === undefined) return;
    const childPath = `${path}.${name}`;
    setId(child, ids.get(childPath));
    addIdsInside(child.type as ArrowType, childType, { source, path: childPath });
  };
  const children = arrow.children as readonly Field[];
  if (type.kind === "struct")
    type.fields.forEach((field, index) => {
      const child = children[index];
      if (child !== undefined) addIds(child, field);
    });
  if (type.kind === "array") inner("element", children[0], type.elementType);
  if (type.kind !== "map") return;
  const [key, value] = (children[0]?.type as ArrowType | undefined)?.children ?? [];
  inner("key", key as Field | undefined, type.keyType);
  inner("value", value as Field | undefined, type.valueType);
}

function setId(field: Field, id: number | undefined): void {
  if (id !== undefined) field.metadata.set("PARQUET:field_id", String(id));
}
