// table/merge/merge-rows.ts: Delta's MERGE: rows of a source update, delete and insert rows of a table in one commit. What happens to each row is
// found once and kept; then rows leave and come as in deletes and updates.
import type { Engine } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { AddFile, Metadata } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { resolveDataPath } from "../../format/value/partition-path.ts";
import { rowTrackingColumns } from "../../format/protocol/row-tracking.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { scannedTable } from "../../reader/scan-relation.ts";
import { metadataAfter, writeDataFiles } from "../../writer/data-file-writer.ts";
import type { Rows, WrittenFiles } from "../../writer/rows.ts";
import { beginTransaction } from "../../writer/transaction.ts";
import { type ChangedRows, writeChangeFiles } from "../rows/change-files.ts";
import { type TableShape, writeTarget } from "../rows/file-changes.ts";
import type { MergeRequest, MergeResult } from "./merge-clause.ts";
import { evolveTable } from "./merge-evolution.ts";
import { mergedFiles } from "./merged-files.ts";
import { sideColumn, sideColumns } from "./merge-names.ts";
import { type MergePlan, planMerge } from "./merge-plan.ts";
import { removeRows, writtenRows } from "../rows/remove-rows.ts";
import { liveRelation, writeTracked } from "../rows/rewrite-files.ts";
import { positionColumns, positionMatch } from "../rows/row-match.ts";
import { type Stage, openStage } from "../input/stage-source.ts";
import { findMatching } from "../rows/touched-files.ts";

/** Rows to merge, and how. */
export interface MergeInput {
  readonly source: Rows;
  readonly request: MergeRequest;
}

/**
 * Merges in one commit; nothing is committed when no row changes.
 * @throws AlluviumError `DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE`, and as `planMerge` and `updateRows`
 */
export async function mergeRows(
  engine: Engine,
  snapshot: Snapshot,
  { source, request }: MergeInput,
): Promise<MergeResult & { readonly snapshot: Snapshot }> {
  const after = evolveTable(engine, snapshot, { source: source.schema, request });
  const columns = { table: snapshot.schema, source: source.schema, evolved: after.schema };
  const plan = await planMerge(engine.sql, columns, request);
  const transaction = beginTransaction(engine, snapshot);
  await using stage = await openStage(engine);
  const given = `SELECT ${sideColumns(plan.source).join(", ")} FROM (${await stage.keep(source)})`;
  const { files, where } = await mergedFiles(engine, snapshot, { plan, request, given });
  if (where === null) transaction.readWholeTable();
  else transaction.readWhere(where);
  const pairs = await findPairs({ engine, snapshot, plan, stage }, { files, given });
  const removed = await removeMerged(engine, snapshot, { ...pairs, files });
  const updated = await writeUpdates(engine, after, { plan, pairs });
  const inserted = await writeInserts(engine, after, { plan, pairs });
  const counts = {
    insertedRowCount: rowCountOf(inserted.files),
    updatedRowCount: rowCountOf(updated),
    deletedRowCount: pairs.deletedRowCount,
  };
  const adds = [...updated, ...inserted.files].flatMap((files) => files.adds);
  if (removed.removes.length + adds.length === 0 && after === snapshot)
    return { version: snapshot.version, ...counts, snapshot };
  const changeFiles = snapshot.properties.enableChangeDataFeed
    ? await writeChangeFiles(engine, writeTarget(after), [
        ...oldRows(plan, pairs),
        await writtenRows(engine, scannedTable(after), { adds: addsOf(updated), changeType: "update_postimage" }),
        await writtenRows(engine, scannedTable(after), { adds: addsOf(inserted.files), changeType: "insert" }),
      ])
    : [];
  const metadata = inserted.metadata ?? (after === snapshot ? null : after.metadata);
  if (metadata !== null) transaction.updateMetadata(metadata);
  const result = await transaction.commit({
    operation: "MERGE",
    parameters: { predicate: JSON.stringify([String(request.on)]) },
    metrics: {
      numTargetRowsInserted: counts.insertedRowCount,
      numTargetRowsUpdated: counts.updatedRowCount,
      numTargetRowsDeleted: counts.deletedRowCount,
      numTargetRowsCopied: removed.copiedRowCount,
      numTargetFilesRemoved: removed.removes.length - removed.markedFileCount,
      numTargetFilesAdded: adds.length + removed.rewrittenFileCount,
      numTargetDeletionVectorsAdded: removed.markedFileCount,
      numTargetChangeFilesAdded: changeFiles.length,
    },
    actions: [...removed.removes, ...removed.adds, ...adds, ...changeFiles],
    isBlindAppend: false,
  });
  return { version: result.version, ...counts, snapshot: result.status === "committed" ? result.snapshot : snapshot };
}

