// writer/transaction.ts: from prepared actions to a version of the table, or to a conflict. Optimistic: data files are written
// before, and an attempt costs one log entry.
import type { Engine } from "../engine/base/engine.ts";
import type { Action, AddFile, Metadata, Protocol, SetTransaction } from "../format/action/action.ts";
import { columnMappingMode } from "../format/protocol/column-mapping.ts";
import { AlluviumError, assert } from "../format/text/error.ts";
import { version as makeVersion } from "../format/text/ids.ts";
import type { Version } from "../format/text/ids.ts";
import { dropsFeatures } from "../format/protocol/protocol-upgrade.ts";
import { rowIdHighWaterMark, rowTrackingDomain } from "../format/protocol/row-tracking.ts";
import { requireWritable } from "../format/protocol/table-feature.ts";
import { tableProperties } from "../format/property/table-property.ts";
import type { Predicate } from "../expression/tree/expression.ts";
import { canonicalPath } from "../log/state/file-key.ts";
import type { OwnCommit } from "../log/snapshot/advance-snapshot.ts";
import { tableExists } from "../log/snapshot/load-snapshot.ts";
import type { Commit } from "../log/listing/read-commit.ts";
import type { Snapshot } from "../log/state/snapshot.ts";
import { highWaterMarkAfter, keepsRowIds, withRowIds } from "./assign-row-ids.ts";
import type { AttemptFacts } from "./assign-row-ids.ts";
import { tableAfter, timeOf, withBackfilledIds } from "./behind-winner.ts";
import { asksMoreOfFiles, commitHeader, timedHeader } from "./commit-header.ts";
import type { CommitHeader } from "./commit-header.ts";
import { commitInfoOf } from "./commit-info.ts";
import type { CommitRequest } from "./commit-info.ts";
import { conflictError, findConflict, isBlindAppend, isolationFor } from "./conflict-checker.ts";
import type { LosingTransaction, TransactionReads } from "./conflict-checker.ts";
import { finishCommit } from "./finish-commit.ts";
import { publishOnce, requireLogIntact, winnerAt } from "./publish-attempt.ts";

export type { CommitRequest } from "./commit-info.ts";

/** How a commit ended. A conflict is thrown. */
export type CommitResult =
  | { readonly status: "committed"; readonly version: Version; readonly snapshot: Snapshot }
  /** The table holds this application's transaction, or a later one, already: nothing was written. */
  | { readonly status: "already-committed"; readonly version: Version; readonly transactionVersion: bigint };

/** Settings of a transaction. */
export interface TransactionOptions {
  /** How many versions it may lose before it gives up; 1000 by default. */
  readonly attemptsMax?: number;
}

/** One attempt to change a table; used once. */
export interface Transaction {
  readonly tablePath: string;
  /** What it reads from; null for a table that is being created. */
  readonly snapshot: Snapshot | null;
  /** Null for a table that is being created. */
  readonly readVersion: Version | null;
  /** Declares that the outcome depends on every row. */
  readWholeTable(): void;
  /** Declares that the outcome depends on the rows that satisfy the predicate. */
  readWhere(predicate: Predicate): void;
  /** Declares that the rows of these files were read. */
  readFiles(files: readonly AddFile[]): void;
  updateMetadata(metadata: Metadata): void;
  updateProtocol(protocol: Protocol): void;
  /** Makes the commit happen once: it is skipped when the table has this version of the application, or a later one. */
  setTransaction(appId: string, version: bigint): void;
  /**
   * Publishes. Rewrites only the log entry when other writers win versions.
   * @throws AlluviumError DELTA_CONCURRENT_*, DELTA_METADATA_CHANGED, DELTA_PROTOCOL_CHANGED, DELTA_TABLE_ALREADY_EXISTS,
   *   DELTA_CANNOT_MODIFY_APPEND_ONLY, DELTA_MAX_COMMIT_RETRIES_EXCEEDED, UNSUPPORTED_FEATURE, and IO_ERROR or DISK_FULL
   */
  commit(request: CommitRequest): Promise<CommitResult>;
}

/**
 * Begins a change of an existing table.
 * @throws AlluviumError `UNSUPPORTED_FEATURE` when this build must not write to it
 */
export function beginTransaction(engine: Engine, snapshot: Snapshot, options: TransactionOptions = {}): Transaction {
  requireWritable(snapshot.protocol, snapshot.metadata);
  return new OptimisticTransaction(engine, snapshot.tablePath, {
    snapshot,
    attemptsMax: options.attemptsMax ?? defaultAttemptsMax,
  });
}

/** Begins the creation of a table; its commit needs metadata and protocol. */
export function beginCreate(engine: Engine, tablePath: string): Transaction {
  return new OptimisticTransaction(engine, tablePath, { snapshot: null, attemptsMax: 1 });
}

const defaultAttemptsMax = 1000;

