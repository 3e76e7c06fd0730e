// stream/operator/nullable-schema.ts: the schema a stream's sink gives the table it makes.
import { ownMetadata } from "../../format/schema/computed-column.ts";
import { mapFields, nullableStruct } from "../../format/schema/map-fields.ts";
import type { StructType } from "../../format/schema/schema.ts";

/** The same columns, types and comments with nothing required, at any depth, and without the rules of the table they were read from. */
export function nullableSchema(schema: StructType): StructType {
  return mapFields(nullableStruct(schema), (field) => ({ ...field, metadata: ownMetadata(field.metadata) }));
}
