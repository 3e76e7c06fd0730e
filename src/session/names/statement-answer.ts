// session/names/statement-answer.ts: what a statement answers, as a frame.
import type { StructField, StructType } from "../../format/schema/schema.ts";
import type { RowObject } from "../../table/input/table-input.ts";
import type { DataFrame } from "../frame/data-frame.ts";
import type { FrameContext } from "../plan/frame-context.ts";

/** A nullable column of an answer. */
export function field(name: string, type: "string" | "long" | "boolean" = "string"): StructField {
  return {
    name,
    type: { kind: "primitive", name: type },
    nullable: true,
    metadata: {},
  };
}

/** A frame of text columns. */
export function answer(
  context: FrameContext,
  columns: readonly string[],
  rows: readonly (readonly (string | null)[])[],
): DataFrame {
  const objects = rows.map((row): RowObject =>
    Object.fromEntries(columns.map((name, index) => [name, row[index] ?? null])),
  );
  return answerRows(context, { kind: "struct", fields: columns.map((name) => field(name)) }, objects);
}

/** A frame of rows that are at hand; what a row lacks is null. */
export function answerRows(context: FrameContext, schema: StructType, rows: readonly RowObject[]): DataFrame {
  return context.frame({ source: { kind: "rows", rows, schema }, steps: [] });
}

/** What a statement answers that has nothing to tell. */
export function nothing(context: FrameContext): DataFrame {
  return answerRows(context, { kind: "struct", fields: [field("result")] }, []);
}

/** An answer of one number; null where it is not known. */
export function counted(context: FrameContext, name: string, count: number | bigint | null): DataFrame {
  return answerRows(context, { kind: "struct", fields: [field(name, "long")] }, [
    { [name]: count === null ? null : BigInt(count) },
  ]);
}
