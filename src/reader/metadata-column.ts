// reader/metadata-column.ts: `_metadata`, the column that every table has and no schema names: what is known of a row besides its values.
// As Spark's hidden file metadata column; ids and commit versions by PROTOCOL.md, "Reader Requirements for Row Tracking".
import { sqlIdentifier, sqlLiteral } from "../engine/base/sql-quote.ts";
import type { AddFile } from "../format/action/action.ts";
import { rowTrackingColumns } from "../format/protocol/row-tracking.ts";
import type { TrackedTable } from "../format/protocol/row-tracking.ts";
import type { PrimitiveName, StructField, StructType } from "../format/schema/schema.ts";
import { findField } from "../format/schema/schema-type.ts";

/** The column's name; one of the table's own that is called so hides it. */
export const metadataColumn = "_metadata";

/** True for a text that may name the column. */
export function namesMetadata(text: string): boolean {
  return text.toLowerCase().includes(metadataColumn);
}

/** A table's columns with the hidden one last, where no column of the table has its name. */
export function withMetadataColumn(table: TrackedTable & { readonly schema: StructType }): StructType {
  const { schema } = table;
  if (findField(schema, metadataColumn) !== undefined) return schema;
  return { kind: "struct", fields: [...schema.fields, metadataField(rowTrackingColumns(table) !== null)] };
}

/** The column as a field; a table that keeps no ids has none to show. */
export function metadataField(hasRowIds: boolean): StructField {
  const fields = Object.entries({ ...ofFiles, ...(hasRowIds ? ofRows : {}) }).map(([name, type]) => field(name, type));
  return { name: metadataColumn, type: { kind: "struct", fields }, nullable: false, metadata: {} };
}

const ofFiles: Readonly<Record<string, PrimitiveName>> = {
  file_path: "string",
  file_name: "string",
  file_size: "long",
  file_block_start: "long",
  file_block_length: "long",
  file_modification_time: "timestamp",
};

const ofRows: Readonly<Record<string, PrimitiveName>> = {
  row_index: "long",
  row_id: "long",
  base_row_id: "long",
  default_row_commit_version: "long",
  row_commit_version: "long",
};

// Ids are null in files from before row tracking was enabled for which nobody has given them yet.
const field = (name: string, type: PrimitiveName): StructField => ({
  name,
  type: { kind: "primitive", name: type },
  nullable: !Object.hasOwn(ofFiles, name),
  metadata: {},
});

/** What the column is made of. */
export interface MetadataSource {
  readonly files: readonly AddFile[];
  /** Absolute paths of the files. */
  readonly paths: readonly string[];
  /** SQL of each row's id and the version that last changed it; null for a table that keeps none. */
  readonly ids: { readonly rowId: string; readonly rowCommitVersion: string } | null;
  /** SQL of a constant of each file. */
  readonly byFile: (literals: readonly string[], type: string) => string;
}

/** SQL of the column. */
export function metadataSql({ files, paths, ids, byFile }: MetadataSource): string {
  const long = (values: readonly (bigint | number | undefined)[]): string =>
    byFile(
      values.map((value) => String(value ?? null)),
      "BIGINT",
    );
  const text = (values: readonly string[]): string => byFile(values.map(sqlLiteral), "VARCHAR");
  const uris = paths.map(fileUri);
  const sizes = long(files.map((file) => file.sizeBytes));
  const times = byFile(
    files.map((file) => `make_timestamptz(${file.modificationTimeMs} * 1000)`),
    "TIMESTAMPTZ",
  );
  const parts: Record<string, string> = {
    file_path: text(uris),
    file_name: text(uris.map((uri) => uri.slice(uri.lastIndexOf("/") + 1))),
    file_size: sizes,
    file_block_start: "0::BIGINT",
    file_block_length: sizes,
    file_modification_time: times,
  };
  if (ids !== null) {
    parts["row_index"] = "file_row_number";
    parts["row_id"] = ids.rowId;
    parts["base_row_id"] = long(files.map((file) => file.baseRowId));
    parts["default_row_commit_version"] = long(files.map((file) => file.defaultRowCommitVersion));
    parts["row_commit_version"] = ids.rowCommitVersion;
  }
  const list = Object.entries(parts).map(([name, sql]) => `${sqlIdentifier(name)} := ${sql}`);
  return `struct_pack(${list.join(", ")})`;
}

/** The path as Spark spells it: a URI without an authority, in which letters beyond ASCII stay. */
function fileUri(path: string): string {
  return `file:${path.replaceAll(/[^\w\-!.~'()*,;:$&+=/@\u0080-\uffff]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`)}`;
}
