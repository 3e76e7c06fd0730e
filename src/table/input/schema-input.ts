// table/input/schema-input.ts: a schema as a person gives it.
import { parseSchemaDdl } from "../../expression/parse/parse-schema.ts";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { parseSchema } from "../../format/schema/schema-json.ts";

/** Columns: Spark's DDL (`id BIGINT NOT NULL, author STRING`), Delta's schema JSON as text, or a schema as data. */
export type SchemaInput = string | StructType;

/** @throws AlluviumError `INVALID_ARGUMENT` with the place that cannot be read */
export function toSchema(input: SchemaInput): StructType {
  if (typeof input !== "string") return input;
  try {
    return input.trimStart().startsWith("{") ? parseSchema(input) : parseSchemaDdl(input);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AlluviumError("INVALID_ARGUMENT", { schema: input }, `the schema cannot be read: ${reason}`, { cause });
  }
}
