// engine/base/engine.ts: the doors to the world. Everything that touches a disk, a clock or chance goes through them.
import type { RecordBatch } from "apache-arrow";
import type { DataType, StructType } from "../../format/schema/schema.ts";
import type { Cell, CellQuery } from "../parquet/parquet-cells.ts";
import type { CodeQuery, CodedGroup } from "../parquet/parquet-codes.ts";
import type { GroupSource } from "../parquet/parquet-splice.ts";
import type { ParquetMetadata } from "../parquet/parquet-metadata.ts";
import type { ParquetNode } from "../parquet/parquet-tree.ts";
import type { ParquetRecord, RecordQuery } from "../parquet/parquet-records.ts";

/** A file or folder that was found. `path` is absolute; `sizeBytes` and `modificationTimeMs` are what the disk says. */
export interface FileInfo {
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly modificationTimeMs: number;
  readonly isDirectory: boolean;
}

/** An entry of a folder, by name. */
export interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

/**
 * Durable files. All paths are absolute local paths. An I/O failure is an AlluviumError `IO_ERROR` or `DISK_FULL`
 * (`FILE_NOT_FOUND` where a file to read is absent), with the path in its context and the cause kept.
 */
export interface FileStore {
  /** Entries of one folder, ascending by the UTF-8 bytes of their names; a folder that does not exist is empty. */
  list(directory: string): Promise<readonly FileInfo[]>;
  /** The names of a folder's entries, in no order: the disk is not asked about each. A folder that does not exist is empty. */
  entries(directory: string): Promise<readonly DirectoryEntry[]>;
  read(path: string): Promise<Uint8Array>;
  /**
   * Appears whole and durable, or not at all; never replaces. Folders are made as needed, durably.
   * @param settle makes durable what the content names; begun when the content lies beside it, so that the disk's journal takes
   *   all of it in one go. The file appears only after that; when it rejects nothing appears, and this rejects with its reason
   */
  putIfAbsent(path: string, bytes: Uint8Array, settle?: () => Promise<void>): Promise<"created" | "exists">;
  /** Atomic, durable replacement: for small registers. */
  put(path: string, bytes: Uint8Array): Promise<void>;
  /**
   * Replaces at once, and syncs nothing: after a power cut the file may be absent, empty or torn. Only for what readers
   * check and can do without, such as `_last_checkpoint` and checksums.
   */
  putHint(path: string, bytes: Uint8Array): Promise<void>;
  /** As `putHint`, and leaves a file that is there as it is; whoever reads it at this very moment may see it empty. */
  putHintIfAbsent(path: string, bytes: Uint8Array): Promise<void>;
  /** Gives a file that was written under a hidden name in the same folder its own name; it is durable, whole and in place then. */
  adopt(staged: string, path: string): Promise<void>;
  stat(path: string): Promise<FileInfo | null>;
  /** Removes a file; one that is absent already is no error. */
  remove(path: string): Promise<void>;
  makeDirectory(directory: string): Promise<void>;
  /** Copies whole files byte for byte (a clone of extents where the disk can); not durable before `sync`. Fails if `to` exists. */
  copy(from: string, to: string): Promise<void>;
  /** Makes files written by others (DuckDB, parquet-wasm, copy) and their directory entries durable. */
  sync(paths: readonly string[]): Promise<void>;
}

/** One row as DuckDB gives it: 64-bit integers as bigint, text as string, blobs as Uint8Array, lists and structs nested. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A connection of its own: temporary objects and settings are its own too. Time zone is UTC. */
export interface SqlConnection extends AsyncDisposable {
  /** @param texts values of its parameters `$1`, `$2` …: DuckDB's parser takes long over long literals */
  run(sql: string, texts?: readonly string[]): Promise<void>;
  rows(sql: string): Promise<readonly SqlRow[]>;
  /** Streams the result as Arrow, its columns typed as `schema` says (the query must give those columns in that order). */
  batches(sql: string, schema: StructType): AsyncIterable<RecordBatch>;
  /** Interrupts what is running; the running call rejects. */
  interrupt(): void;
}

/** A function of JavaScript that SQL can call. */
export interface UserFunction {
  /** What people call it; for messages. */
  readonly name: string;
  /** What SQL calls it: no function of DuckDB has the name. */
  readonly sqlName: string;
  readonly returnType: DataType;
  /** True where two calls with the same arguments may differ. */
  readonly isVolatile: boolean;
  /** Called once a row, with values as row objects have them, null included. */
  call(...args: readonly unknown[]): unknown;
}

/** DuckDB in this process; started by the first `connect`. */
export interface SqlEngine {
  connect(): Promise<SqlConnection>;
  /**
   * Makes a function known to all connections from now on. What it throws, or answers that is not of its type, ends the
   * statement with `FAILED_EXECUTE_UDF`.
   */
  register(user: UserFunction): void;
  close(): Promise<void>;
}

