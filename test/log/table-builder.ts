// test/log/table-builder.ts: small tables, commit by commit, and what a naive reader makes of them.
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Clock, Engine } from "../../src/engine/base/engine.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import type {
  Action,
  AddFile,
  Metadata,
  Protocol,
  RemoveFile,
  SetTransaction,
} from "../../src/format/action/action.ts";
import { version } from "../../src/format/text/ids.ts";
import type { Version } from "../../src/format/text/ids.ts";
import { formatAction } from "../../src/format/action/action-json.ts";
import { formatLogPath } from "../../src/format/action/log-path.ts";
import type { Snapshot } from "../../src/log/state/snapshot.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

/** An engine for all tests of a file, closed after the last. */
export function testEngine(clock?: Clock): Engine {
  const engine = localEngine();
  afterAll(() => engine[Symbol.asyncDispose]());
  return clock === undefined ? engine : { ...engine, clock };
}

export const protocol: Protocol = { kind: "protocol", minReaderVersion: 1, minWriterVersion: 2 };

const schemaString = JSON.stringify({
  type: "struct",
  fields: [
    { name: "id", type: "long", nullable: true, metadata: {} },
    { name: "day", type: "date", nullable: true, metadata: {} },
  ],
});

export function metadata(
  configuration: Readonly<Record<string, string>> = {},
  partitionColumns: readonly string[] = [],
): Metadata {
  return {
    kind: "metaData",
    id: "11111111-2222-3333-4444-555555555555",
    format: { provider: "parquet", options: new Map() },
    schemaString,
    partitionColumns,
    configuration: new Map(Object.entries(configuration)),
    createdTimeMs: 1_600_000_000_000,
  };
}

export function add(path: string, more: Partial<AddFile> = {}): AddFile {
  return {
    kind: "add",
    path,
    partitionValues: new Map(),
    sizeBytes: 100,
    modificationTimeMs: 1,
    dataChange: true,
    ...more,
  };
}

export function remove(path: string, more: Partial<RemoveFile> = {}): RemoveFile {
  return { kind: "remove", path, deletionTimestampMs: 1_600_000_000_000, dataChange: true, ...more };
}

export function txn(appId: string, at: bigint, lastUpdatedMs?: number): SetTransaction {
  return { kind: "txn", appId, version: at, ...(lastUpdatedMs !== undefined && { lastUpdatedMs }) };
}

export const create: readonly Action[] = [protocol, metadata()];

/** Path of a commit file. */
export function commitFile(table: string, at: number): string {
  return join(table, "_delta_log", formatLogPath({ kind: "commit", version: version(at) }));
}

/** Path of a classic checkpoint. */
export function checkpointFile(table: string, at: number): string {
  return join(table, "_delta_log", formatLogPath({ kind: "classicCheckpoint", version: version(at) }));
}

/** Writes commits as another writer would have; the first becomes version `from`. */
export function writeCommits(table: string, commits: readonly (readonly Action[])[], from = 0): void {
  mkdirSync(join(table, "_delta_log"), { recursive: true });
  for (const [index, actions] of commits.entries()) {
    writeFileSync(commitFile(table, from + index), actions.map((action) => `${formatAction(action)}\n`).join(""));
  }
}

/** Gives a commit file a modification time, milliseconds since the Unix epoch. */
export function setCommitTime(table: string, at: number, timestampMs: number): void {
  utimesSync(commitFile(table, at), timestampMs / 1000, timestampMs / 1000);
}

export async function livePaths(snapshot: Snapshot): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const chunk of snapshot.files.chunks()) for (const file of chunk) paths.push(file.path);
  return paths.toSorted();
}

export async function tombstonePaths(snapshot: Snapshot): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const chunk of snapshot.tombstones()) for (const file of chunk) paths.push(file.path);
  return paths.toSorted();
}

export async function allFiles(snapshot: Snapshot): Promise<readonly AddFile[]> {
  const files: AddFile[] = [];
  for await (const chunk of snapshot.files.chunks()) files.push(...chunk);
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

export const v = (at: number): Version => version(at);

/** A table of so many commits, of which version n adds the file `fn`. */
export function numberedFiles(commitCount: number): string {
  const folder = temporaryFolder();
  const commits: (readonly Action[])[] = [[...create, add("f0")]];
  for (let at = 1; at < commitCount; at += 1) commits.push([add(`f${at}`)]);
  writeCommits(folder, commits);
  return folder;
}

/** The files of such a table at a version. */
export const numbered = (upTo: number): readonly string[] =>
  Array.from({ length: upTo + 1 }, (_, at) => `f${at}`).toSorted();
