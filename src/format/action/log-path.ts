// format/action/log-path.ts: names of files in _delta_log. PROTOCOL.md, "Delta Log Entries", "Checkpoints", "Log Compaction Files".
import { version } from "../text/ids.ts";
import type { Version } from "../text/ids.ts";

/** What a file of the log is, told by its name. */
export type LogPath =
  | { readonly kind: "commit"; readonly version: Version }
  | { readonly kind: "classicCheckpoint"; readonly version: Version }
  /** One of `partCount` parts; `part` counts from 1. */
  | {
      readonly kind: "multipartCheckpoint";
      readonly version: Version;
      readonly part: number;
      readonly partCount: number;
    }
  | {
      readonly kind: "uuidCheckpoint";
      readonly version: Version;
      readonly uuid: string;
      readonly format: "json" | "parquet";
    }
  | { readonly kind: "crc"; readonly version: Version }
  /** All commits from `firstVersion` to `lastVersion`, both inclusive. */
  | { readonly kind: "compaction"; readonly firstVersion: Version; readonly lastVersion: Version }
  | { readonly kind: "lastCheckpoint" };

/** Parses a file name (not a path); null for everything that is not a file of the protocol, temporary files included. */
export function parseLogPath(name: string): LogPath | null {
  if (name === lastCheckpointName) return { kind: "lastCheckpoint" };
  const [, digits, rest] = /^(\d{20})\.(.+)$/.exec(name) ?? [];
  if (digits === undefined || rest === undefined) return null;
  const at = toVersion(digits);
  if (at === null) return null;
  if (rest === "json") return { kind: "commit", version: at };
  if (rest === "crc") return { kind: "crc", version: at };
  if (rest === "checkpoint.parquet") return { kind: "classicCheckpoint", version: at };
  return parseMultipart(at, rest) ?? parseUuidCheckpoint(at, rest) ?? parseCompaction(at, rest);
}

/** The file name; the inverse of `parseLogPath`. */
export function formatLogPath(path: LogPath): string {
  switch (path.kind) {
    case "commit":
      return `${versionText(path.version)}.json`;
    case "classicCheckpoint":
      return `${versionText(path.version)}.checkpoint.parquet`;
    case "multipartCheckpoint":
      return `${versionText(path.version)}.checkpoint.${partText(path.part)}.${partText(path.partCount)}.parquet`;
    case "uuidCheckpoint":
      return `${versionText(path.version)}.checkpoint.${path.uuid}.${path.format}`;
    case "crc":
      return `${versionText(path.version)}.crc`;
    case "compaction":
      return `${versionText(path.firstVersion)}.${versionText(path.lastVersion)}.compacted.json`;
    case "lastCheckpoint":
      return lastCheckpointName;
  }
}

/** Name of the folder of the log inside a table. */
export const logFolderName = "_delta_log";

/** Name of the hint that points at a recent checkpoint. PROTOCOL.md, "Last Checkpoint File". */
export const lastCheckpointName = "_last_checkpoint";

const versionDigits = 20;
const partDigits = 10;

const versionText = (at: Version): string => String(at).padStart(versionDigits, "0");
const partText = (part: number): string => String(part).padStart(partDigits, "0");

function toVersion(digits: string): Version | null {
  const number = Number(digits);
  return Number.isSafeInteger(number) ? version(number) : null;
}

function parseMultipart(at: Version, rest: string): LogPath | null {
  const match = /^checkpoint\.(\d{10})\.(\d{10})\.parquet$/.exec(rest);
  if (match === null) return null;
  const part = Number(match[1]);
  const partCount = Number(match[2]);
  return part >= 1 && part <= partCount ? { kind: "multipartCheckpoint", version: at, part, partCount } : null;
}

function parseUuidCheckpoint(at: Version, rest: string): LogPath | null {
  const match = /^checkpoint\.([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\.(json|parquet)$/.exec(rest);
  if (match?.[1] === undefined) return null;
  return { kind: "uuidCheckpoint", version: at, uuid: match[1], format: match[2] === "json" ? "json" : "parquet" };
}

function parseCompaction(first: Version, rest: string): LogPath | null {
  const digits = /^(\d{20})\.compacted\.json$/.exec(rest)?.[1];
  const last = digits === undefined ? null : toVersion(digits);
  return last !== null && last > first ? { kind: "compaction", firstVersion: first, lastVersion: last } : null;
}
