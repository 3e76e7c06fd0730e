// stream/sink/replace-rows.ts: batches that replace rows of their table: all of them (complete mode), or those of the same keys (update
// mode with key columns), which is a merge: files with such rows are written anew without them. streaming.md, "Delta sink".
import type { Engine } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { Action, RemoveFile } from "../../format/action/action.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import { rowTrackingColumns } from "../../format/protocol/row-tracking.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { type ChangedRows, writeChangeFiles } from "../../table/rows/change-files.ts";
import { removesOf } from "../../table/rows/file-changes.ts";
import { filesOfKeys } from "../../table/rows/files-of-keys.ts";
import { removedRows, removeRows, writtenRows } from "../../table/rows/remove-rows.ts";
import { liveRelation, trackingFields } from "../../table/rows/rewrite-files.ts";
import type { RowMatch } from "../../table/rows/row-match.ts";
import { type TouchedFiles, findMatching } from "../../table/rows/touched-files.ts";
import type { BegunFiles } from "../../writer/data-file-writer.ts";
import type { Rows } from "../../writer/rows.ts";
import { sinkTarget, writeSinkRows, writeTrackedSinkRows } from "./sink-write.ts";
import type { SinkWritePlan } from "./sink-write.ts";

/** What a batch does to its table. */
export interface SinkChange {
  readonly written: BegunFiles;
  readonly removes: readonly RemoveFile[];
  /** Files that are no longer part of the table. */
  readonly removedFileCount: number;
  /** Files that are new. */
  readonly addedFileCount: number;
  /** Files with rows of before that stay, and files that tell the changes. Durable. */
  readonly others: readonly Action[];
  /** Rows of the batch. */
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
  return removesOf(engine, snapshot);
}

/**
 * Writes the rows of a batch, and takes out the rows of the same keys. Null keys are equal.
 * @throws AlluviumError `DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE` when two rows of the batch have the same keys
 */
export async function upsertRows(engine: Engine, { snapshot, plan, rows, keyColumns }: Upsert): Promise<SinkChange> {
  if (snapshot !== null) requireReplaceable(snapshot);
  assert(rows.kind !== "arrow", "the rows of an upsert can be read more than once");
  const source = rows.kind === "relation" ? rows.sql : rows.relation;
  await refuseTwins(engine, source, keyColumns);
  const replaced = snapshot === null ? null : await findReplaced(engine, snapshot, { source, keyColumns });
  if (snapshot === null || replaced === null) return addedRows(await writeSinkRows(engine, plan, rows));
  const { match, touched } = replaced;
  const tracking = rowTrackingColumns(snapshot);
  const written =
    tracking === null
      ? await writeSinkRows(engine, plan, rows)
      : await writeTrackedSinkRows(
          engine,
          plan,
          await withRowIds(engine, snapshot, { rows, source, keyColumns, touched }),
        );
  const removed = await removeRows(engine, snapshot, { match, touched });
  const { removes, adds } = removed;
  const changeFiles = snapshot.properties.enableChangeDataFeed
    ? await writeChangeFiles(engine, sinkTarget(plan), [
        await removedRows(engine, snapshot, { match, touched, changeType: "update_preimage" }),
        ...(await upsertedRows(engine, snapshot, { written, plan, keyColumns, files: touched })),
      ])
    : [];
  const removedFileCount = removes.length - removed.markedFileCount;
  const addedFileCount = written.adds.length + removed.rewrittenFileCount;
  return { ...addedRows(written), removes, removedFileCount, addedFileCount, others: [...adds, ...changeFiles] };
}

function addedRows(written: BegunFiles): SinkChange {
  const addedFileCount = written.adds.length;
  return { written, removes: [], others: [], removedFileCount: 0, addedFileCount, rowCount: written.rowCount };
}

interface Replaced {
  readonly match: RowMatch;
  readonly touched: TouchedFiles;
}

