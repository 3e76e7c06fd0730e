// stream/delta-sink.ts: a Delta table as the sink: one transaction a batch, with `txn {appId: query id, version: batch id}`, skipped
// when the table has it already (law S5). docs/STREAMING.md, "Delta sink".
import { resolve } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { AlluviumError } from "../format/error.ts";
import type { StructType } from "../format/schema.ts";
import { loadSnapshot, refreshSnapshot, tableExists } from "../log/load-snapshot.ts";
import type { Snapshot } from "../log/snapshot.ts";
import { newTable } from "../table/create-table.ts";
import { beginCreate, beginTransaction } from "../writer/transaction.ts";
import type { Transaction } from "../writer/transaction.ts";
import type { BegunFiles } from "../writer/data-file-writer.ts";
import type { Rows } from "../writer/rows.ts";
import { offsetsInCommitInfo, readReceipt } from "./delta-receipt.ts";
import { nullableSchema } from "./nullable-schema.ts";
import { formatOutputMode } from "./output-mode.ts";
import { planSinkWrite, writeSinkRows } from "./sink-write.ts";
import type { SinkTarget } from "./sink-write.ts";
import type { Sink, SinkContext, SinkReceipt, SinkResult } from "./sink.ts";

/** How a table is written to. */
export interface DeltaSinkOptions {
  readonly tablePath: string;
  /** Columns of the folders of a table that the first batch creates; null when nothing was said. */
  readonly partitionBy?: readonly string[] | null;
  /** Columns that the table lacks are added. */
  readonly mergeSchema?: boolean;
  /** Goes into every commit. */
  readonly userMetadata?: string | null;
}

/** A table as a sink. The first batch creates it when it is not there. */
export function deltaSink(engine: Engine, options: DeltaSinkOptions): Sink {
  const tablePath = resolve(options.tablePath);
  const table = new SinkTable(engine, { ...options, tablePath });
  return {
    description: `DeltaSink[${tablePath}]`,
    readsRowsAgain: false,
    checkOutputMode: (outputMode) => {
      if (outputMode !== "update") return;
      const message = `a Delta table takes the output modes append and complete, not update: merge the changes in foreachBatch instead`;
      throw new AlluviumError("DELTA_UNSUPPORTED_OUTPUT_MODE", { outputMode, table: tablePath }, message);
    },
    checkSchema: (outputSchema) => table.check(outputSchema),
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

  async check(outputSchema: StructType): Promise<void> {
    const snapshot = await this.#refresh();
    const target = this.#target(snapshot, outputSchema);
    if (snapshot !== null) planSinkWrite(target, outputSchema, this.#options.mergeSchema ?? false);
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
    const seen = snapshot?.transactions.get(context.queryId)?.version;
    if (seen !== undefined && seen >= BigInt(batchId)) return this.#alreadyWritten(batchId, seen, context);
    // An empty batch leaves no trace, lest a table that is read by its own sink wakes itself for ever.
    if (snapshot !== null && rows === null) return { status: "written", rowCount: 0 };
    const target = this.#target(snapshot, context.outputSchema);
    const plan = planSinkWrite(target, rows?.schema ?? context.outputSchema, this.#options.mergeSchema ?? false);
    const written = rows === null ? noFiles : await writeSinkRows(this.#engine, plan, rows);
    if (snapshot !== null && written.adds.length === 0) return { status: "written", rowCount: 0 };
    const transaction =
      snapshot === null ? beginCreate(this.#engine, target.tablePath) : beginTransaction(this.#engine, snapshot);
    if (target.protocol !== null) transaction.updateProtocol(target.protocol);
    if (snapshot === null || plan.changesSchema) transaction.updateMetadata(plan.metadata);
    transaction.setTransaction(context.queryId, BigInt(batchId));
    return this.#commit(transaction, batchId, { written, context });
  }

  async #commit(transaction: Transaction, batchId: number, { written, context }: BatchOutput): Promise<SinkResult> {
    const { userMetadata } = this.#options;
    const result = await transaction.commit({
      operation: "STREAMING UPDATE",
      parameters: {
        outputMode: formatOutputMode(context.outputMode),
        queryId: context.queryId,
        epochId: String(batchId),
      },
      metrics: {
        numRemovedFiles: "0",
        numAddedFiles: String(written.adds.length),
        numOutputRows: String(written.rowCount),
        numOutputBytes: String(written.sizeBytes),
      },
      actions: written.adds,
      ready: written.ready,
      isBlindAppend: !context.sourceTablePaths.some((path) => resolve(path) === transaction.tablePath),
      ...(userMetadata === undefined || userMetadata === null ? {} : { userMetadata }),
      extra: offsetsInCommitInfo(context.endOffsets),
    });
    if (result.status === "already-committed") return this.#alreadyWritten(batchId, result.transactionVersion, context);
    this.#snapshot = result.snapshot;
    return { status: "written", rowCount: written.rowCount };
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
  #target(snapshot: Snapshot | null, outputSchema: StructType): SinkTarget {
    const { tablePath, partitionBy } = this.#options;
    if (snapshot === null) {
      const schema = nullableSchema(outputSchema);
      return { tablePath, schema, ...newTable(this.#engine, { schema, partitionBy: partitionBy ?? [] }) };
    }
    const { metadata } = snapshot;
    if (partitionBy !== undefined && partitionBy !== null)
      refuseOtherPartitioning(tablePath, metadata.partitionColumns, partitionBy);
    return { tablePath, schema: snapshot.schema, metadata, protocol: null };
  }
}

interface BatchOutput {
  readonly written: BegunFiles;
  readonly context: SinkContext;
}

const conflictAttemptsMax = 5;

/** Somebody changed the table's schema or settings, or created it, in between: what they made is looked at, then it is tried again. */
function isLostRace(cause: unknown): boolean {
  return cause instanceof AlluviumError && (cause.kind === "rebase" || cause.code === "DELTA_TABLE_ALREADY_EXISTS");
}

const noFiles: BegunFiles = { adds: [], rowCount: 0, sizeBytes: 0, ready: Promise.resolve() };

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
