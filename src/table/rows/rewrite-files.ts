// table/rows/rewrite-files.ts: live rows of files as they are written anew: with what identifies them, where the table tracks its rows.
// PROTOCOL.md, "Row Tracking".
import type { Engine } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { AddFile, Metadata } from "../../format/action/action.ts";
import { type TrackedTable, rowTrackingColumns } from "../../format/protocol/row-tracking.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { scannedTable, scanRelation } from "../../reader/scan-relation.ts";
import { scannedFiles } from "../../reader/scanned-files.ts";
import { writeDataFiles } from "../../writer/data-file-writer.ts";
import type { WrittenFiles } from "../../writer/rows.ts";
import type { WriteTarget } from "../../writer/write-target.ts";
import { type TableShape, writeTarget } from "./file-changes.ts";
import { positionColumns } from "./row-match.ts";

/** Rows that leave their files. */
export interface LeavingRows extends LiveFiles {
  /** The relation to write, given that of the live rows: its columns, or some of them with new values. */
  readonly sql: (live: string) => string;
  /** `kept`: as they are; `changed`: with new values. */
  readonly rowOrigin: "kept" | "changed";
  /** Columns of the relation with their types, in any order; the writer computes what is missing. The table's own when absent. */
  readonly fields?: readonly StructField[];
  /** Metadata by which the files are written; the table's own when absent. */
  readonly metadata?: Metadata;
}

/** Files whose rows are wanted. */
export interface LiveFiles {
  readonly files: readonly AddFile[];
  /** With `positionColumns`. */
  readonly hasPositions?: boolean | undefined;
}

/** A SELECT of the live rows of files: the table's columns, then those that identify the rows. */
export async function liveRelation(
  engine: Engine,
  snapshot: Snapshot,
  { files, hasPositions }: LiveFiles,
): Promise<string> {
  const table = scannedTable(snapshot);
  const tracking = rowTrackingColumns(snapshot);
  const ready = await scannedFiles(engine, table, { files });
  return scanRelation(table, ready, {
    ...(hasPositions === true ? positionColumns : {}),
    rowTracking: tracking ?? undefined,
  });
}

/**
 * Writes rows of files into new files; they keep their ids, and those that are not changed their commit versions.
 * @throws AlluviumError as `writeDataFiles`, `FILE_NOT_FOUND` and `CORRUPT_FILE`
 */
export async function rewriteRows(engine: Engine, snapshot: Snapshot, rows: LeavingRows): Promise<WrittenFiles> {
  if (rows.files.length === 0) return { adds: [], rowCount: 0, sizeBytes: 0 };
  const live = await liveRelation(engine, snapshot, rows);
  const { tablePath, schema, protocol } = snapshot;
  const table = { tablePath, schema, protocol, metadata: rows.metadata ?? snapshot.metadata };
  return await writeTracked(engine, table, { ...rows, sql: rows.sql(live) });
}

/** Rows that were in the table, with what identifies them. */
export interface TrackedRows {
  /** A SELECT of `fields` and of the columns that identify rows, by name. */
  readonly sql: string;
  readonly rowOrigin: "kept" | "changed";
  /** The table's own columns when absent. */
  readonly fields?: readonly StructField[];
}

/** Writes rows that keep what identifies them. @throws AlluviumError as `writeDataFiles` */
export async function writeTracked(
  engine: Engine,
  table: TableShape,
  { sql, rowOrigin, fields }: TrackedRows,
): Promise<WrittenFiles> {
  const schema: StructType = {
    kind: "struct",
    fields: [...(fields ?? table.schema.fields), ...trackingFields(table)],
  };
  const names = schema.fields.map(({ name }) => sqlIdentifier(name)).join(", ");
  const target = { ...trackingTarget(writeTarget(table), table), rowOrigin };
  return await writeDataFiles(engine, target, { kind: "relation", schema, sql: `SELECT ${names} FROM (${sql})` });
}

/** The target with the columns that identify rows. */
export function trackingTarget(target: WriteTarget, table: TrackedTable): WriteTarget {
  const fields = trackingFields(table);
  return {
    ...target,
    schema: { kind: "struct", fields: [...target.schema.fields, ...fields] },
    hiddenColumns: new Set(fields.map(({ name }) => name)),
  };
}

/** The columns of data files that are not in the schema: a row's id, and the version that last changed it. */
export function trackingFields(table: TrackedTable): readonly StructField[] {
  const tracking = rowTrackingColumns(table);
  if (tracking === null) return [];
  return [tracking.rowIdColumn, tracking.rowCommitVersionColumn].map((name) => ({
    name,
    type: { kind: "primitive", name: "long" },
    nullable: true,
    metadata: {},
  }));
}
