// format/schema/column-invariant.ts: conditions that columns put on every row. PROTOCOL.md, "Column Invariants".
import { corruptLog } from "../text/expect.ts";
import { isJsonObject, parseJson } from "../text/json-int64.ts";
import type { JsonValue } from "../text/json.ts";
import type { StructType } from "./schema.ts";
import { nestedFields } from "./schema-type.ts";

/** A condition in Spark's SQL; a row for which it is false or null must not be written. */
export interface ColumnInvariant {
  /** The column that carries the condition. */
  readonly path: readonly string[];
  readonly expressionSql: string;
}

/**
 * The conditions of all columns, nested ones included, in schema order.
 * @throws AlluviumError `CORRUPT_LOG` when a condition cannot be understood
 */
export function columnInvariants(schema: StructType): readonly ColumnInvariant[] {
  return nestedFields(schema).flatMap(({ path, field }) => {
    const rule = field.metadata["delta.invariants"];
    if (rule === undefined || rule === null) return [];
    const expressionSql = parseRule(rule);
    if (expressionSql !== null) return [{ path, expressionSql }];
    const place = { path: "metaData.schemaString", field: `${path.join(".")}.metadata.delta.invariants` };
    throw corruptLog(place, 'expected the text {"expression":{"expression":"…"}}');
  });
}

function parseRule(rule: JsonValue): string | null {
  if (typeof rule !== "string") return null;
  let value: JsonValue;
  try {
    value = parseJson(rule);
  } catch {
    return null;
  }
  const outer = isJsonObject(value) ? value["expression"] : undefined;
  const sql = isJsonObject(outer) ? outer["expression"] : undefined;
  return typeof sql === "string" ? sql : null;
}