/** The rows of the table that the batch replaces; null when there are none. */
async function findReplaced(engine: Engine, snapshot: Snapshot, batch: Keyed): Promise<Replaced | null> {
  const keys = keysOf(snapshot, batch.keyColumns);
  if (keys === null) return null;
  const match = keyMatch(keys, batch);
  const files = await filesOfKeys(engine, snapshot, { source: batch.source, keys });
  const touched = await findMatching(engine, snapshot, { files, match });
  return touched.whole.length + touched.partial.length === 0 ? null : { match, touched };
}

interface Replacing extends Keyed {
  readonly rows: Rows;
  readonly touched: TouchedFiles;
}

/**
 * The rows of a batch with the ids of those that they replace: of several with the same key the lowest. The version that changes them
 * is that of the commit, which their file says.
 */
async function withRowIds(
  engine: Engine,
  snapshot: Snapshot,
  { rows, source, keyColumns, touched }: Replacing,
): Promise<Rows> {
  const [rowId, version] = trackingFields(snapshot).map(({ name }) => sqlIdentifier(name));
  const live = await liveRelation(engine, snapshot, { files: [...touched.whole, ...touched.partial] });
  const keys = keyColumns.map(sqlIdentifier).join(", ");
  const names = rows.schema.fields.map(({ name }) => `given.${sqlIdentifier(name)}`).join(", ");
  return {
    kind: "relation",
    schema: { kind: "struct", fields: [...rows.schema.fields, ...trackingFields(snapshot)] },
    sql: `SELECT ${names}, held.${rowId} AS ${rowId}, CAST(NULL AS BIGINT) AS ${version} FROM (${source}) AS given LEFT JOIN (SELECT ${keys}, min(${rowId}) AS ${rowId} FROM (${live}) GROUP BY ${keys}) AS held ON ${sameRow(keyColumns)}`,
  };
}

interface UpsertedRows {
  readonly written: BegunFiles;
  readonly plan: SinkWritePlan;
  readonly keyColumns: readonly string[];
  readonly files: TouchedFiles;
}

/** The new rows, those with a predecessor apart. */
async function upsertedRows(
  engine: Engine,
  snapshot: Snapshot,
  { written, plan, keyColumns, files }: UpsertedRows,
): Promise<readonly ChangedRows[]> {
  const target = sinkTarget(plan);
  const fresh = await writtenRows(engine, target, { adds: written.adds, changeType: "insert" });
  const before = await liveRelation(engine, snapshot, { files: [...files.whole, ...files.partial] });
  const join = (kind: "SEMI" | "ANTI"): string =>
    `SELECT held.* FROM (${fresh.sql}) AS held ${kind} JOIN (${before}) AS given ON ${sameRow(keyColumns)}`;
  return [
    { changeType: "update_postimage", sql: join("SEMI") },
    { changeType: "insert", sql: join("ANTI") },
  ];
}

interface Keyed {
  /** SELECT of the batch. */
  readonly source: string;
  readonly keyColumns: readonly string[];
}

async function refuseTwins(engine: Engine, source: string, keyColumns: readonly string[]): Promise<void> {
  await using connection = await engine.sql.connect();
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

/** The key columns as the table has them; null when it lacks one: that has no equal in it. */
function keysOf({ schema }: Snapshot, keyColumns: readonly string[]): readonly StructField[] | null {
  const wanted = new Set(keyColumns.map((key) => key.toLowerCase()));
  const keys = schema.fields.filter(({ name }) => wanted.has(name.toLowerCase()));
  return keys.length < wanted.size ? null : keys;
}

/** The rows of the table whose keys are in the batch. */
function keyMatch(keys: readonly StructField[], { source, keyColumns }: Keyed): RowMatch {
  const join = (kind: "SEMI" | "ANTI", rows: string): string =>
    `SELECT held.* FROM (${rows}) AS held ${kind} JOIN (${source}) AS given ON ${sameRow(keyColumns)}`;
  return {
    columns: keys.map(({ name }) => name),
    matching: (rows) => join("SEMI", rows),
    others: (rows) => join("ANTI", rows),
  };
}

const sameRow = (keyColumns: readonly string[]): string =>
  keyColumns
    .map(sqlIdentifier)
    .map((key) => `held.${key} IS NOT DISTINCT FROM given.${key}`)
    .join(" AND ");