interface Setup {
  readonly snapshot: Snapshot | null;
  readonly attemptsMax: number;
}

class OptimisticTransaction implements Transaction {
  readonly tablePath: string;
  readonly snapshot: Snapshot | null;
  readonly readVersion: Version | null;
  readonly #engine: Engine;
  readonly #attemptsMax: number;
  readonly #predicates: Predicate[] = [];
  readonly #filePaths = new Set<string>();
  readonly #transactions: SetTransaction[] = [];
  #wholeTable = false;
  #metadata: Metadata | undefined;
  #protocol: Protocol | undefined;
  #isUsed = false;

  constructor(engine: Engine, tablePath: string, { snapshot, attemptsMax }: Setup) {
    this.tablePath = tablePath;
    this.snapshot = snapshot;
    this.readVersion = snapshot?.version ?? null;
    this.#engine = engine;
    this.#attemptsMax = attemptsMax;
  }

  readWholeTable(): void {
    this.#wholeTable = true;
  }

  readWhere(predicate: Predicate): void {
    this.#predicates.push(predicate);
  }

  readFiles(files: readonly AddFile[]): void {
    for (const file of files) this.#filePaths.add(canonicalPath(file.path));
  }

  updateMetadata(metadata: Metadata): void {
    this.#metadata = metadata;
  }

  updateProtocol(protocol: Protocol): void {
    this.#protocol = protocol;
  }

  setTransaction(appId: string, version: bigint): void {
    this.#transactions.push({ kind: "txn", appId, version, lastUpdatedMs: this.#engine.clock.nowMs() });
  }

