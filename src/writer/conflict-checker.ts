// writer/conflict-checker.ts: may a transaction still commit after another writer won a version? Pure.
// The rules are Delta's, which PROTOCOL.md leaves to the writer.
import { partitionVerdict } from "../expression/predicate/evaluate.ts";
import type { Predicate, PredicateScope } from "../expression/tree/expression.ts";
import type { Action, AddFile, RemoveFile } from "../format/action/action.ts";
import type { ErrorCode, ErrorContext } from "../format/text/error.ts";
import { AlluviumError } from "../format/text/error.ts";
import type { TrackedTable } from "../format/protocol/row-tracking.ts";
import type { IsolationLevel } from "../format/property/table-property.ts";
import { canonicalPath } from "../log/state/file-key.ts";
import type { Commit } from "../log/listing/read-commit.ts";
import { infoOf, isRowIdBackfill, tableAfter } from "./behind-winner.ts";
import { isHarmless, movesIdentityMarksOnly } from "./tolerated-metadata.ts";

/** The table's level, or SnapshotIsolation for a commit that only rearranges rows. */
export type CommitIsolation = IsolationLevel | "SnapshotIsolation";

/** What a transaction has seen of the table. */
export interface TransactionReads {
  readonly wholeTable: boolean;
  readonly predicates: readonly Predicate[];
  /** Canonical paths of the files whose rows were read. */
  readonly filePaths: ReadonlySet<string>;
  readonly appIds: ReadonlySet<string>;
}

/** A transaction that lost a version. */
export interface LosingTransaction {
  readonly tablePath: string;
  readonly reads: TransactionReads;
  readonly actions: readonly Action[];
  readonly isolation: CommitIsolation;
  /** As it is before the winner: that of the snapshot, or of an earlier winner. */
  readonly table: TrackedTable;
  /** Of the snapshot that was read. */
  readonly scope: PredicateScope;
}

/** Why a transaction cannot be rebased. `winner` is the version that stands in its way. */
export interface Conflict {
  readonly code: ErrorCode;
  readonly message: string;
  readonly context: ErrorContext;
}

/**
 * Decides about one winning commit.
 * @returns null when the transaction may try the next version
 */
export function findConflict(loser: LosingTransaction, winner: Commit): Conflict | null {
  for (const rule of rules) {
    const found = rule(loser, winner);
    if (found === null) continue;
    const info = infoOf(winner);
    const context = {
      table: loser.tablePath,
      winningVersion: winner.version,
      winningOperation: info?.operation,
      ...found.context,
    };
    const by = `Version ${winner.version} of ${loser.tablePath}${info?.operation === undefined ? "" : ` (${info.operation})`}`;
    return {
      code: found.code,
      context,
      message: `${by} was committed first, and ${found.why}. ${found.advice ?? retryAdvice}`,
    };
  }
  return null;
}

/** The error that tells of a conflict. */
export function conflictError(conflict: Conflict): AlluviumError {
  return new AlluviumError(conflict.code, conflict.context, conflict.message);
}

/**
 * The isolation that a commit needs: one that changes no rows, and is nothing but file actions, cannot disturb anybody's reads.
 */
export function isolationFor(actions: readonly Action[], level: IsolationLevel): CommitIsolation {
  const onlyRearranges = actions.every((action) => isFileAction(action) && !action.dataChange);
  return onlyRearranges ? "SnapshotIsolation" : level;
}

/** True when rows are only added, and without a look at the table. */
export function isBlindAppend(actions: readonly Action[], reads: TransactionReads): boolean {
  const readsNothing = !reads.wholeTable && reads.predicates.length === 0 && reads.filePaths.size === 0;
  return readsNothing && actions.every((action) => !isFileAction(action) || action.kind === "add");
}

interface Finding {
  readonly code: ErrorCode;
  readonly why: string;
  readonly advice?: string;
  readonly context?: ErrorContext;
}

type Rule = (loser: LosingTransaction, winner: Commit) => Finding | null;

const retryAdvice = "Nothing was written; run the operation again on the new version.";

const rules: readonly Rule[] = [
  protocolRule,
  metadataRule,
  domainRule,
  transactionRule,
  appendRule,
  deleteReadRule,
  deleteDeleteRule,
];

// That the winner's protocol can still be written is checked by the transaction: it needs the features of this build.
function protocolRule(loser: LosingTransaction, winner: Commit): Finding | null {
  const isBoth = hasKind(winner.actions, "protocol") && hasKind(loser.actions, "protocol");
  return isBoth
    ? { code: "DELTA_PROTOCOL_CHANGED", why: "it changed the protocol, which this operation would change too" }
    : null;
}

