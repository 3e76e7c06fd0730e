// reader/row-counts.ts: how many rows data files have, by their own footers: statistics of a log may be wrong, and who leaves a check out by them
// would read wrong rows.
import { forEachBounded } from "../engine/base/bounded.ts";
import type { Engine, FileInfo } from "../engine/base/engine.ts";
import { isSameFile, isSettled } from "../engine/base/same-file.ts";
import { remembered } from "../format/text/remembered.ts";

interface Counted {
  readonly info: FileInfo;
  /** Null until it is asked for again. */
  rowCount: number | null;
}

const countedBy = remembered((_engine: Engine) => new Map<string, Counted>());

/**
 * The rows of each file that was asked for before, and has not changed since; undefined for others: to look into a file pays for who scans
 * it again and again.
 * @param paths absolute
 */
export async function knownRowCounts(
  engine: Engine,
  paths: readonly string[],
): Promise<readonly (number | undefined)[]> {
  const counted = countedBy(engine);
  if (paths.length > countedMax) return paths.map(() => undefined);
  const counts = Array.from<number | undefined>({ length: paths.length });
  await forEachBounded([...paths.entries()], filesAtOnceMax, async ([index, path]) => {
    counts[index] = await countOf(engine, counted, path);
  });
  for (const path of counted.keys()) {
    if (counted.size <= countedMax) break;
    counted.delete(path);
  }
  return counts;
}

async function countOf(engine: Engine, counted: Map<string, Counted>, path: string): Promise<number | undefined> {
  const info = await engine.files.stat(path);
  const before = counted.get(path);
  counted.delete(path);
  if (info === null) return undefined;
  if (before === undefined || !isSameFile(before.info, info)) {
    counted.set(path, { info, rowCount: null });
    return undefined;
  }
  counted.set(path, before);
  if (!isSettled(info, engine.clock.nowMs())) return undefined;
  try {
    before.rowCount ??= (await engine.parquet.metadata(path)).rowGroups.reduce(
      (sum, { rowCount }) => sum + rowCount,
      0,
    );
  } catch {
    return undefined; // whatever is wrong with the file, the scan says it
  }
  return before.rowCount;
}

const countedMax = 4096;
const filesAtOnceMax = 8;