interface Merging {
  readonly engine: Engine;
  readonly snapshot: Snapshot;
  readonly plan: MergePlan;
  readonly stage: Stage;
}

/** What happens to rows: kept SELECTs with `__clause`, the number of the clause that acts. */
interface Pairs {
  /** Rows of the table that change, with their places, ids and, where they have one, the row of the source. */
  readonly changed: string;
  /** Rows of the source that come in. */
  readonly added: string;
  /** Absolute paths of the files that hold changed rows. */
  readonly paths: ReadonlySet<string>;
  readonly deletedRowCount: number;
}

const fileName = sqlIdentifier(positionColumns.fileNameColumn);
const rowNumber = sqlIdentifier(positionColumns.rowNumberColumn);

/** Files of the table that may hold rows to merge with, and a SELECT of the source's columns. */
interface MergedRows {
  readonly files: readonly AddFile[];
  readonly given: string;
}

async function findPairs({ engine, snapshot, plan, stage }: Merging, { files, given }: MergedRows): Promise<Pairs> {
  const { target, onSql } = plan;
  const live = await liveRelation(engine, snapshot, { files, hasPositions: true });
  const held = `SELECT ${[fileName, rowNumber, ...idColumns(snapshot), ...sideColumns(target)].join(", ")} FROM (${live})`;
  const acted = (kind: Parameters<MergePlan["clauseSql"]>[0], from: string): string =>
    `SELECT * FROM (SELECT *, ${plan.clauseSql(kind)} AS __clause FROM ${from}) WHERE __clause >= 0`;
  const without = (left: string, right: string): string =>
    `(SELECT * FROM (${left}) WHERE NOT EXISTS (SELECT 1 FROM (${right}) WHERE ${onSql}))`;
  const matched = acted("matched", `(${held}) JOIN (${given}) ON ${onSql}`);
  const changed = await stage.keepRelation(
    `${matched} UNION ALL BY NAME ${acted("notMatchedBySource", without(held, given))}`,
  );
  const added = await stage.keepRelation(acted("notMatched", without(given, held)));
  const deletes = plan.clauses.filter(({ clause }) => clause.kind === "delete");
  await using connection = await engine.sql.connect();
  const places = await connection.rows(
    `SELECT ${fileName} AS path, max(times) AS times, sum(deletes) AS deletes FROM (SELECT ${fileName}, ${rowNumber}, count(*) AS times, max(CASE WHEN __clause IN (${[-1, ...deletes.map(({ number }) => number)].join(", ")}) THEN 1 ELSE 0 END) AS deletes FROM (${changed}) GROUP BY ALL) GROUP BY ALL`,
  );
  if (places.some((row) => Number(row["times"]) > 1) && !onlyDeletes(plan)) throw manyMatches(snapshot);
  return {
    changed,
    added,
    paths: new Set(places.map((row) => String(row["path"]))),
    deletedRowCount: places.reduce((sum, row) => sum + Number(row["deletes"]), 0),
  };
}

/** Ids of rows under names of the merge's own. */
function idColumns(snapshot: Snapshot): readonly string[] {
  const tracking = rowTrackingColumns(snapshot);
  if (tracking === null) return [];
  return [`${sqlIdentifier(tracking.rowIdColumn)} AS __id`];
}

