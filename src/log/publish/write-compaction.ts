// log/publish/write-compaction.ts: what a run of commits comes to, in one file that readers may take in their place. PROTOCOL.md, "Log Compaction Files"
// and "Action Reconciliation".
import { join } from "node:path";
import type { Engine } from "../../engine/base/engine.ts";
import type { Action } from "../../format/action/action.ts";
import { assert } from "../../format/text/error.ts";
import { version as makeVersion } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import { formatLogPath } from "../../format/action/log-path.ts";
import { fileKey } from "../state/file-key.ts";
import { logDirectory } from "../listing/list-log.ts";
import { encodeCommit } from "./publish-commit.ts";
import { readCommit } from "../listing/read-commit.ts";

/** A run of commits, both ends inclusive. */
export interface CompactedRange {
  readonly firstVersion: Version;
  readonly lastVersion: Version;
}

/** The run that is compacted after a commit, so many commits after the last one; null where it is not the time. */
export function rangeDue(version: Version, interval: number): CompactedRange | null {
  const isDue = (version + 1) % interval === 0;
  return isDue ? { firstVersion: makeVersion(version + 1 - interval), lastVersion: version } : null;
}

/**
 * Writes the compaction of a run, unless there is one. It appears whole and durable; nothing depends on it.
 * @returns false where nothing was written: there is one, a commit of the run is gone, or holds an action that this build does not know
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`, `CORRUPT_LOG`
 */
export async function writeCompaction(engine: Engine, tablePath: string, range: CompactedRange): Promise<boolean> {
  const { firstVersion, lastVersion } = range;
  assert(firstVersion < lastVersion, "a compaction stands for two commits at least");
  const path = join(logDirectory(tablePath), formatLogPath({ kind: "compaction", ...range }));
  if ((await engine.files.stat(path)) !== null) return false;
  const compaction = new Compaction();
  for (let at = firstVersion; at <= lastVersion; at = makeVersion(at + 1)) {
    const commit = await readCommit(engine, tablePath, at);
    if (commit === null || !compaction.add(commit.actions)) return false;
  }
  const actions = compaction.actions();
  // Readers take an empty file for an empty commit; nothing is gained by one.
  if (actions.length === 0) return false;
  return (await engine.files.putIfAbsent(path, encodeCommit(actions))) === "created";
}

/** Of each protocol, metadata, transaction, domain and file the newest action. Tombstones stay, of domains too: they hide what came before. */
class Compaction {
  readonly #newest = new Map<string, Action>();

  /** @returns false for an action that is not known: what becomes of it nobody can tell */
  add(actions: readonly Action[]): boolean {
    for (const action of actions) {
      if (action.kind === "unknown") return false;
      const key = keyOf(action);
      if (key === null) continue;
      this.#newest.delete(key); // the newest comes last
      this.#newest.set(key, action);
    }
    return true;
  }

  actions(): readonly Action[] {
    return [...this.#newest.values()];
  }
}

/** What an action speaks of; null for what belongs to its commit alone. */
function keyOf(action: Exclude<Action, { kind: "unknown" }>): string | null {
  switch (action.kind) {
    case "protocol":
    case "metaData":
      return action.kind;
    case "txn":
      return `txn ${action.appId}`;
    case "domainMetadata":
      return `domainMetadata ${action.domain}`;
    case "add":
    case "remove":
      return `file ${fileKey(action)}`;
    case "commitInfo":
    case "cdc":
      return null;
  }
}
