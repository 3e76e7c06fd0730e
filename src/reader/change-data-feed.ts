// reader/change-data-feed.ts: the rows that were inserted, updated and deleted, commit by commit. PROTOCOL.md, "Add CDC File".
import type { RecordBatch } from "apache-arrow";
import type { Engine } from "../engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral } from "../engine/base/sql-quote.ts";
import type { AddCdcFile, AddFile } from "../format/action/action.ts";
import type { DeletedRows } from "../format/vector/deletion-vector.ts";
import type { StructField, StructType } from "../format/schema/schema.ts";
import type { Snapshot } from "../log/state/snapshot.ts";
import { checkedRange } from "./change-commits.ts";
import type { ChangeCommit } from "./change-commits.ts";
import { resolveChangeRange } from "./change-range.ts";
import type { ChangeQuery } from "./change-range.ts";
import { readError } from "./read-error.ts";
import { removedAsAdded } from "./removed-files.ts";
import { revectoredRows } from "./revectored-files.ts";
import type { ChosenRows } from "./revectored-files.ts";
import { scanRelation } from "./scan-relation.ts";
import { scannedFiles } from "./scanned-files.ts";
import type { ScannedFile } from "./scanned-files.ts";
import { scannedTable } from "./scanned-table.ts";
import type { ScannedTable } from "./scanned-table.ts";

/** Changes that can be read. */
export interface ChangeFeed {
  /** The table's columns, then `_change_type`, `_commit_version` and `_commit_timestamp`. */
  readonly schema: StructType;
  /**
   * The changes in the order of the commits; the order of rows within one is not defined. No changes give no batches.
   * @throws AlluviumError `FILE_NOT_FOUND` and `CORRUPT_FILE` naming the file as the log does
   */
  batches(): AsyncGenerator<RecordBatch>;
  /**
   * The changes as SELECTs with the columns of `schema`, to be put together by whoever queries them.
   * @throws AlluviumError `FILE_NOT_FOUND`, `CORRUPT_FILE` and `CORRUPT_LOG` for what has to be looked up before
   */
  relations(): Promise<readonly string[]>;
}

/**
 * Opens the changes of a range of versions. All that the log can tell is checked here.
 * @throws AlluviumError `VERSION_NOT_FOUND`, `INVALID_RANGE`, `TIMESTAMP_OUT_OF_RANGE`, `CHANGE_DATA_NOT_ENABLED`, `CORRUPT_LOG`
 */
export async function openChangeFeed(engine: Engine, snapshot: Snapshot, query: ChangeQuery): Promise<ChangeFeed> {
  const range = await resolveChangeRange(engine, snapshot, query);
  if (range === null) {
    return { schema: changeSchema(snapshot.schema), batches: async function* () {}, relations: async () => [] };
  }
  const { read, commits } = await checkedRange(engine, snapshot, range);
  return {
    schema: changeSchema(read.schema),
    async *batches() {
      for (const commit of commits) yield* commitBatches(engine, read, commit);
    },
    async relations() {
      const table = scannedTable(read);
      return (await Promise.all(commits.map((commit) => changeRelations(engine, table, commit)))).flat();
    },
  };
}

const changeTypeField = changeField("_change_type", "string");

/** A table's columns and those that tell of a change. */
export function changeSchema(schema: StructType): StructType {
  const added = [
    changeTypeField,
    changeField("_commit_version", "long"),
    changeField("_commit_timestamp", "timestamp"),
  ];
  return { kind: "struct", fields: [...schema.fields, ...added] };
}

function changeField(name: string, type: "string" | "long" | "timestamp"): StructField {
  return { name, type: { kind: "primitive", name: type }, nullable: true, metadata: {} };
}

/** Files to read alike, and what their rows are; `null` says that each row tells it itself. */
interface ChangedFiles {
  readonly files: readonly AddFile[];
  /** The rows to read of each file; all of its live rows when absent. */
  readonly onlyRows?: readonly DeletedRows[];
  readonly changeType: "insert" | "delete" | null;
  readonly partitionColumns: readonly string[];
}

