// test/stream/log-builder.ts: source tables written line by line into a folder, so that tests do not depend on a writer.
import { mkdirSync, mkdtempSync, rmSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import type { Engine } from "../../src/engine/base/engine.ts";
import { version } from "../../src/format/text/ids.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { openDeltaSource } from "../../src/stream/source/open-delta-source.ts";
import type { DeltaSourceConfig } from "../../src/stream/source/open-delta-source.ts";
import { parseSourceOptions } from "../../src/stream/source/source-options.ts";
import type { Admission, OffsetJson, Source } from "../../src/stream/plan/source.ts";

export type Line = Readonly<Record<string, unknown>>;

export interface Column {
  readonly name: string;
  readonly type: unknown;
  readonly nullable?: boolean;
  readonly metadata?: Line;
}

export const idColumn: Column = { name: "id", type: "long" };

export function schemaString(columns: readonly Column[]): string {
  const fields = columns.map(({ name, type, nullable = true, metadata = {} }) => ({ name, type, nullable, metadata }));
  return JSON.stringify({ type: "struct", fields });
}

export function protocol(minReaderVersion = 1, minWriterVersion = 2, more: Line = {}): Line {
  return { protocol: { minReaderVersion, minWriterVersion, ...more } };
}

export interface MetadataChange {
  readonly id?: string;
  readonly columns?: readonly Column[];
  readonly partitionColumns?: readonly string[];
  readonly configuration?: Readonly<Record<string, string>>;
}

export const tableId = "5bbc461a-6ea3-42ea-afa3-3dd2ac6c000e";

export function metaData(change: MetadataChange = {}): Line {
  const { id = tableId, columns = [idColumn], partitionColumns = [], configuration = {} } = change;
  const format = { provider: "parquet", options: {} };
  return {
    metaData: { id, format, schemaString: schemaString(columns), partitionColumns, configuration, createdTime: 1 },
  };
}

export interface FileChange {
  readonly size?: number;
  readonly rows?: number | null;
  readonly modificationTime?: number;
  readonly dataChange?: boolean;
}

export function add(path: string, change: FileChange = {}): Line {
  const { size = 100, rows = 10, modificationTime = 1000, dataChange = true } = change;
  const stats = rows === null ? {} : { stats: JSON.stringify({ numRecords: rows }) };
  return { add: { path, partitionValues: {}, size, modificationTime, dataChange, ...stats } };
}

export function remove(path: string, change: FileChange = {}): Line {
  const { size = 100, rows = 10, dataChange = true } = change;
  const stats = rows === null ? {} : { stats: JSON.stringify({ numRecords: rows }) };
  return {
    remove: { path, deletionTimestamp: 1, dataChange, extendedFileMetadata: true, partitionValues: {}, size, ...stats },
  };
}

export function commitInfo(operation: string, operationParameters: Line = {}): Line {
  return { commitInfo: { timestamp: 1, operation, operationParameters } };
}

/** A table in a folder of its own; removed with the engine when disposed. */
export class TestTable implements AsyncDisposable {
  readonly engine: Engine = localEngine();
  readonly folder: string = mkdtempSync(join(tmpdir(), "alluvium-source-"));
  readonly path: string = join(this.folder, "table");
  next = 0;

  /** Version 0: protocol, metadata, and what else is given. */
  static create(lines: readonly Line[] = [], change: MetadataChange = {}): TestTable {
    const table = new TestTable();
    table.commit([protocol(), metaData(change), ...lines]);
    return table;
  }

  commitPath(at: number): string {
    return join(this.path, "_delta_log", `${String(at).padStart(20, "0")}.json`);
  }

  commit(lines: readonly Line[]): number {
    mkdirSync(join(this.path, "_delta_log"), { recursive: true });
    const at = this.next;
    writeFileSync(this.commitPath(at), `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`);
    this.next += 1;
    return at;
  }

  /** One commit that appends files of these names. */
  append(...paths: readonly string[]): number {
    return this.commit(paths.map((path) => add(path)));
  }

  setTime(at: number, timestampMs: number): void {
    utimesSync(this.commitPath(at), timestampMs / 1000, timestampMs / 1000);
  }

  dropCommit(at: number): void {
    unlinkSync(this.commitPath(at));
  }

  /** As a cleaning would: a checkpoint at `at`, and no commits before it. */
  async cleanBefore(at: number): Promise<void> {
    await writeCheckpoint(this.engine, await loadSnapshot(this.engine, this.path, { version: version(at) }));
    for (let old = 0; old < at; old += 1) this.dropCommit(old);
  }

  /** Another table takes this one's place. */
  recreate(lines: readonly Line[], id = "00000000-0000-4000-8000-000000000002"): void {
    rmSync(this.path, { recursive: true });
    this.next = 0;
    this.commit([protocol(), metaData({ id }), ...lines]);
  }

  source(options: Readonly<Record<string, string>> = {}, config: Partial<DeltaSourceConfig> = {}): Promise<Source> {
    const parsed = parseSourceOptions(new Map(Object.entries(options)));
    return openDeltaSource(this.engine, { tablePath: this.path, options: parsed, ...config });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** `(version, index)` of an offset, with `s` when it is inside the initial snapshot. */
export function short(offset: OffsetJson | null): string {
  if (offset === null) return "-";
  const { reservoirVersion, index, isStartingVersion } = offset;
  return `${JSON.stringify(reservoirVersion)},${JSON.stringify(index)}${isStartingVersion === true ? ",s" : ""}`;
}

export function offset(reservoirVersion: number, index: number, isStartingVersion = false): OffsetJson {
  return { sourceVersion: 1, reservoirId: tableId, reservoirVersion, index, isStartingVersion };
}

export interface Step {
  readonly end: string;
  readonly files: readonly string[];
}

/** What one batch is, and the offset to go on from; the batch is null when nothing is new. */
export async function nextBatch(
  source: Source,
  start: OffsetJson | null,
  admission: Admission = "limited",
): Promise<{ step: Step | null; end: OffsetJson | null }> {
  const end = await source.latestOffset(start, admission);
  if (end === null || source.equals(start, end)) return { step: null, end };
  const { files } = await source.getBatch(start, end);
  await source.commit(end);
  return { step: { end: short(end), files: files.map((file) => file.path) }, end };
}

/** All batches there are, and where they ended. */
export async function drain(
  source: Source,
  start: OffsetJson | null = null,
): Promise<{ steps: Step[]; end: OffsetJson | null }> {
  const steps: Step[] = [];
  let at = start;
  for (;;) {
    const { step, end } = await nextBatch(source, at);
    at = end;
    if (step === null) return { steps, end: at };
    steps.push(step);
  }
}

/** As `steps` of `drain`, for short expectations: `end: files`. */
export function show(steps: readonly Step[]): string[] {
  return steps.map(({ end, files }) => `${end}: ${files.join(" ")}`.trimEnd());
}