/** What a Parquet writer reports of the file it made. */
export interface ParquetFileInfo {
  readonly sizeBytes: number;
  readonly rowCount: number;
}

/** Parquet files to and from Arrow, without DuckDB. */
export interface ParquetEngine {
  /** Writes one file (not durable before `FileStore.sync`); batches must have the Arrow schema of `schema`. */
  write(path: string, schema: StructType, batches: readonly RecordBatch[]): Promise<ParquetFileInfo>;
  /**
   * Streams a file, row group by row group. `columns` are top-level names, all when absent; the batches have those of them that the
   * file has, in the file's order, and none of their rows is lost when that is no column at all. Types are those of Parquet's own schema.
   */
  read(path: string, columns?: readonly string[]): AsyncIterable<RecordBatch>;
  /** What a file's footer says. @throws AlluviumError `FILE_NOT_FOUND`, `IO_ERROR`, `CORRUPT_FILE` */
  metadata(path: string): Promise<ParquetMetadata>;
  /**
   * The top-level columns of files, in the order of the paths; files whose columns are listed alike get the same object.
   * @throws AlluviumError `FILE_NOT_FOUND`, `IO_ERROR`, `CORRUPT_FILE`
   */
  columns(paths: readonly string[]): Promise<readonly (readonly ParquetNode[])[]>;
  /**
   * The rows of a file in which one of some columns is not null, for columns that are null in most rows; null where they are not stored as they
   * mostly are, or are damaged: DuckDB then reads them, or says what is wrong.
   * @throws AlluviumError `FILE_NOT_FOUND`, `IO_ERROR`
   */
  records(path: string, query: RecordQuery): Promise<readonly ParquetRecord[] | null>;
  /**
   * A column with few different values, as numbers that stand for them, row group by row group; null as above, and where it has many.
   * @throws AlluviumError `FILE_NOT_FOUND`, `IO_ERROR`
   */
  codes(path: string, query: CodeQuery): Promise<readonly CodedGroup[] | null>;
  /**
   * Some columns in a few rows of a row group, column by column; null as above, and where they are long.
   * @throws AlluviumError `FILE_NOT_FOUND`, `IO_ERROR`
   */
  cells(path: string, query: CellQuery): Promise<readonly (readonly Cell[])[] | null>;
  /**
   * Appends row groups of other files to a file, as their bytes are (not durable before `FileStore.sync`). False, and the file as it was, where
   * one of them has other columns or other key-value metadata in its footer, or is not what its footer said any more.
   * @throws AlluviumError `FILE_NOT_FOUND`, `IO_ERROR`, `DISK_FULL`; the file that was appended to is of no use then
   */
  append(path: string, sources: readonly GroupSource[]): Promise<boolean>;
}

/** Parquet files with variants, for DuckDB to read as what they hold. */
export interface VariantFiles {
  /**
   * A file with the same rows and columns in which every variant is a plain struct of two binaries, `metadata` and `value`: the
   * file itself where that is so, else a copy that is there until `close`. A file that is missing or damaged is given back as it is.
   */
  plain(path: string): Promise<string>;
  close(): Promise<void>;
}

/** Time. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Milliseconds of a clock that never goes back; for durations only. */
  monotonicMs(): number;
  /** Resolves at or after `durationMs` from now, or at once when the signal aborts (it does not reject). */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** Chance. */
export interface Random {
  /** A random UUID, version 4, lower case. */
  uuid(): string;
}

/** Tells of new commits. */
export interface CommitSignals {
  /** Called by whoever has just published a commit in this process. */
  announce(tablePath: string): void;
  /** Calls `onCommit` after an announcement, or when `_delta_log` changes on disk. It may call too often, and may miss: poll too. */
  watch(tablePath: string, onCommit: () => void): Disposable;
}

/** Holds a lock file's name for one process at a time. */
export interface ProcessLocks {
  /** Takes the lock at `path`, or answers null when a live process (this one included) holds it. A dead holder's lock is taken over. */
  acquire(path: string): Promise<AsyncDisposable | null>;
}

/** Work beside the caller's, such as a checkpoint that is due; done before the engine is closed. */
export interface Background {
  /** Begins a work, which must not reject; resolves when the caller may go on, at the latest when the work is done. */
  start(work: () => Promise<void>): Promise<void>;
  /** Resolves when everything that was begun is done. */
  finish(): Promise<void>;
}

/** All doors together; one per session. */
export interface Engine extends AsyncDisposable {
  readonly files: FileStore;
  readonly sql: SqlEngine;
  readonly parquet: ParquetEngine;
  readonly variants: VariantFiles;
  readonly clock: Clock;
  readonly random: Random;
  readonly signals: CommitSignals;
  readonly locks: ProcessLocks;
  readonly background: Background;
  /** Settings by Spark's names, for work that nobody asks for by a call, such as checkpoints; empty: all have their defaults. */
  readonly conf: ReadonlyMap<string, string>;
}