  async commit(request: CommitRequest): Promise<CommitResult> {
    assert(!this.#isUsed, "a transaction commits once");
    this.#isUsed = true;
    const done = this.#alreadyCommitted();
    if (done !== null) return done;
    const prepared = await this.#prepare(request);
    const own = await this.#publish(prepared);
    const snapshot = await finishCommit(this.#engine, { tablePath: this.tablePath, before: this.snapshot, own });
    return { status: "committed", version: own.version, snapshot };
  }

  #alreadyCommitted(): CommitResult | null {
    if (this.snapshot === null) return null;
    for (const { appId, version } of this.#transactions) {
      const seen = this.snapshot.transactions.get(appId)?.version;
      if (seen !== undefined && seen >= version) {
        return { status: "already-committed", version: this.snapshot.version, transactionVersion: seen };
      }
    }
    return null;
  }

  async #prepare(request: CommitRequest): Promise<PreparedCommit> {
    const { snapshot } = this;
    const asked = { snapshot, metadata: this.#metadata, protocol: this.#protocol };
    const header = await commitHeader(asked, request.actions);
    this.#check(header, request.actions);
    const others = [...this.#transactions, ...request.actions];
    const actions = [...header.actions, ...others];
    const reads = this.#reads(actions);
    const level = tableProperties(header.metadata.configuration).isolationLevel;
    const isolation = isolationFor(actions, level);
    const txnId = this.#engine.random.uuid();
    const blind = request.isBlindAppend !== false && isBlindAppend(actions, reads);
    const facts = { readVersion: this.readVersion, isolation, isBlindAppend: blind, txnId };
    const scope = {
      schema: snapshot?.schema ?? { kind: "struct" as const, fields: [] },
      partitionColumns: snapshot?.metadata.partitionColumns ?? [],
      isMapped: snapshot !== null && columnMappingMode(snapshot.protocol, snapshot.metadata) !== "none",
    };
    return {
      txnId,
      settle: request.settle,
      loser: { tablePath: this.tablePath, reads, actions, isolation, table: header, scope },
      others,
      entry: (attempt) => {
        const nowMs = this.#engine.clock.nowMs();
        const timed = timedHeader({ ...header, ...attempt }, snapshot?.metadata ?? null, { ...attempt, nowMs });
        const { inCommitTimestampMs } = timed;
        const ownFacts = {
          timestampMs: inCommitTimestampMs ?? nowMs,
          inCommitTimestampMs,
          keepsRowIds: keepsRowIds(attempt, header),
        };
        const all = [...timed.actions, ...attempt.others];
        return [commitInfoOf(request, { ...facts, ...ownFacts }), ...withRowIds(all, attempt)];
      },
    };
  }

  #reads(actions: readonly Action[]): TransactionReads {
    const appIds = new Set(actions.flatMap((action) => (action.kind === "txn" ? [action.appId] : [])));
    return { wholeTable: this.#wholeTable, predicates: this.#predicates, filePaths: this.#filePaths, appIds };
  }

  #check({ metadata, protocol }: CommitHeader, actions: readonly Action[]): void {
    requireWritable(protocol, metadata);
    const keys = actions.flatMap((action) =>
      action.kind === "add" || action.kind === "remove" ? [`${action.kind} ${action.path}`] : [],
    );
    assert(new Set(keys).size === keys.length, "a commit adds and removes a path at most once each");
    if (!tableProperties(metadata.configuration).appendOnly) return;
    const removed = actions.find((action) => action.kind === "remove" && action.dataChange);
    if (removed?.kind !== "remove") return;
    const message = `${this.tablePath} is append-only (delta.appendOnly=true), so rows cannot be deleted, updated or overwritten; set the property to false first`;
    throw new AlluviumError("DELTA_CANNOT_MODIFY_APPEND_ONLY", { table: this.tablePath, path: removed.path }, message);
  }

  async #publish(prepared: PreparedCommit): Promise<OwnCommit> {
    if (this.snapshot === null) return this.#publishFirst(prepared);
    await requireLogIntact(this.#engine, this.snapshot);
    let version = makeVersion(this.snapshot.version + 1);
    let { table } = prepared.loser;
    let { others } = prepared;
    let previousMs = this.snapshot.timestampMs;
    let highWaterMark = rowIdHighWaterMark(this.snapshot.domains.get(rowTrackingDomain));
    for (let attempt = 1; attempt <= this.#attemptsMax; attempt += 1) {
      const { txnId } = prepared;
      const actions = prepared.entry({ ...table, others, version, highWaterMark, previousMs });
      const entry = { version, txnId, actions, settle: prepared.settle };
      const outcome = await publishOnce(this.#engine, this.tablePath, entry);
      if (outcome === "created") return { version, actions };
      for (;;) {
        const winner = await winnerAt(this.#engine, this.tablePath, version);
        if (winner === null) break;
        if (winner.actions.some((action) => action.kind === "commitInfo" && action.txnId === txnId)) return winner;
        const conflict = findConflict({ ...prepared.loser, table }, winner);
        if (conflict !== null) throw conflictError(conflict);
        this.#requireStillWritable(prepared, winner);
        table = tableAfter(table, winner);
        previousMs = timeOf(winner, table, this.tablePath);
        others = withBackfilledIds(others, winner);
        highWaterMark = highWaterMarkAfter(highWaterMark, winner.actions);
        version = makeVersion(version + 1);
      }
    }
    const message = `${this.tablePath}: other writers won ${this.#attemptsMax} versions in a row; nothing was written, try again when the table is less busy`;
    throw new AlluviumError(
      "DELTA_MAX_COMMIT_RETRIES_EXCEEDED",
      { table: this.tablePath, attempts: this.#attemptsMax },
      message,
    );
  }

  async #publishFirst(prepared: PreparedCommit): Promise<OwnCommit> {
    const first = makeVersion(0);
    // A log that was cleaned has no version 0 any more, but it is a table all the same.
    const isTaken = await tableExists(this.#engine, this.tablePath);
    const { txnId, settle, others, loser } = prepared;
    const actions = prepared.entry({ ...loser.table, others, version: first, highWaterMark: -1n, previousMs: null });
    const attempt = { version: first, txnId, actions, settle };
    if (!isTaken && (await publishOnce(this.#engine, this.tablePath, attempt)) === "created")
      return { version: first, actions };
    const message = `${this.tablePath} is a Delta table already; open it, or choose another path`;
    throw new AlluviumError("DELTA_TABLE_ALREADY_EXISTS", { table: this.tablePath }, message);
  }

  #requireStillWritable({ loser }: PreparedCommit, { version, actions }: Commit): void {
    if (this.snapshot === null) return;
    const { metadata, protocol } = this.snapshot;
    for (const action of actions) {
      if (action.kind !== "protocol") continue;
      requireWritable(action, metadata);
      const addsFiles = loser.actions.some(({ kind }) => kind === "add");
      const asksMore = addsFiles && asksMoreOfFiles(protocol, action, metadata);
      // What this operation writes may use a feature that the table no longer has.
      if (!asksMore && !dropsFeatures(protocol, action)) continue;
      const why = asksMore ? "asks for more than the files of this operation hold" : "has lost features";
      const message = `Version ${version} of ${this.tablePath} was committed first, and its protocol ${why}. Nothing was written; run the operation again on the new version.`;
      throw new AlluviumError("DELTA_PROTOCOL_CHANGED", { table: this.tablePath, winningVersion: version }, message);
    }
  }
}

interface PreparedCommit {
  readonly txnId: string;
  readonly settle: CommitRequest["settle"];
  readonly loser: LosingTransaction;
  /** All but the protocol and the metadata. */
  readonly others: readonly Action[];
  /** The log entry of one attempt. */
  entry(attempt: Attempt): readonly Action[];
}

interface Attempt extends AttemptFacts {
  /** The actions of the transaction, as far as winners have not changed what they must say. */
  readonly others: readonly Action[];
  /** The time of the version before, which that of this one is later than. */
  readonly previousMs: number | null;
}
