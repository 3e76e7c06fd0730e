// table/whole/table-version.ts: a table at one version, to be looked at and read.
import type { RecordBatch, Schema, Table } from "apache-arrow";
import type { Engine } from "../../engine/base/engine.ts";
import type { Protocol } from "../../format/action/action.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { readSchema } from "../../reader/read-schema.ts";
import type { RowObject } from "../input/table-input.ts";
import { arrowSchema, arrowTable } from "../rows/arrow-view.ts";
import type { ReadOptions } from "../rows/read-rows.ts";
import { type ChangeOptions, TableChanges } from "./change-feed.ts";
import type { FileCheck } from "./check-files.ts";
import type { HistoryRecord } from "./history-record.ts";
import type { TableDetail } from "./table-detail.ts";

/** What a table says of itself and gives at the version that it is held at. What reads rows is loaded with the first rows. */
export abstract class TableVersion {
  /** @internal */
  protected readonly engine: Engine;
  /** @internal */
  protected snapshot: Snapshot;

  /** @internal */
  constructor(engine: Engine, snapshot: Snapshot) {
    this.engine = engine;
    this.snapshot = snapshot;
  }

  /** Absolute path of the table's folder. */
  get path(): string {
    return this.snapshot.tablePath;
  }

  /** The version this handle reads. */
  get version(): number {
    return this.snapshot.version;
  }

  get schema(): StructType {
    return this.snapshot.schema;
  }

  get partitionColumns(): readonly string[] {
    return this.snapshot.metadata.partitionColumns;
  }

  /** Table properties as set, such as `delta.appendOnly`. */
  get properties(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.snapshot.metadata.configuration);
  }

  get protocol(): Protocol {
    return this.snapshot.protocol;
  }

  /** Everything the log says about this version. */
  async detail(): Promise<TableDetail> {
    const { tableDetail } = await import("./table-detail.ts");
    return tableDetail(this.snapshot);
  }

  /** Commits, newest first, from this version down. */
  async history(limit: number = Number.POSITIVE_INFINITY): Promise<readonly HistoryRecord[]> {
    const { historyRecords } = await import("./history-record.ts");
    return historyRecords(this.engine, this.snapshot, limit);
  }

  /** The columns of what is read: those asked for, in any case, or all. @throws AlluviumError `COLUMN_NOT_FOUND` */
  readSchema(columns?: readonly string[]): StructType {
    return readSchema(this.snapshot, columns);
  }

  /** As `readSchema`, in Arrow's words: the schema of `batches`. @throws AlluviumError `COLUMN_NOT_FOUND` */
  async arrowSchema(columns?: readonly string[]): Promise<Schema> {
    return arrowSchema(this.readSchema(columns));
  }

  /** Arrow batches of bounded size; order of rows is not defined. */
  batches(options: ReadOptions = {}): AsyncGenerator<RecordBatch> {
    return batchesOf(this.engine, this.snapshot, options);
  }

  /** Row objects: 64-bit integers are bigint, decimals text, timestamps and dates Date, binary Uint8Array. */
  rows(options: ReadOptions = {}): AsyncGenerator<RowObject> {
    return rowsOf(this.engine, this.snapshot, options);
  }

  /** All rows as one Arrow table, in memory. */
  async toArrow(options: ReadOptions = {}): Promise<Table> {
    return arrowTable(this.batches(options), this.readSchema(options.columns));
  }

  /** What changed between two commits: rows inserted, updated and deleted. The table must have kept its changes. */
  changes(options: ChangeOptions): TableChanges {
    return new TableChanges(this.engine, this.snapshot, options);
  }

  /** Looks on disk for every file of this version; nothing is changed. */
  async fsck(): Promise<FileCheck> {
    const { checkFiles } = await import("./check-files.ts");
    return checkFiles(this.engine, this.snapshot);
  }
}

// Both read the version that the handle was at when it was asked, wherever it goes until the first batch is read.

async function* batchesOf(engine: Engine, snapshot: Snapshot, options: ReadOptions): AsyncGenerator<RecordBatch> {
  const { readBatches } = await import("../rows/read-rows.ts");
  yield* readBatches(engine, snapshot, options);
}

async function* rowsOf(engine: Engine, snapshot: Snapshot, options: ReadOptions): AsyncGenerator<RowObject> {
  const { rowsFromBatch } = await import("../../engine/arrow/arrow-rows.ts");
  const schema = readSchema(snapshot, options.columns);
  for await (const batch of batchesOf(engine, snapshot, options)) yield* rowsFromBatch(batch, schema);
}
