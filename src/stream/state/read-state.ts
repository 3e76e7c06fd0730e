// stream/state/read-state.ts: the state in a checkpoint as rows, as it was after a batch: Spark's sources `statestore` and `state-metadata`.
import { join } from "node:path";
import { describeQuery } from "../../engine/duckdb/duckdb-schema.ts";
import type { Engine, SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier, sqlParquetFiles } from "../../engine/base/sql-quote.ts";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { openCommitLog } from "../checkpoint/commit-log.ts";
import { MetadataLog } from "../checkpoint/metadata-log.ts";
import { cannotLoad } from "./state-files.ts";
import { type StateFile, type StateManifest, stateManifestCodec } from "./state-manifest.ts";
import { foldedChanges } from "./state-fold.ts";
import { type StoredOperator, readStateMetadata, stateDirectory, stateOwner } from "./state-metadata.ts";
import { changeColumn, changeKinds, idColumn } from "../plan/state-spec.ts";

/** Which state is read. */
export interface StateQuestion {
  /** Absolute path. */
  readonly checkpoint: string;
  /** State after this batch; after the last one that was committed when null. */
  readonly batchId: number | null;
  readonly operatorId: number;
  /** A table of the operator: `groups`, `seen`, `left`, `right`, …; the first of them when null. */
  readonly storeName: string | null;
}

/** Rows as a SELECT. */
export interface StateRelation {
  readonly schema: StructType;
  readonly sql: string;
}

interface OpenState {
  readonly directory: string;
  readonly operators: readonly StoredOperator[];
  readonly versions: MetadataLog<StateManifest>;
  /** Batches that were committed and whose state is still there, ascending. */
  readonly batchIds: readonly number[];
}

/**
 * The rows of one table of state: `key` and `value`, each a struct, and `partition_id`, which is 0.
 * @throws AlluviumError `STDS_COMMITTED_BATCH_UNAVAILABLE` for a checkpoint without state or a batch that is not there,
 * `STDS_INVALID_OPTION_VALUE`, `STREAMING_CHECKPOINT_MISMATCH` for state of another engine, `CANNOT_LOAD_STATE_STORE`
 */
