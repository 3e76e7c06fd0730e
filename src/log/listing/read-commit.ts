// log/listing/read-commit.ts: one commit file to actions. PROTOCOL.md, "Delta Log Entries".
import { join } from "node:path";
import type { Engine } from "../../engine/base/engine.ts";
import { parseActionLine } from "../../format/action/action-json.ts";
import type { Action, CommitInfo } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { Version } from "../../format/text/ids.ts";
import { formatLogPath } from "../../format/action/log-path.ts";
import { logDirectory } from "./list-log.ts";

/** One commit as its file holds it. */
export interface Commit {
  readonly version: Version;
  /** What the disk says of the file, milliseconds since the Unix epoch; not adjusted. */
  readonly fileTimestampMs: number;
  readonly sizeBytes: number;
  /** In the order of the file. */
  readonly actions: readonly Action[];
}

/** Absolute path of a commit file. */
export function commitPath(tablePath: string, version: Version): string {
  return join(logDirectory(tablePath), formatLogPath({ kind: "commit", version }));
}

/**
 * Reads one commit; null when there is no such file.
 * @throws AlluviumError `CORRUPT_LOG` naming the file and the line, `IO_ERROR`
 */
export async function readCommit(engine: Engine, tablePath: string, version: Version): Promise<Commit | null> {
  const path = commitPath(tablePath, version);
  const file = await engine.files.stat(path);
  if (file === null || file.isDirectory) return null;
  const bytes = await readIfThere(engine, path);
  if (bytes === null) return null;
  return {
    version,
    fileTimestampMs: file.modificationTimeMs,
    sizeBytes: bytes.length,
    actions: parseCommit(bytes, path),
  };
}

/**
 * A commit's provenance alone: a commit of many files need not be parsed for it. Null when it has none, undefined when the
 * file is gone.
 * @throws AlluviumError `CORRUPT_LOG` when the line is damaged
 */
export async function readCommitInfo(
  engine: Engine,
  tablePath: string,
  version: Version,
): Promise<CommitInfo | null | undefined> {
  const path = commitPath(tablePath, version);
  const bytes = await readIfThere(engine, path);
  if (bytes === null) return undefined;
  for (const [index, line] of decodeLines(bytes, path).entries()) {
    if (!commitInfoLine.test(line)) continue;
    const action = parseActionLine(line, { path, line: index + 1 });
    if (action?.kind === "commitInfo") return action;
  }
  return null;
}

const commitInfoLine = /^\s*\{\s*"commitInfo"/;

/** The bytes of a file, or null when it is not there: a cleaning may remove log files at any moment. */
export async function readIfThere(engine: Engine, path: string): Promise<Uint8Array | null> {
  try {
    return await engine.files.read(path);
  } catch (cause) {
    if (cause instanceof AlluviumError && cause.code === "FILE_NOT_FOUND") return null;
    throw cause;
  }
}

/**
 * Parses the bytes of a commit: lines of JSON, the last with or without a line break. An empty file is a commit without
 * actions.
 * @param path for messages
 * @throws AlluviumError `CORRUPT_LOG` naming the file and the line
 */
export function parseCommit(bytes: Uint8Array, path: string): readonly Action[] {
  const actions: Action[] = [];
  for (const [index, text] of decodeLines(bytes, path).entries()) {
    const action = parseActionLine(text, { path, line: index + 1 });
    if (action !== null) actions.push(action);
  }
  return actions;
}

/**
 * The lines of a log file. A byte order mark at its beginning is none of its text.
 * @param path for messages
 * @throws AlluviumError `CORRUPT_LOG` when the bytes are not UTF-8
 */
export function decodeLines(bytes: Uint8Array, path: string): readonly string[] {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).split("\n");
  } catch (cause) {
    const line = lineOfBadByte(bytes);
    const message = `${path}, line ${line}: the bytes are not UTF-8 text. The file was damaged or is not a commit of a Delta table; restore it from a copy.`;
    throw new AlluviumError("CORRUPT_LOG", { path, line }, message, { cause });
  }
}

function lineOfBadByte(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 1;
  for (let start = 0; start <= bytes.length; line += 1) {
    const end = bytes.indexOf(0x0a, start);
    const stop = end < 0 ? bytes.length : end;
    try {
      decoder.decode(bytes.subarray(start, stop));
    } catch {
      return line;
    }
    start = stop + 1;
  }
  return line;
}
