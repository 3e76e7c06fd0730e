// table/alter/logged-column.ts: columns as `history` tells of them, in Spark's form.
import { type ColumnPath, type ColumnPosition, pathText } from "../../format/schema/edit-schema.ts";
import type { JsonObject } from "../../format/text/json.ts";
import { parseJson } from "../../format/text/json-int64.ts";
import { formatSchema } from "../../format/schema/schema-json.ts";
import type { StructField } from "../../format/schema/schema.ts";

/** A column with its whole name. */
export function loggedColumn(path: ColumnPath, field: StructField): JsonObject {
  const name = pathText(path);
  const schema = parseJson(formatSchema({ kind: "struct", fields: [{ ...field, name }] })) as {
    readonly fields: readonly JsonObject[];
  };
  return schema.fields[0] ?? {};
}

/** FIRST, or AFTER and a name. */
export function positionText(position: ColumnPosition): string {
  return position === "first" ? "FIRST" : `AFTER ${position.after}`;
}