async function* commitBatches(engine: Engine, read: Snapshot, commit: ChangeCommit): AsyncGenerator<RecordBatch> {
  const table = scannedTable(read);
  await using connection = await engine.sql.connect();
  for await (const { sql, scanned, files } of commitStatements(engine, table, commit)) {
    try {
      yield* connection.batches(sql, changeSchema(table.schema));
    } catch (cause) {
      throw await readError(engine, { table: scanned, files }, cause);
    }
  }
}

/**
 * The changes of a commit as SELECTs, which have the columns of `changeSchema`.
 * @throws AlluviumError `FILE_NOT_FOUND`, `CORRUPT_FILE` and `CORRUPT_LOG` for what has to be looked up before
 */
export async function changeRelations(
  engine: Engine,
  table: ScannedTable,
  commit: ChangeCommit,
): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { sql } of commitStatements(engine, table, commit)) found.push(sql);
  return found;
}

interface ChangeStatement {
  readonly sql: string;
  readonly scanned: ScannedTable;
  readonly files: readonly ScannedFile[];
}

async function* commitStatements(
  engine: Engine,
  table: ScannedTable,
  commit: ChangeCommit,
): AsyncGenerator<ChangeStatement> {
  const { changes } = commit;
  const { added, removed } = commit.partitionColumns;
  const deletes = await removedAsAdded(engine, table.tablePath, {
    version: commit.version,
    partitionColumns: removed,
    removes: changes.deletes,
  });
  const { deleted, restored } = await revectoredRows(engine, table.tablePath, changes.revectored);
  const groups: readonly ChangedFiles[] = [
    { files: changes.cdcFiles.map(cdcAsAdded), changeType: null, partitionColumns: added },
    { files: deletes, changeType: "delete", partitionColumns: removed },
    { ...chosen(deleted), changeType: "delete", partitionColumns: added },
    { files: changes.inserts, changeType: "insert", partitionColumns: added },
    { ...chosen(restored), changeType: "insert", partitionColumns: added },
  ];
  for (const group of groups) yield* groupStatements(engine, table, { commit, group });
}

function chosen(rows: readonly ChosenRows[]): Pick<ChangedFiles, "files" | "onlyRows"> {
  return { files: rows.map(({ file }) => file), onlyRows: rows.map(({ onlyRows }) => onlyRows) };
}

async function* groupStatements(
  engine: Engine,
  table: ScannedTable,
  { commit, group }: { readonly commit: ChangeCommit; readonly group: ChangedFiles },
): AsyncGenerator<ChangeStatement> {
  if (group.files.length === 0) return;
  const { schema } = table;
  const fields = group.changeType === null ? [...schema.fields, changeTypeField] : schema.fields;
  const { partitionColumns } = group;
  const scanned: ScannedTable = { ...table, schema: { kind: "struct", fields }, partitionColumns };
  const columns = schema.fields.map((field) => sqlIdentifier(field.name));
  const constants = [
    `${group.changeType === null ? sqlIdentifier(changeTypeField.name) : sqlLiteral(group.changeType)} AS _change_type`,
    `CAST(${commit.version} AS BIGINT) AS _commit_version`,
    `make_timestamptz(CAST('${BigInt(Math.trunc(commit.timestampMs)) * 1000n}' AS BIGINT)) AS _commit_timestamp`,
  ];
  for (let start = 0; start < group.files.length; start += filesPerStatement) {
    const ready = await scannedFiles(engine, scanned, { files: group.files.slice(start, start + filesPerStatement) });
    const files = ready.map((file, index) => withOnlyRows(file, group.onlyRows?.[start + index]));
    const sql = `SELECT ${[...columns, ...constants].join(", ")} FROM (${scanRelation(scanned, files)})`;
    yield { sql, scanned, files };
  }
}

function cdcAsAdded({ path, partitionValues, sizeBytes, dataChange }: AddCdcFile): AddFile {
  return { kind: "add", path, partitionValues, sizeBytes, modificationTimeMs: 0, dataChange };
}

function withOnlyRows(file: ScannedFile, onlyRows: DeletedRows | undefined): ScannedFile {
  return onlyRows === undefined ? file : { ...file, onlyRows };
}

const filesPerStatement = 4096;
