// session/run/show-rows.ts: rows as a table of text, as Spark's `show` prints it.
import { formatDouble, formatFloat } from "../../format/text/java-number.ts";
import type { DataType, StructType } from "../../format/schema/schema.ts";
import type { RowObject } from "../../table/input/table-input.ts";

/** How rows are shown. */
export interface ShowOptions {
  readonly schema: StructType;
  /** Cells are cut to this many characters; 0: not at all. */
  readonly widthMax: number;
  /** More rows than those shown are there. */
  readonly hasMore: boolean;
}

/** The table of rows, each by the places of its columns, with a line at its end that says so when there are more rows. */
export function formatRows(rows: readonly (readonly unknown[])[], { schema, widthMax, hasMore }: ShowOptions): string {
  const names = schema.fields.map((field) => cut(field.name, widthMax));
  const cells = rows.map((row) => schema.fields.map((field, index) => cut(cellText(row[index], field.type), widthMax)));
  const widths = names.map((name, index) =>
    Math.max(minWidth, ...[name, ...cells.map((row) => row[index] ?? "")].map(widthOf)),
  );
  const rule = `+${widths.map((width) => "-".repeat(width)).join("+")}+`;
  const line = (texts: readonly string[]): string =>
    `|${texts.map((text, index) => pad(text, widths[index] ?? 0, widthMax > 0)).join("|")}|`;
  const more = hasMore ? [`only showing top ${rows.length} ${rows.length === 1 ? "row" : "rows"}`] : [];
  return [rule, line(names), rule, ...cells.map(line), rule, ...more].join("\n");
}

const minWidth = 3;

function cut(text: string, widthMax: number): string {
  if (widthMax === 0 || text.length <= widthMax) return text;
  return widthMax < 4 ? text.slice(0, widthMax) : `${text.slice(0, widthMax - 3)}...`;
}

// Wide characters of East Asian scripts take two columns, as in Spark.
const widthOf = (text: string): number =>
  Array.from(text).reduce(
    (width, character) =>
      width +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(character)
        ? 2
        : 1),
    0,
  );

function pad(text: string, width: number, isRight: boolean): string {
  const blank = " ".repeat(Math.max(0, width - widthOf(text)));
  return isRight ? blank + text : text + blank;
}

/** A value as Spark prints it. */
export function cellText(value: unknown, type: DataType): string {
  if (value === null || value === undefined) return "NULL";
  switch (type.kind) {
    case "array":
      return `[${(value as readonly unknown[]).map((item) => cellText(item, type.elementType)).join(", ")}]`;
    case "map":
      return `{${entriesOf(value)
        .map(([key, item]) => `${cellText(key, type.keyType)} -> ${cellText(item, type.valueType)}`)
        .join(", ")}}`;
    case "struct":
      return `{${type.fields.map((field) => cellText((value as RowObject)[field.name], field.type)).join(", ")}}`;
    case "decimal":
      return scalarText(value, "decimal");
    case "primitive":
      return scalarText(value, type.name);
  }
}

function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (value instanceof Map) return [...(value as ReadonlyMap<unknown, unknown>)];
  return Array.isArray(value)
    ? (value as readonly (readonly [unknown, unknown])[])
    : Object.entries(value as RowObject);
}

function scalarText(value: unknown, name: string): string {
  if (value instanceof Uint8Array)
    return `[${Array.from(value, (byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(" ")}]`;
  if (value instanceof Date) return dateText(value, name);
  if (typeof value === "number" && name === "double") return formatDouble(value);
  if (typeof value === "number" && name === "float") return formatFloat(value);
  const isPlain =
    typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
  return isPlain ? String(value) : JSON.stringify(value);
}

function dateText(value: Date, name: string): string {
  const text = value.toISOString();
  if (name === "date") return text.slice(0, 10);
  return text.replace("T", " ").replace(/\.?0*Z$/, "");
}