function metadataRule(loser: LosingTransaction, winner: Commit): Finding | null {
  if (!hasKind(winner.actions, "metaData")) return null;
  const before = loser.table.metadata;
  const { protocol, metadata: after } = tableAfter(loser.table, winner);
  const isTolerated = movesIdentityMarksOnly(infoOf(winner)) || isHarmless({ protocol, before, after });
  if (isTolerated && !hasKind(loser.actions, "metaData")) return null;
  return {
    code: "DELTA_METADATA_CHANGED",
    why: "it changed the table's metadata (its schema, partition columns or properties)",
  };
}

function domainRule(loser: LosingTransaction, winner: Commit): Finding | null {
  const domains = new Set(
    winner.actions.flatMap((action) => (action.kind === "domainMetadata" ? [action.domain] : [])),
  );
  const both = loser.actions.find((action) => action.kind === "domainMetadata" && domains.has(action.domain));
  if (both?.kind !== "domainMetadata") return null;
  return {
    code: "DELTA_CONCURRENT_TRANSACTION",
    why: `it set the metadata domain ${both.domain}, which this operation sets too`,
    context: { domain: both.domain },
  };
}

function transactionRule(loser: LosingTransaction, winner: Commit): Finding | null {
  const both = winner.actions.find((action) => action.kind === "txn" && loser.reads.appIds.has(action.appId));
  if (both?.kind !== "txn") return null;
  const advice =
    "Two writers use one application id: let one query write to the table at a time, then run the batch again.";
  return {
    code: "DELTA_CONCURRENT_TRANSACTION",
    why: `it carries a transaction of the same application ${both.appId}`,
    advice,
    context: { appId: both.appId },
  };
}

function appendRule(loser: LosingTransaction, winner: Commit): Finding | null {
  if (loser.isolation === "SnapshotIsolation" || isRowIdBackfill(winner)) return null;
  const isBlind = winner.actions.some((action) => action.kind === "commitInfo" && action.isBlindAppend === true);
  // Under WriteSerializable a blind append may be thought of as coming after, unless this transaction changes what a row means.
  if (isBlind && loser.isolation === "WriteSerializable" && !hasKind(loser.actions, "metaData")) return null;
  const added = winner.actions.find(
    (action): action is AddFile => action.kind === "add" && mayHaveBeenRead(loser, action),
  );
  if (added === undefined) return null;
  const partition = describePartition(added.partitionValues);
  return {
    code: "DELTA_CONCURRENT_APPEND",
    why: `it added files to ${partition}, which this operation has read`,
    context: { path: added.path, partition },
  };
}

function deleteReadRule(loser: LosingTransaction, winner: Commit): Finding | null {
  const { filePaths, wholeTable } = loser.reads;
  const removed = removesOf(winner.actions).find((remove) => wholeTable || filePaths.has(canonicalPath(remove.path)));
  if (removed === undefined) return null;
  return {
    code: "DELTA_CONCURRENT_DELETE_READ",
    why: `it removed ${removed.path}, which this operation has read`,
    context: { path: removed.path },
  };
}

function deleteDeleteRule(loser: LosingTransaction, winner: Commit): Finding | null {
  const ours = new Set(removesOf(loser.actions).map((remove) => canonicalPath(remove.path)));
  const removed = removesOf(winner.actions).find((remove) => ours.has(canonicalPath(remove.path)));
  if (removed === undefined) return null;
  return {
    code: "DELTA_CONCURRENT_DELETE_DELETE",
    why: `it removed ${removed.path}, which this operation removes too`,
    context: { path: removed.path },
  };
}

function mayHaveBeenRead({ reads, scope }: LosingTransaction, add: AddFile): boolean {
  if (reads.wholeTable) return true;
  return reads.predicates.some(
    (predicate) => partitionVerdict(predicate.expression, add.partitionValues, scope) !== "none",
  );
}

function describePartition(values: AddFile["partitionValues"]): string {
  if (values.size === 0) return "the table";
  return `the partition [${Array.from(values, ([name, value]) => `${name}=${value ?? "null"}`).join(", ")}]`;
}

function removesOf(actions: readonly Action[]): readonly RemoveFile[] {
  return actions.filter((action): action is RemoveFile => action.kind === "remove");
}

function hasKind(actions: readonly Action[], kind: Action["kind"]): boolean {
  return actions.some((action) => action.kind === kind);
}

function isFileAction(action: Action): action is Extract<Action, { readonly dataChange: boolean }> {
  return action.kind === "add" || action.kind === "remove" || action.kind === "cdc";
}
