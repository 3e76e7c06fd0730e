// table/delta-table.ts: the table a person holds.
import { resolve } from "node:path";
import { type RecordBatch, Table } from "apache-arrow";
import { rowsFromBatch } from "../engine/arrow-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { localEngine } from "../engine/local-engine.ts";
import type { Protocol } from "../format/action.ts";
import { type PredicateInput, resolvePredicate } from "../expression/predicate-input.ts";
import { AlluviumError } from "../format/error.ts";
import { type Version, version } from "../format/ids.ts";
import type { StructType } from "../format/schema.ts";
import { readHistory } from "../log/history.ts";
import { loadSnapshot, refreshSnapshot } from "../log/load-snapshot.ts";
import type { Snapshot } from "../log/snapshot.ts";
import { projectedSchema } from "../reader/plan-scan.ts";
import { scanBatches } from "../reader/scan.ts";
import { arrowSchemaOf } from "./arrow-view.ts";
import { type ChangeOptions, TableChanges } from "./change-feed.ts";
import { type FileCheck, checkFiles } from "./check-files.ts";
import { type CreateTableOptions, createTable } from "./create-table.ts";
import { type DeleteResult, deleteRows } from "./delete-rows.ts";
import { type RowObject, type TableInput, toRows } from "./table-input.ts";
import { type TableDetail, tableDetail } from "./table-detail.ts";
import { parseTimestamp } from "./time-travel.ts";
import { type WriteOptions, type WriteResult, appendRows } from "./append-rows.ts";
import { type HistoryRecord, historyRecord } from "./history-record.ts";
import { type OverwriteOptions, overwriteRows } from "./overwrite-rows.ts";
import { type UpdateOptions, type UpdateResult, updateRows } from "./update-rows.ts";

/** Which version of a table to open; the latest when neither is given. */
export interface OpenOptions {
  readonly version?: number;
  /** The newest version committed at or before this time; ISO 8601 text is UTC unless it names a zone. */
  readonly timestamp?: string | Date;
}

/** What to read of a table. */
export interface ReadOptions {
  /** Top-level columns, in the order wanted; all when absent. Names in any case. */
  readonly columns?: readonly string[];
  /** Spark SQL text, or an expression built with `col`. */
  readonly where?: PredicateInput;
}

/**
 * A Delta table at one version. Reading sees that version for ever; writing commits on top of the newest version and
 * moves this handle to it.
 */
