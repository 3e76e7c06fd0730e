// stream/sink/delta-sink.ts: a Delta table as the sink: one transaction a batch, with `txn {appId: query id, version: batch id}`, skipped
// when the table has it already (law S5). docs/STREAMING.md, "Delta sink".
import { resolve } from "node:path";
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { formatSchema, parseSchema } from "../../format/schema/schema-json.ts";
import { settleMetadata } from "../../format/protocol/settle-metadata.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { loadSnapshot, refreshSnapshot, tableExists } from "../../log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { newColumnName, newTable } from "../../table/input/create-table.ts";
import { beginCreate, beginTransaction } from "../../writer/transaction.ts";
import type { Transaction } from "../../writer/transaction.ts";
import { metadataAfter } from "../../writer/data-file-writer.ts";
import type { BegunFiles } from "../../writer/data-file-writer.ts";
import type { Rows } from "../../writer/rows.ts";
import { lastBatchId, offsetsInCommitInfo, readReceipt } from "./delta-receipt.ts";
import { nullableSchema } from "../operator/nullable-schema.ts";
import { formatOutputMode } from "../plan/output-mode.ts";
import type { OutputMode } from "../plan/output-mode.ts";
import { allFiles, checkKeyColumns, requireReplaceable, upsertRows } from "./replace-rows.ts";
import type { SinkChange } from "./replace-rows.ts";
import { planSinkWrite, writeSinkRows } from "./sink-write.ts";
import type { SinkTarget, SinkWritePlan } from "./sink-write.ts";
import type { Sink, SinkContext, SinkReceipt, SinkResult } from "./sink.ts";

/** How a table is written to. */
export interface DeltaSinkOptions {
  readonly tablePath: string;
  /** Columns of the folders of a table that the first batch creates; null when nothing was said. */
  readonly partitionBy?: readonly string[] | null;
  /** Columns that the table lacks are added. */
  readonly mergeSchema?: boolean;
  /** In complete mode the rows' own columns replace those of the table. */
  readonly overwriteSchema?: boolean;
  /** In update mode: the columns by which a row replaces its predecessor; null when none are named, and update mode is refused. */
  readonly keyColumns?: readonly string[] | null;
  /** Goes into every commit. */
  readonly userMetadata?: string | null;
}

/** A table as a sink. The first batch creates it when it is not there. */
export function deltaSink(engine: Engine, options: DeltaSinkOptions): Sink {
  const tablePath = resolve(options.tablePath);
  const table = new SinkTable(engine, { ...options, tablePath });
  const hasKeys = (options.keyColumns ?? []).length > 0;
  return {
    description: `DeltaSink[${tablePath}]`,
    // An upsert looks at the rows' keys before it writes the rows.
    readsRowsAgain: hasKeys,
    checkOutputMode: (outputMode) => {
      if (outputMode !== "update" || hasKeys) return;
      const message = `a Delta table takes the output modes append and complete, and update when option("keyColumns", "…") names the columns by which a row replaces its predecessor; or merge the changes in foreachBatch`;
      throw new AlluviumError("DELTA_UNSUPPORTED_OUTPUT_MODE", { outputMode, table: tablePath }, message);
    },
    checkSchema: (outputSchema, outputMode) => table.check(outputSchema, outputMode),
    lastReceipt: (queryId) => table.lastReceipt(queryId),
    addBatch: (batchId, rows, context) => table.addBatch(batchId, rows, context),
  };
}

/** The table, with the newest snapshot that was seen. */
class SinkTable {
  readonly #engine: Engine;
  readonly #options: DeltaSinkOptions;
  #snapshot: Snapshot | null = null;