/** Deleting a row twice is deleting it. */
function onlyDeletes({ clauses }: MergePlan): boolean {
  const matched = clauses.filter(({ clause }) => clause.rows === "matched");
  return matched.length === 1 && matched[0]?.clause.kind === "delete" && matched[0].clause.condition === undefined;
}

function manyMatches({ tablePath }: Snapshot): AlluviumError {
  const message = `several rows of the source match one row of ${tablePath}, so that it is not clear what becomes of it; let the source have one row for each (nothing was changed)`;
  return new AlluviumError("DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE", { table: tablePath }, message);
}

async function removeMerged(
  engine: Engine,
  snapshot: Snapshot,
  { changed, paths, files: asked }: Pairs & Pick<MergedRows, "files">,
): ReturnType<typeof removeRows> {
  const files = asked.filter((file) => paths.has(resolveDataPath(snapshot.tablePath, file.path)));
  const match = positionMatch(`SELECT ${fileName}, ${rowNumber} FROM (${changed})`);
  const touched = await findMatching(engine, snapshot, { files, match });
  return await removeRows(engine, snapshot, { match, touched });
}

interface PlannedPairs {
  readonly plan: MergePlan;
  readonly pairs: Pairs;
}

async function writeUpdates(
  engine: Engine,
  table: TableShape,
  { plan, pairs }: PlannedPairs,
): Promise<readonly WrittenFiles[]> {
  const tracking = rowTrackingColumns(table);
  const ids =
    tracking === null
      ? []
      : [
          `__id AS ${sqlIdentifier(tracking.rowIdColumn)}`,
          `CAST(NULL AS BIGINT) AS ${sqlIdentifier(tracking.rowCommitVersionColumn)}`,
        ];
  const written: WrittenFiles[] = [];
  for (const { clause, number, row } of plan.clauses) {
    if (clause.kind !== "update" || row === null) continue;
    const sql = `SELECT ${[...row.columns, ...ids].join(", ")} FROM (${pairs.changed}) WHERE __clause = ${number}`;
    written.push(await writeTracked(engine, table, { sql, rowOrigin: "changed", fields: row.fields }));
  }
  return written;
}

/** Rows that come in, and the metadata after the identity values that they were given. */
async function writeInserts(
  engine: Engine,
  table: TableShape,
  { plan, pairs }: PlannedPairs,
): Promise<{ readonly files: readonly WrittenFiles[]; readonly metadata: Metadata | null }> {
  const files: WrittenFiles[] = [];
  let metadata: Metadata | null = null;
  for (const { clause, number, row } of plan.clauses) {
    if (clause.kind !== "insert" || row === null) continue;
    const target = writeTarget({ ...table, metadata: metadata ?? table.metadata });
    const sql = `SELECT ${row.columns.join(", ")} FROM (${pairs.added}) WHERE __clause = ${number}`;
    const schema = { kind: "struct" as const, fields: row.fields };
    const written = await writeDataFiles(engine, target, { kind: "relation", schema, sql });
    metadata = metadataAfter(metadata ?? table.metadata, written) ?? metadata;
    files.push(written);
  }
  return { files, metadata };
}

/** The rows that change, as they were. */
function oldRows({ target, clauses }: MergePlan, { changed }: Pairs): readonly ChangedRows[] {
  const columns = target.schema.fields.map(
    ({ name }, index) => `${sideColumn(target, index)} AS ${sqlIdentifier(name)}`,
  );
  return (["update", "delete"] as const).map((kind) => {
    const numbers = clauses.filter(({ clause }) => clause.kind === kind).map(({ number }) => number);
    const sql = `SELECT ${columns.join(", ")} FROM (SELECT DISTINCT ON (${fileName}, ${rowNumber}) * FROM (${changed}) WHERE __clause IN (${[-1, ...numbers].join(", ")}))`;
    return { changeType: kind === "update" ? "update_preimage" : "delete", sql };
  });
}

const addsOf = (files: readonly WrittenFiles[]): WrittenFiles["adds"] => files.flatMap(({ adds }) => adds);

const rowCountOf = (files: readonly WrittenFiles[]): number => files.reduce((sum, one) => sum + one.rowCount, 0);
