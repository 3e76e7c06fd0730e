// stream/source/commit-guard.ts: what is checked of every commit before a stream reads it: protocol, schema, changes.
import type { Engine } from "../../engine/base/engine.ts";
import type { Metadata, Protocol } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { Version } from "../../format/text/ids.ts";
import { requireReadable } from "../../format/protocol/table-feature.ts";
import { loadSnapshot } from "../../log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { keepsChanges } from "../../reader/change-range.ts";
import { isCommitSkipped } from "./change-policy.ts";
import type { ChangePolicy } from "./change-policy.ts";
import type { IndexedCommit } from "./indexed-files.ts";
import { differentTable } from "../checkpoint/offset.ts";
import { checkMetadata } from "./schema-guard.ts";
import type { AnalysedTable } from "./schema-guard.ts";

/** What commits are held against. */
export interface GuardConfig {
  /** The table as the source was opened. */
  readonly snapshot: Snapshot;
  readonly analysed: AnalysedTable;
  readonly policy: ChangePolicy;
  /** Every version must have kept its changes. */
  readonly readsChanges: boolean;
  /** Changes of schema are seen to elsewhere. */
  readonly isTracked: boolean;
}

/** The stream reads changes, and the table did not keep them at `version`. */
export function changesNotKept(tablePath: string, version: Version): AlluviumError {
  const message = `version ${version} of ${tablePath} keeps no changes: delta.enableChangeDataFeed is not true there, so a stream with readChangeFeed cannot read it; start after the version that turned it on (startingVersion), with a new checkpoint location`;
  return new AlluviumError("CHANGE_DATA_NOT_ENABLED", { table: tablePath, version }, message);
}

/** Checks the commits of one source. */
export class CommitGuard {
  readonly #engine: Engine;
  readonly #config: GuardConfig;
  #isStartChecked = false;

  constructor(engine: Engine, config: GuardConfig) {
    this.#engine = engine;
    this.#config = config;
  }

  /**
   * Whether a commit is passed over.
   * @throws AlluviumError `UNSUPPORTED_FEATURE` when it asks more of readers than this build can; what `checkMetadata`
   *   and `isCommitSkipped` throw
   */
  isSkipped(commit: IndexedCommit): boolean {
    this.check(commit);
    return isCommitSkipped(commit, this.#config.policy, this.#config.analysed.tablePath);
  }

  /** Checks protocol and schema. @throws AlluviumError as `isSkipped`, but for what the commit does to rows */
  check(commit: IndexedCommit): void {
    const { snapshot } = this.#config;
    for (const upgraded of commit.protocols) {
      this.#checkReadable(upgraded, commit.metadata[0] ?? snapshot.metadata, commit.version);
    }
    for (const changed of commit.metadata) {
      if (commit.protocols.length === 0) this.#checkReadable(snapshot.protocol, changed, commit.version);
      this.#checkMetadata(changed, commit.version);
    }
  }

  /**
   * Checks once that the version at which reading begins fits the schema: its metadata may be older than any commit that
   * will be met. A version that can no longer be rebuilt is left unchecked, as in Spark.
   * @throws AlluviumError what `checkMetadata` throws
   */
  async checkStart(at: Version): Promise<void> {
    const { snapshot, isTracked } = this.#config;
    if (this.#isStartChecked || isTracked || at >= snapshot.version) return;
    const metadata = await this.#metadataAt(at);
    if (metadata !== null) this.#checkMetadata(metadata, at);
    this.#isStartChecked = true;
  }

  #checkMetadata(metadata: Metadata, at: Version): void {
    const { analysed, readsChanges, isTracked } = this.#config;
    if (!isTracked) checkMetadata(metadata, at, analysed);
    else if (metadata.id !== analysed.tableId) throw differentTable(analysed.tableId, metadata.id);
    if (readsChanges && !keepsChanges(metadata)) throw changesNotKept(analysed.tablePath, at);
  }

  async #metadataAt(at: Version): Promise<Metadata | null> {
    try {
      return (await loadSnapshot(this.#engine, this.#config.analysed.tablePath, { version: at })).metadata;
    } catch (cause) {
      if (cause instanceof AlluviumError && unbuildableCodes.has(cause.code)) return null;
      throw cause;
    }
  }

  #checkReadable(protocol: Protocol, metadata: Metadata, version: Version): void {
    try {
      requireReadable(protocol, metadata);
    } catch (cause) {
      if (!(cause instanceof AlluviumError)) throw cause;
      const { tablePath } = this.#config.analysed;
      const message = `version ${version} of ${tablePath} changes what it takes to read the table: ${cause.message}`;
      throw new AlluviumError(cause.code, { ...cause.context, table: tablePath, version }, message, { cause });
    }
  }
}

const unbuildableCodes: ReadonlySet<string> = new Set(["VERSION_NOT_FOUND", "FILE_NOT_FOUND", "CORRUPT_LOG"]);