  constructor(engine: Engine, options: DeltaSinkOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  async check(outputSchema: StructType, outputMode: OutputMode): Promise<void> {
    const snapshot = await this.#refresh();
    const target = this.#target(snapshot, { outputSchema, outputMode });
    if (outputMode === "update") checkKeyColumns(outputSchema, this.#options);
    if (snapshot === null) return;
    if (outputMode !== "append") requireReplaceable(snapshot);
    planSinkWrite(target, outputSchema, this.#options.mergeSchema ?? false);
  }

  async lastReceipt(queryId: string): Promise<SinkReceipt | null> {
    const snapshot = await this.#refresh();
    return snapshot === null ? null : readReceipt(this.#engine, snapshot, queryId);
  }

  async addBatch(batchId: number, rows: Rows | null, context: SinkContext): Promise<SinkResult> {
    // Rows from JavaScript can be pulled once only; their batch is run again by a restart.
    const attemptsMax = rows?.kind === "arrow" ? 1 : conflictAttemptsMax;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#addBatchOnce(batchId, rows, context);
      } catch (cause) {
        if (attempt >= attemptsMax || !isLostRace(cause)) throw cause;
      }
    }
  }

  async #addBatchOnce(batchId: number, rows: Rows | null, context: SinkContext): Promise<SinkResult> {
    const snapshot = await this.#refresh();
    const seen = snapshot === null ? null : await lastBatchId(this.#engine, snapshot, { batchId, context });
    if (seen !== null && seen >= BigInt(batchId)) return this.#alreadyWritten(batchId, seen, context);
    const { outputMode, outputSchema } = context;
    // An empty batch leaves no trace, lest a table that is read by its own sink wakes itself for ever.
    if (snapshot !== null && rows === null && outputMode !== "complete") return { status: "written", rowCount: 0 };
    const target = this.#target(snapshot, context);
    const plan = planSinkWrite(target, rows?.schema ?? outputSchema, this.#options.mergeSchema ?? false);
    const change = await this.#change(snapshot, plan, { rows, outputMode });
    if (snapshot !== null && outputMode !== "complete" && change.written.adds.length + change.removes.length === 0)
      return { status: "written", rowCount: 0 };
    const transaction =
      snapshot === null ? beginCreate(this.#engine, target.tablePath) : beginTransaction(this.#engine, snapshot);
    if (snapshot === null) transaction.updateProtocol(target.protocol);
    const withMarks = metadataAfter(plan.metadata, change.written);
    if (withMarks !== null) transaction.updateMetadata(withMarks);
    else if (snapshot === null || plan.changesSchema || target.metadata !== snapshot.metadata)
      transaction.updateMetadata(plan.metadata);
    if (outputMode !== "append") transaction.readWholeTable();
    transaction.setTransaction(context.queryId, BigInt(batchId));
    return this.#commit(transaction, batchId, { change, context });
  }

  /** Writes the files; what they replace depends on the mode. */
  async #change(snapshot: Snapshot | null, plan: SinkWritePlan, { rows, outputMode }: BatchRows): Promise<SinkChange> {
    if (outputMode === "update" && rows !== null)
      return upsertRows(this.#engine, { snapshot, plan, rows, keyColumns: this.#options.keyColumns ?? [] });
    const written = rows === null ? noFiles : await writeSinkRows(this.#engine, plan, rows);
    const removes = outputMode === "complete" && snapshot !== null ? await allFiles(this.#engine, snapshot) : [];
    const counts = { removedFileCount: removes.length, addedFileCount: written.adds.length };
    return { written, removes, others: [], ...counts, rowCount: written.rowCount };
  }

  async #commit(transaction: Transaction, batchId: number, { change, context }: BatchOutput): Promise<SinkResult> {
    const { userMetadata } = this.#options;
    const { written, removes, removedFileCount, addedFileCount, others, rowCount } = change;
    const result = await transaction.commit({
      operation: "STREAMING UPDATE",
      parameters: {
        outputMode: formatOutputMode(context.outputMode),
        queryId: context.queryId,
        epochId: String(batchId),
      },
      metrics: {
        numRemovedFiles: String(removedFileCount),
        numAddedFiles: String(addedFileCount),
        numOutputRows: String(rowCount),
        numOutputBytes: String(written.sizeBytes),
      },
      actions: [...removes, ...written.adds, ...others],
      settle: written.settle,
      isBlindAppend:
        context.outputMode === "append" &&
        !context.sourceTablePaths.some((path) => resolve(path) === transaction.tablePath),
      userMetadata: userMetadata ?? undefined,
      extra: offsetsInCommitInfo(context.endOffsets),
    });
    if (result.status === "already-committed") return this.#alreadyWritten(batchId, result.transactionVersion, context);
    this.#snapshot = result.snapshot;
    return { status: "written", rowCount };
  }

  /** A batch that is run again was perhaps written by the run before; a new one was not, so another query goes by this id. */
  #alreadyWritten(batchId: number, seen: bigint, context: SinkContext): SinkResult {
    if (context.isReplay && seen === BigInt(batchId)) return { status: "already-written" };
    const { queryId } = context;
    const message = `${this.#options.tablePath} already holds batch ${seen} of query ${queryId}, which is about to write batch ${batchId}: its checkpoint was replaced by an older copy, or a copy of it is used by another query; running on would lose rows. Put the newer checkpoint back, or start from a new checkpointLocation`;
    throw new AlluviumError(
      "STREAMING_CHECKPOINT_BEHIND_SINK",
      { table: this.#options.tablePath, queryId, batchId, sinkBatchId: seen },
      message,
    );
  }

  async #refresh(): Promise<Snapshot | null> {
    const { tablePath } = this.#options;
    if (this.#snapshot !== null) this.#snapshot = await refreshSnapshot(this.#engine, this.#snapshot);
    else if (await tableExists(this.#engine, tablePath)) this.#snapshot = await loadSnapshot(this.#engine, tablePath);
    return this.#snapshot;
  }

  /** The table as it is, or as the first batch will make it. */
  #target(
    snapshot: Snapshot | null,
    { outputSchema, outputMode }: Pick<SinkContext, "outputSchema" | "outputMode">,
  ): SinkTarget {
    const { tablePath, partitionBy } = this.#options;
    const newName = (): string => newColumnName(this.#engine);
    if (snapshot === null) {
      const schema = nullableSchema(outputSchema);
      const made = newTable(this.#engine, { schema, partitionBy: partitionBy ?? [] });
      return { tablePath, newColumnName: newName, ...made, schema: parseSchema(made.metadata.schemaString) };
    }
    const { metadata, protocol } = snapshot;
    if (partitionBy !== undefined && partitionBy !== null)
      refuseOtherPartitioning(tablePath, metadata.partitionColumns, partitionBy);
    if (outputMode !== "complete" || this.#options.overwriteSchema !== true)
      return { tablePath, schema: snapshot.schema, metadata, protocol, newColumnName: newName };
    const wanted = { ...metadata, schemaString: formatSchema(nullableSchema(outputSchema)) };
    const settled = settleMetadata(wanted, snapshot, newName);
    const schema = parseSchema(settled.schemaString);
    return { tablePath, schema, metadata: settled, protocol, newColumnName: newName };
  }
}

interface BatchRows {
  readonly rows: Rows | null;
  readonly outputMode: OutputMode;
}

interface BatchOutput {
  readonly change: SinkChange;
  readonly context: SinkContext;
}

const conflictAttemptsMax = 5;

/** Somebody changed the table's schema or settings, or created it, in between: what they made is looked at, then it is tried again. */
function isLostRace(cause: unknown): boolean {
  return cause instanceof AlluviumError && (cause.kind === "rebase" || cause.code === "DELTA_TABLE_ALREADY_EXISTS");
}

const noFiles: BegunFiles = { adds: [], rowCount: 0, sizeBytes: 0, settle: () => Promise.resolve() };

function refuseOtherPartitioning(table: string, ofTable: readonly string[], asked: readonly string[]): void {
  const same =
    ofTable.length === asked.length &&
    ofTable.every((name, index) => name.toLowerCase() === asked[index]?.toLowerCase());
  if (same) return;
  const message = `${table} is partitioned by (${ofTable.join(", ")}), but partitionBy says (${asked.join(", ")}): the partitioning of a table is fixed when it is created; leave partitionBy out, or write to a new table`;
  throw new AlluviumError(
    "DELTA_METADATA_MISMATCH",
    { table, partitionColumns: ofTable.join(", "), partitionBy: asked.join(", ") },
    message,
  );
}
