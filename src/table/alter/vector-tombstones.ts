// table/alter/vector-tombstones.ts: tombstones of their own for files of deletion vectors. A program that does not know the feature takes a
// file that no action names for garbage, while older versions still need it. As the reference implementation's DROP FEATURE.
import { relative } from "node:path";
import type { DeletionVectorDescriptor } from "../../format/action/action.ts";
import { vectorPlace } from "../../format/vector/deletion-vector.ts";
import { encodeLogPath, isInsideTable } from "../../format/value/partition-path.ts";
import { canonicalPath } from "../../log/state/file-key.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import type { TableHead } from "../rows/file-changes.ts";
import { commitOnce } from "../rows/single-commit.ts";

/** Removes, as files, the vectors of removed files that are not removed so yet. @returns the version after */
export async function removeVectorFiles({ engine, snapshot }: TableHead): Promise<Snapshot> {
  const vectors = new Map<string, string>();
  const removed = new Set<string>();
  for await (const chunk of snapshot.tombstones()) {
    for (const { path, deletionVector } of chunk) {
      if (deletionVector === undefined) removed.add(canonicalPath(path));
      const file = deletionVector && logPathOf(snapshot.tablePath, deletionVector);
      if (typeof file === "string") vectors.set(canonicalPath(file), file);
    }
  }
  const nowMs = engine.clock.nowMs();
  const actions = [...vectors]
    .filter(([key]) => !removed.has(key))
    .map(([, path]) => ({ kind: "remove" as const, path, deletionTimestampMs: nowMs, dataChange: false }));
  if (actions.length === 0) return snapshot;
  return commitOnce({ engine, snapshot }, { operation: "Deletion Vector Tombstones", actions });
}

/** The path of a vector's file; null where it has none, or none inside the table. */
function logPathOf(tablePath: string, vector: DeletionVectorDescriptor): string | null {
  const place = vectorPlace(tablePath, vector);
  if (place.kind === "inline" || !isInsideTable(tablePath, place.path)) return null;
  return encodeLogPath(relative(tablePath, place.path));
}
