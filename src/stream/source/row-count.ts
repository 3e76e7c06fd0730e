// stream/source/row-count.ts: how many rows a file holds, by what the log says of it.
import type { AddFile, RemoveFile } from "../../format/action/action.ts";

const cached = new WeakMap<AddFile | RemoveFile, number | null>();

/** Rows that are alive in a file; null when the log does not tell. */
export function rowCountOf(file: AddFile | RemoveFile): number | null {
  const before = cached.get(file);
  if (before !== undefined) return before;
  const rowCount = readRowCount(file);
  cached.set(file, rowCount);
  return rowCount;
}

/** Rows of several files; null when one of them is not known. */
export function sumOfRows(files: readonly (AddFile | RemoveFile)[]): number | null {
  let sum = 0;
  for (const file of files) {
    const rowCount = rowCountOf(file);
    if (rowCount === null) return null;
    sum += rowCount;
  }
  return sum;
}

function readRowCount({ stats, deletionVector }: AddFile | RemoveFile): number | null {
  if (stats === undefined) return null;
  const numRecords = parseRecords(stats);
  return numRecords === null ? null : Math.max(0, numRecords - (deletionVector?.cardinality ?? 0));
}

/** Counts stay far below 2^53, so that plain JSON is enough here. */
function parseRecords(stats: string): number | null {
  try {
    const parsed: unknown = JSON.parse(stats);
    if (typeof parsed !== "object" || parsed === null || !("numRecords" in parsed)) return null;
    const { numRecords } = parsed;
    return typeof numRecords === "number" && Number.isSafeInteger(numRecords) && numRecords >= 0 ? numRecords : null;
  } catch {
    return null; // statistics are a hint: damaged ones count as absent
  }
}
