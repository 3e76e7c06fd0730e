// table/rows/single-commit.ts: commits that hold for one version of a table and no other: where another writer wins, they are made anew.
import type { Action, Metadata, Protocol } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { JsonObject } from "../../format/text/json.ts";
import { refreshSnapshot } from "../../log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { beginTransaction } from "../../writer/transaction.ts";
import type { TableHead } from "./file-changes.ts";

/** One commit. */
export interface SingleCommit {
  readonly operation: string;
  readonly parameters?: JsonObject;
  readonly metadata?: Metadata;
  readonly protocol?: Protocol;
  readonly actions?: readonly Action[];
}

/**
 * Commits right after the snapshot, or not at all.
 * @returns the version committed
 * @throws AlluviumError `DELTA_MAX_COMMIT_RETRIES_EXCEEDED` or a conflict when another writer was first; see `anew`
 */
export async function commitOnce({ engine, snapshot }: TableHead, commit: SingleCommit): Promise<Snapshot> {
  const { operation, parameters = {}, metadata, protocol, actions = [] } = commit;
  const transaction = beginTransaction(engine, snapshot, { attemptsMax: 1 });
  if (protocol !== undefined) transaction.updateProtocol(protocol);
  if (metadata !== undefined) transaction.updateMetadata(metadata);
  const result = await transaction.commit({ operation, parameters, actions, isBlindAppend: false });
  return result.status === "committed" ? result.snapshot : snapshot;
}

/**
 * Does a work on the newest version, again and again while other writers are first.
 * @throws AlluviumError `DELTA_FEATURE_DROP_CONFLICT_REVALIDATION_FAIL` when they are too often; what the work throws
 */
export async function anew(
  { engine, snapshot }: TableHead,
  work: (head: TableHead) => Promise<Snapshot>,
): Promise<Snapshot> {
  let newest = snapshot;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work({ engine, snapshot: newest });
    } catch (cause) {
      if (!wasSecond(cause)) throw cause;
      if (attempt === attemptsMax) throw tooBusy(snapshot.tablePath, cause);
    }
    newest = await refreshSnapshot(engine, newest);
  }
}

/** Settings to set and to remove; where nothing changes, nothing is committed. */
export interface SettingsChange {
  readonly unset?: readonly string[];
  readonly set?: Readonly<Record<string, string>>;
}

/** @returns the version after */
export async function changeSettings(head: TableHead, { unset = [], set = {} }: SettingsChange): Promise<Snapshot> {
  const { metadata } = head.snapshot;
  const names = unset.filter((name) => metadata.configuration.has(name));
  const given = Object.entries(set);
  if (names.length === 0 && given.length === 0) return head.snapshot;
  const kept = [...metadata.configuration].filter(([name]) => !names.includes(name));
  const configuration = new Map([...kept, ...given]);
  const commit =
    given.length > 0
      ? { operation: "SET TBLPROPERTIES", parameters: { properties: set } }
      : { operation: "UNSET TBLPROPERTIES", parameters: { properties: names, ifExists: true } };
  return commitOnce(head, { ...commit, metadata: { ...metadata, configuration } });
}

const attemptsMax = 20;

function wasSecond(cause: unknown): boolean {
  if (!(cause instanceof AlluviumError)) return false;
  return cause.code === "DELTA_MAX_COMMIT_RETRIES_EXCEEDED" || cause.kind === "rebase";
}

function tooBusy(tablePath: string, cause: unknown): AlluviumError {
  const message = `other writers changed ${tablePath} again and again while a feature was being dropped; what was done so far holds, the feature is still there: try again when the table is less busy`;
  return new AlluviumError("DELTA_FEATURE_DROP_CONFLICT_REVALIDATION_FAIL", { table: tablePath }, message, { cause });
}
