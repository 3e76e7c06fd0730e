// table/rows/change-files.ts: files that say of each row of a commit what happened to it. PROTOCOL.md, "Change Data Files" and "Add CDC File".
import type { Engine } from "../../engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import type { AddCdcFile } from "../../format/action/action.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import { writeDataFiles } from "../../writer/data-file-writer.ts";
import type { WriteTarget } from "../../writer/data-file-writer.ts";

/** What may happen to a row. */
export type ChangeType = "insert" | "update_preimage" | "update_postimage" | "delete";

/** Rows to which one thing happened. */
export interface ChangedRows {
  readonly changeType: ChangeType;
  /** A SELECT that has columns of the table, by name; those that it lacks are null. */
  readonly sql: string;
}

/**
 * Writes changes; the files survive a power cut when this returns.
 * @param target the table after the commit
 * @throws AlluviumError of the queries, `DISK_FULL`, `IO_ERROR`
 */
export async function writeChangeFiles(
  engine: Engine,
  target: WriteTarget,
  changes: readonly ChangedRows[],
): Promise<readonly AddCdcFile[]> {
  if (changes.length === 0) return [];
  const schema: StructType = { kind: "struct", fields: [...target.schema.fields, changeTypeField] };
  const names = schema.fields.map(({ name }) => sqlIdentifier(name)).join(", ");
  // By name: what was removed may lack columns that come with this commit, and has those that identify rows.
  const parts = changes.map(
    ({ changeType, sql }) => `SELECT *, ${sqlLiteral(changeType)} AS ${changeTypeField.name} FROM (${sql})`,
  );
  const rows = {
    kind: "relation" as const,
    schema,
    sql: `SELECT ${names} FROM (${parts.join(" UNION ALL BY NAME ")})`,
  };
  const changeTarget: WriteTarget = { ...target, schema, folder: "_change_data", rowOrigin: "kept" };
  const { adds } = await writeDataFiles(engine, changeTarget, rows);
  return adds.map(({ path, partitionValues, sizeBytes }) => {
    return { kind: "cdc", path, partitionValues, sizeBytes, dataChange: false };
  });
}

const changeTypeField: StructField = {
  name: "_change_type",
  type: { kind: "primitive", name: "string" },
  nullable: true,
  metadata: {},
};