export async function stateRows(engine: Engine, question: StateQuestion): Promise<StateRelation> {
  const state = await openState(engine, question.checkpoint);
  const batchId = question.batchId ?? state.batchIds.at(-1);
  if (batchId === undefined || !state.batchIds.includes(batchId)) throw noBatch(question, state.batchIds);
  const operator = state.operators[question.operatorId];
  if (operator === undefined) {
    const known = state.operators.map(({ name }, id) => `${id} (${name})`).join(", ");
    throw badOption("operatorId", String(question.operatorId), `the query has the operators ${known}`);
  }
  const version = batchId + 1;
  const manifest = await state.versions.read(version);
  if (manifest === null) throw cannotLoad({ path: state.versions.pathOf(version), version }, "the file is missing");
  const prefix = `${question.operatorId}/`;
  const stores = [...manifest.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  const name = question.storeName ?? stores[0];
  const files = name === undefined ? undefined : manifest.get(`${prefix}${name}`);
  if (question.storeName !== null && files === undefined)
    throw badOption("storeName", question.storeName, `operator ${question.operatorId} has ${stores.join(", ")}`);
  await using connection = await engine.sql.connect();
  const sql = await rowsSql(connection, { files: files ?? [], operator, directory: state.directory, version });
  return { schema: await describeQuery(connection, sql), sql };
}

/** One row for each table of state, with the batches that can be read. @throws AlluviumError as `stateRows` */
export async function stateMetadataRows(
  engine: Engine,
  checkpoint: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { operators, versions, batchIds } = await openState(engine, checkpoint);
  const latest = batchIds.at(-1);
  if (latest === undefined) throw noBatch({ checkpoint, batchId: null }, batchIds);
  const manifest: StateManifest = (await versions.read(latest + 1)) ?? new Map<string, readonly StateFile[]>();
  return [...manifest.keys()].map((key) => {
    const [id = "0", ...store] = key.split("/");
    return {
      operatorId: BigInt(id),
      operatorName: operators[Number(id)]?.name ?? null,
      stateStoreName: store.join("/"),
      numPartitions: 1,
      minBatchId: BigInt(batchIds[0] ?? 0),
      maxBatchId: BigInt(latest),
    };
  });
}

async function openState(engine: Engine, checkpoint: string): Promise<OpenState> {
  const { files } = engine;
  const directory = stateDirectory(checkpoint);
  const owner = await stateOwner(files, checkpoint);
  if (owner === "foreign") {
    const message = `checkpoint ${checkpoint} holds operator state (state/) that another engine wrote: state stores of Spark are not read here`;
    throw new AlluviumError("STREAMING_CHECKPOINT_MISMATCH", { checkpointLocation: checkpoint }, message);
  }
  if (owner === "none") throw noBatch({ checkpoint, batchId: null }, []);
  const versions = await MetadataLog.open(files, join(directory, "versions"), stateManifestCodec);
  const committed = await openCommitLog(files, checkpoint);
  const batchIds = committed.ids.filter((id) => versions.ids.includes(id + 1));
  return { directory, operators: await readStateMetadata(files, directory), versions, batchIds };
}

interface StoredRows {
  readonly files: readonly StateFile[];
  readonly operator: StoredOperator;
  readonly directory: string;
  readonly version: number;
}

async function rowsSql(
  connection: SqlConnection,
  { files, operator, directory, version }: StoredRows,
): Promise<string> {
  const [first] = files;
  if (first === undefined) return emptySql(operator);
  const relations = files.map(({ path }) => sqlParquetFiles([join(directory, path)]));
  const columns = await columnsOf(connection, relations[0] ?? "", { path: join(directory, first.path), version });
  const parts = relations.map((relation, index) =>
    files[index]?.kind === "snapshot"
      ? `(SELECT ${changeKinds.insert} AS ${changeColumn}, * FROM ${relation})`
      : relation,
  );
  return `${foldedChanges(parts, columns.map(sqlIdentifier))} SELECT ${structs(columns, operator)}, CAST(0 AS INTEGER) AS partition_id FROM live`;
}

/** Key columns are named `__k<index>`; a table without them is keyed by the id of what its rows belong to. */
function structs(columns: readonly string[], { keys }: StoredOperator): string {
  const isKey = (column: string): boolean => /^__k\d+$/.test(column);
  const keyed = columns.filter(isKey).map((column, index) => ({ name: keys[index]?.name ?? column.slice(2), column }));
  const key = keyed.length === 0 ? [{ name: "id", column: idColumn }] : keyed;
  const value = columns
    .filter((column) => !isKey(column))
    .map((column) => ({ name: column.replace(/^__/, ""), column }));
  const pack = (fields: typeof key): string =>
    fields.length === 0
      ? "CAST(NULL AS VARCHAR)"
      : `struct_pack(${fields.map(({ name, column }) => `${sqlIdentifier(name)} := ${sqlIdentifier(column)}`).join(", ")})`;
  return `${pack(key)} AS "key", ${pack(value)} AS "value"`;
}

/** State in which nothing is yet: only its keys are known. */
function emptySql({ keys }: StoredOperator): string {
  const fields = keys.map(({ name, type }) => `${sqlIdentifier(name)} := CAST(NULL AS ${type})`);
  const key = fields.length === 0 ? "CAST(NULL AS VARCHAR)" : `struct_pack(${fields.join(", ")})`;
  return `SELECT ${key} AS "key", CAST(NULL AS VARCHAR) AS "value", CAST(0 AS INTEGER) AS partition_id WHERE false`;
}

async function columnsOf(
  connection: SqlConnection,
  relation: string,
  place: { readonly path: string; readonly version: number },
): Promise<readonly string[]> {
  try {
    const rows = await connection.rows(`DESCRIBE SELECT * FROM ${relation}`);
    return rows.map((row) => String(row["column_name"])).filter((name) => name !== changeColumn && name !== idColumn);
  } catch (cause) {
    throw cannotLoad(place, messageOf(cause), cause);
  }
}

function noBatch(
  { checkpoint, batchId }: Pick<StateQuestion, "checkpoint" | "batchId">,
  batchIds: readonly number[],
): AlluviumError {
  const there =
    batchIds.length === 0
      ? "it has no state of a committed batch; it is the checkpointLocation of a query with aggregates, joins or duplicates dropped that is asked for"
      : `the state of the batches ${batchIds[0]} to ${batchIds.at(-1)} is there`;
  const message = `checkpoint ${checkpoint} has no state${batchId === null ? "" : ` after batch ${batchId}`}: ${there}`;
  return new AlluviumError("STDS_COMMITTED_BATCH_UNAVAILABLE", { checkpointLocation: checkpoint, batchId }, message);
}

function badOption(option: string, value: string, there: string): AlluviumError {
  const message = `option ${option} of the state is ${JSON.stringify(value)}, but ${there}`;
  return new AlluviumError("STDS_INVALID_OPTION_VALUE", { option, value }, message);
}