export class DeltaTable implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #ownsEngine: boolean;
  #snapshot: Snapshot;

  /** @internal Use `create` or `open`. */
  constructor(engine: Engine, snapshot: Snapshot, ownsEngine: boolean) {
    this.#engine = engine;
    this.#snapshot = snapshot;
    this.#ownsEngine = ownsEngine;
  }

  /**
   * Makes a new, empty table.
   * @throws AlluviumError `DELTA_TABLE_ALREADY_EXISTS`, or an error about schema, partition columns or properties
   */
  static create(path: string, options: CreateTableOptions): Promise<DeltaTable> {
    return withOwnEngine((engine) => createTable(engine, resolve(path), options));
  }

  /**
   * Opens a table at its latest version, or at an older one.
   * @throws AlluviumError `TABLE_NOT_FOUND`, `VERSION_NOT_FOUND`, `TIMESTAMP_OUT_OF_RANGE`, `UNSUPPORTED_FEATURE`, `CORRUPT_LOG`
   */
  static open(path: string, options: OpenOptions = {}): Promise<DeltaTable> {
    return withOwnEngine((engine) => openSnapshot(engine, path, options));
  }

  /** Absolute path of the table's folder. */
  get path(): string {
    return this.#snapshot.tablePath;
  }

  /** The version this handle reads. */
  get version(): number {
    return this.#snapshot.version;
  }

  get schema(): StructType {
    return this.#snapshot.schema;
  }

  get partitionColumns(): readonly string[] {
    return this.#snapshot.metadata.partitionColumns;
  }

  /** Table properties as set, such as `delta.appendOnly`. */
  get properties(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#snapshot.metadata.configuration);
  }

  get protocol(): Protocol {
    return this.#snapshot.protocol;
  }

  /** Everything the log says about this version. */
  detail(): TableDetail {
    return tableDetail(this.#snapshot);
  }

  /** Commits, newest first, from this version down. */
  async history(limit: number = Number.POSITIVE_INFINITY): Promise<readonly HistoryRecord[]> {
    const entries: HistoryRecord[] = [];
    if (limit <= 0) return entries;
    for await (const entry of readHistory(this.#engine, this.#snapshot)) {
      if (entry.version > this.version) continue;
      entries.push(historyRecord(entry));
      if (entries.length >= limit) break;
    }
    return entries;
  }

  /** Moves this handle to the newest version. */
  async refresh(): Promise<this> {
    this.#snapshot = await refreshSnapshot(this.#engine, this.#snapshot);
    return this;
  }

  /**
   * Adds rows in one commit.
   * @returns how much was written; with `txnAppId`/`txnVersion` already there nothing is, and `status` says so
   * @throws AlluviumError `DELTA_METADATA_MISMATCH` and others when the rows do not fit the schema
   */
  append(data: TableInput, options: WriteOptions = {}): Promise<WriteResult> {
    const engine = this.#engine;
    return this.#write(async (snapshot) =>
      appendRows({ engine, snapshot }, await toRows(engine, data, snapshot.schema), options),
    );
  }

  /**
   * Replaces all rows, or with `where` the rows of a region (`replaceWhere`), in one commit.
   * @throws AlluviumError `DELTA_REPLACE_WHERE_MISMATCH` when new rows lie outside the region, and as `append`
   */
  overwrite(data: TableInput, options: OverwriteOptions = {}): Promise<WriteResult> {
    const engine = this.#engine;
    return this.#write(async (snapshot) => {
      const known = options.overwriteSchema === true ? null : snapshot.schema;
      return overwriteRows({ engine, snapshot }, await toRows(engine, data, known), options);
    });
  }

  /** Deletes the rows for which the predicate is true; all rows without one. */
  delete(where?: PredicateInput): Promise<DeleteResult> {
    return this.#write((snapshot) => deleteRows(this.#engine, snapshot, where));
  }

  /**
   * Gives the rows for which `where` is true new values: `update({ where: "id = 1", set: { price: "price * 2" } })`.
   * @throws AlluviumError `COLUMN_NOT_FOUND`, `INVALID_PREDICATE`, and errors about the new values
   */
  update(options: UpdateOptions): Promise<UpdateResult> {
    return this.#write((snapshot) => updateRows(this.#engine, snapshot, options));
  }

  /** Arrow batches of bounded size; order of rows is not defined. */
  async *batches(options: ReadOptions = {}): AsyncGenerator<RecordBatch> {
    const snapshot = this.#snapshot;
    const where = await this.#predicate(snapshot, options.where);
    yield* scanBatches(this.#engine, snapshot, {
      ...(options.columns === undefined ? {} : { columns: options.columns }),
      ...(where === undefined ? {} : { where }),
    });
  }

  /** Row objects: 64-bit integers are bigint, decimals text, timestamps and dates Date, binary Uint8Array. */
  async *rows(options: ReadOptions = {}): AsyncGenerator<RowObject> {
    const schema = projectedSchema(this.#snapshot.schema, options.columns);
    for await (const batch of this.batches(options)) yield* rowsFromBatch(batch, schema);
  }

  /** All rows as one Arrow table, in memory. */
  async toArrow(options: ReadOptions = {}): Promise<Table> {
    const schema = this.#snapshot.schema;
    const batches: RecordBatch[] = [];
    for await (const batch of this.batches(options)) batches.push(batch);
    if (batches.length > 0) return new Table(batches);
    return new Table(arrowSchemaOf(schema, options.columns));
  }

  /** What changed between two commits: rows inserted, updated and deleted. The table must have kept its changes. */
  changes(options: ChangeOptions): TableChanges {
    return new TableChanges(this.#engine, this.#snapshot, options);
  }

  /** Looks on disk for every file of this version; nothing is changed. */
  fsck(): Promise<FileCheck> {
    return checkFiles(this.#engine, this.#snapshot);
  }

  /** Frees what a handle from `create` or `open` holds; one from a session leaves that to the session. */
  async close(): Promise<void> {
    if (this.#ownsEngine) await this.#engine[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #write<R extends { readonly snapshot: Snapshot }>(
    work: (snapshot: Snapshot) => Promise<R>,
  ): Promise<Omit<R, "snapshot">> {
    await this.refresh();
    const { snapshot, ...result } = await work(this.#snapshot);
    this.#snapshot = snapshot;
    return result;
  }

  async #predicate(snapshot: Snapshot, where: PredicateInput | undefined): ReturnType<typeof resolvePredicate> {
    return resolvePredicate(this.#engine.sql, where, {
      schema: snapshot.schema,
      partitionColumns: snapshot.metadata.partitionColumns,
    });
  }
}

/** Loads the snapshot that the options name. */
export function openSnapshot(engine: Engine, path: string, options: OpenOptions): Promise<Snapshot> {
  if (options.version !== undefined) {
    return loadSnapshot(engine, resolve(path), { version: requestedVersion(options.version) });
  }
  if (options.timestamp === undefined) return loadSnapshot(engine, resolve(path));
  return loadSnapshot(engine, resolve(path), { timestampMs: parseTimestamp(options.timestamp) });
}

/** @throws AlluviumError `INVALID_ARGUMENT` for what cannot be a version */
function requestedVersion(n: number): Version {
  if (Number.isSafeInteger(n) && n >= 0) return version(n);
  throw new AlluviumError("INVALID_ARGUMENT", { version: n }, `a version is a whole number from 0, not ${n}`);
}

async function withOwnEngine(open: (engine: Engine) => Promise<Snapshot>): Promise<DeltaTable> {
  const engine = localEngine();
  try {
    return new DeltaTable(engine, await open(engine), true);
  } catch (cause) {
    await engine[Symbol.asyncDispose]();
    throw cause;
  }
}
