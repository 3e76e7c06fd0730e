// stream/source/read-limit.ts: how much of a source goes into one batch. Spark's admission control, and a little more.
import type { Admission } from "../plan/source.ts";
import type { DeltaSourceOptions } from "./source-options.ts";
import type { FileCost, VersionFiles } from "./indexed-files.ts";

/** Limits of one batch; `Infinity` where there is none. All are soft by one file: see `startAdmission`. */
export interface ReadLimit {
  readonly fileCountMax: number;
  readonly sizeBytesMax: number;
  readonly rowCountMax: number;
  /** Commits that bring data; the initial snapshot counts as one. */
  readonly versionCountMax: number;
  /** Commits are taken whole; the first one even when it is more than the limits. */
  readonly wholeCommits: boolean;
}

/** Files per batch when nothing else is limited; Spark's default. */
export const defaultFileCountMax = 1000;

/** The limit that the options ask for. The default number of files counts only while no other limit is given. */
export function readLimit(options: DeltaSourceOptions, admission: Admission): ReadLimit {
  if (admission === "all") return noLimit;
  const { maxFilesPerTrigger, maxBytesPerTrigger, maxRowsPerTrigger, maxVersionsPerTrigger } = options;
  const isLimitedOtherwise =
    maxBytesPerTrigger !== null || maxRowsPerTrigger !== null || maxVersionsPerTrigger !== null;
  return {
    fileCountMax: maxFilesPerTrigger ?? (isLimitedOtherwise ? Infinity : defaultFileCountMax),
    sizeBytesMax: maxBytesPerTrigger ?? Infinity,
    rowCountMax: maxRowsPerTrigger ?? Infinity,
    versionCountMax: maxVersionsPerTrigger ?? Infinity,
    wholeCommits: options.wholeCommits,
  };
}

const noLimit: ReadLimit = {
  fileCountMax: Infinity,
  sizeBytesMax: Infinity,
  rowCountMax: Infinity,
  versionCountMax: Infinity,
  wholeCommits: false,
};

/** What is still free in a batch. */
export interface AdmissionBudget {
  /** Takes as many files of a version as fit, beginning at index `from`, and tells how many. */
  take(files: VersionFiles, from: number): number;
}

/**
 * Begins a batch. A file is taken while something of every limit is left before it: so the first file always goes, and
 * the last may go beyond the limit (law S7). Versions without files cost nothing.
 */
export function startAdmission(limit: ReadLimit): AdmissionBudget {
  const left = {
    files: limit.fileCountMax,
    bytes: limit.sizeBytesMax,
    rows: limit.rowCountMax,
    versions: limit.versionCountMax,
  };
  let isFirst = true;
  const countsRows = limit.rowCountMax !== Infinity;
  const pay = (cost: FileCost): void => {
    left.files -= 1;
    left.bytes -= cost.sizeBytes;
    // A file of unknown length may be any length: it ends the batch.
    if (countsRows) left.rows -= cost.rowCount ?? left.rows;
  };
  const hasRoom = (): boolean => left.files > 0 && left.bytes > 0 && left.rows > 0;
  const takeWhole = (files: VersionFiles, from: number): number => {
    const costs = Array.from({ length: files.fileCount - from }, (_, at) => files.cost(from + at));
    const sizeBytes = costs.reduce((sum, cost) => sum + cost.sizeBytes, 0);
    const rowCount = countsRows ? costs.reduce((sum, cost) => sum + (cost.rowCount ?? Infinity), 0) : 0;
    const fits = left.files >= costs.length && left.bytes >= sizeBytes && (!countsRows || left.rows >= rowCount);
    if (!isFirst && !fits) return 0;
    for (const cost of costs) pay(cost);
    return costs.length;
  };
  const takeSingly = (files: VersionFiles, from: number): number => {
    let index = from;
    for (; index < files.fileCount && hasRoom(); index += 1) pay(files.cost(index));
    return index - from;
  };
  return {
    take(files, from) {
      if (from >= files.fileCount) return 0;
      if (left.versions <= 0) return 0;
      const isWhole = files.isWhole === true || (limit.wholeCommits && !files.isInitialSnapshot);
      const taken = isWhole ? takeWhole(files, from) : takeSingly(files, from);
      if (taken > 0) {
        left.versions -= 1;
        isFirst = false;
      }
      return taken;
    },
  };
}
