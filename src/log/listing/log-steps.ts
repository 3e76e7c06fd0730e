// log/listing/log-steps.ts: which files are read for a run of commits: one by one, or many at once by a log compaction. Pure.
// PROTOCOL.md, "Log Compaction Files".
import type { Version } from "../../format/text/ids.ts";
import type { CompactionFile } from "./list-log.ts";

/** The next file to read on the way to a version. */
export type LogStep =
  | { readonly kind: "commit"; readonly version: Version }
  /** Stands for the commits from its `firstVersion` to its `version`, both inclusive. */
  | { readonly kind: "compaction"; readonly version: Version; readonly path: string };

/**
 * The fewest files for a run of commits: at each commit the compaction that starts there and reaches furthest, where one does. One
 * that reaches beyond the run, or starts before it, stands for commits that are not wanted, and is passed over.
 * @param commits ascending, without a gap
 */
export function planSteps(commits: readonly Version[], compactions: readonly CompactionFile[]): readonly LogStep[] {
  const last = commits.at(-1) ?? -1;
  const furthest = new Map<Version, CompactionFile>();
  for (const compaction of compactions) {
    const { firstVersion, lastVersion } = compaction;
    if (lastVersion > last || (furthest.get(firstVersion)?.lastVersion ?? -1) >= lastVersion) continue;
    furthest.set(firstVersion, compaction);
  }
  const steps: LogStep[] = [];
  for (let index = 0; index < commits.length;) {
    const version = commits[index] as Version; // the loop's bound says that it is there
    const compaction = furthest.get(version);
    if (compaction === undefined) steps.push({ kind: "commit", version });
    else steps.push({ kind: "compaction", version: compaction.lastVersion, path: compaction.path });
    index += compaction === undefined ? 1 : compaction.lastVersion - version + 1;
  }
  return steps;
}
