// stream/replace-rows.ts: batches that replace rows of their table: all of them (complete mode), or those of the same keys (update
// mode with key columns), which is a merge: files with such rows are written anew without them. streaming.md, "Delta sink".
import type { Engine, SqlConnection } from "../engine/engine.ts";
import { sqlIdentifier } from "../engine/sql-quote.ts";
import type { AddFile, RemoveFile } from "../format/action.ts";
import { AlluviumError, assert } from "../format/error.ts";
import { resolveDataPath } from "../format/partition-path.ts";
import type { StructType } from "../format/schema.ts";
import type { Snapshot } from "../log/snapshot.ts";
import { scannedTable, scanRelation } from "../reader/scan-relation.ts";
import { removeFileOf } from "../table/file-changes.ts";
import { type BegunFiles, joinBegunFiles } from "../writer/data-file-writer.ts";
import type { Rows } from "../writer/rows.ts";
import { filesOfKeys } from "./files-of-keys.ts";
import { writeSinkRows } from "./sink-write.ts";
import type { SinkWritePlan } from "./sink-write.ts";

/** What a batch does to its table. */
export interface SinkChange {
  readonly written: BegunFiles;
  readonly removes: readonly RemoveFile[];
  /** Rows of the batch; `written` may hold rows of before too. */
  readonly rowCount: number;
}

/** A batch that replaces rows of the same keys. */
export interface Upsert {
  /** Null for a table that the batch creates. */
  readonly snapshot: Snapshot | null;
  readonly plan: SinkWritePlan;
  readonly rows: Rows;
  readonly keyColumns: readonly string[];
}

/** @throws AlluviumError `DELTA_CANNOT_MODIFY_APPEND_ONLY` for a table whose rows must stay */
export function requireReplaceable({ tablePath, properties }: Snapshot): void {
  if (!properties.appendOnly) return;
  const message = `${tablePath} is append-only (delta.appendOnly=true), but this stream replaces rows of it: use output mode append, or set the property to false first`;
  throw new AlluviumError("DELTA_CANNOT_MODIFY_APPEND_ONLY", { table: tablePath }, message);
}

/** @throws AlluviumError `COLUMN_NOT_FOUND` for a key column that the query does not give */
export function checkKeyColumns(
  { fields }: StructType,
  { tablePath, keyColumns }: { readonly tablePath: string; readonly keyColumns?: readonly string[] | null },
): void {
  for (const name of keyColumns ?? []) {
    if (fields.some((field) => field.name.toLowerCase() === name.toLowerCase())) continue;
    const message = `keyColumns names ${name}, but the query gives the columns ${fields.map((field) => field.name).join(", ")}`;
    throw new AlluviumError("COLUMN_NOT_FOUND", { column: name, table: tablePath }, message);
  }
}

/** Tombstones of every file of a table. */
export async function allFiles(engine: Engine, snapshot: Snapshot): Promise<readonly RemoveFile[]> {
  requireReplaceable(snapshot);
  const nowMs = engine.clock.nowMs();
  return (await liveFiles(snapshot)).map((file) => removeFileOf(file, nowMs));
}

/**
 * Writes the rows of a batch, and anew the files that hold rows of the same keys, without those. Null keys are equal.
 * @throws AlluviumError `DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE` when two rows of the batch have the same keys
 */
export async function upsertRows(engine: Engine, { snapshot, plan, rows, keyColumns }: Upsert): Promise<SinkChange> {
  if (snapshot !== null) requireReplaceable(snapshot);
  assert(rows.kind !== "arrow", "the rows of an upsert can be read more than once");
  const source = rows.kind === "relation" ? rows.sql : rows.relation;
  await using connection = await engine.sql.connect();
  await refuseTwins(connection, source, keyColumns);
  const fresh = await writeSinkRows(engine, plan, rows);
  const touched = snapshot === null ? [] : await filesWithKeys(connection, snapshot, { source, keyColumns });
  const written = [fresh];
  if (snapshot !== null && touched.length > 0) {
    const sql = without(snapshot, touched, { source, keyColumns });
    written.push(await writeSinkRows(engine, plan, { kind: "relation", schema: snapshot.schema, sql }));
  }
  const nowMs = engine.clock.nowMs();
  return {
    written: joinBegunFiles(written),
    removes: touched.map((file) => removeFileOf(file, nowMs)),
    rowCount: fresh.rowCount,
  };
}

interface Keyed {
  /** SELECT of the batch. */
  readonly source: string;
  readonly keyColumns: readonly string[];
}

async function refuseTwins(connection: SqlConnection, source: string, keyColumns: readonly string[]): Promise<void> {
  const keys = keyColumns.map(sqlIdentifier).join(", ");
  const [twin] = await connection.rows(
    `SELECT concat_ws(', ', ${keyColumns.map((key) => `coalesce(CAST(${sqlIdentifier(key)} AS VARCHAR), 'NULL')`).join(", ")}) AS twin FROM (${source}) GROUP BY ${keys} HAVING count(*) > 1 LIMIT 1`,
  );
  if (twin === undefined) return;
  const message = `two rows of the batch have the same keyColumns (${keyColumns.join(", ")}): ${String(twin["twin"])}; name columns that tell the rows of the result apart, such as all its grouping keys`;
  throw new AlluviumError(
    "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE",
    { keyColumns: keyColumns.join(", ") },
    message,
  );
}

async function liveFiles(snapshot: Snapshot): Promise<readonly AddFile[]> {
  const files: AddFile[] = [];
  for await (const chunk of snapshot.files.chunks()) files.push(...chunk);
  return files;
}

async function filesWithKeys(
  connection: SqlConnection,
  snapshot: Snapshot,
  { source, keyColumns }: Keyed,
): Promise<readonly AddFile[]> {
  const wanted = new Set(keyColumns.map((key) => key.toLowerCase()));
  const keys = snapshot.schema.fields.filter(({ name }) => wanted.has(name.toLowerCase()));
  // A key column that the table gets with this batch has no equal in it.
  if (keys.length < wanted.size) return [];
  const files = await filesOfKeys(connection, snapshot, { source, keys });
  if (files.length === 0) return [];
  const columns = keys.map(({ name }) => name);
  const scan = scanRelation(scannedTable(snapshot), files, { columns, fileNameColumn: "__file" });
  const rows = await connection.rows(
    `SELECT DISTINCT __file FROM (${scan}) AS held SEMI JOIN (${source}) AS given ON ${sameRow(keyColumns)}`,
  );
  const paths = new Set(rows.map((row) => String(row["__file"])));
  return files.filter((file) => paths.has(resolveDataPath(snapshot.tablePath, file.path)));
}

function without(snapshot: Snapshot, files: readonly AddFile[], { source, keyColumns }: Keyed): string {
  const scan = scanRelation(scannedTable(snapshot), files);
  return `SELECT held.* FROM (${scan}) AS held ANTI JOIN (${source}) AS given ON ${sameRow(keyColumns)}`;
}

const sameRow = (keyColumns: readonly string[]): string =>
  keyColumns
    .map(sqlIdentifier)
    .map((key) => `held.${key} IS NOT DISTINCT FROM given.${key}`)
    .join(" AND ");
