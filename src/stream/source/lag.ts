// stream/source/lag.ts: how far a source is behind the head of its table. Each commit is looked at once, a few a time.
import type { Clock } from "../../engine/base/engine.ts";
import { version } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import type { IndexedCommit, VersionFiles } from "./indexed-files.ts";
import type { LogTail } from "./log-tail.ts";
import type { DeltaSourceOffset } from "../checkpoint/offset.ts";
import type { SourceLag } from "../plan/source.ts";

/** Commits that one call may parse, so that progress stays cheap however far behind a stream is. */
const newCommitCountMax = 100;

/** What is kept of a commit: a few numbers. */
interface CommitSize {
  readonly timestampMs: number;
  readonly fileCount: number;
  readonly sizeBytes: number;
}

/** What of the table the stream reads at all. */
export interface LagScope {
  /** Whether the stream passes over a commit's files. */
  isSkipped(commit: IndexedCommit): boolean;
  readonly endingVersion: Version | null;
}

/** The initial snapshot, and its files. */
export interface PinnedFiles {
  readonly files: VersionFiles;
  /** Asked for its time by whoever needs it: a table may fail to tell, and be read all the same. */
  readonly snapshot: Pick<Snapshot, "timestampMs">;
}

/** Measures one source; remembers the sizes of the commits that are still ahead, and their sum. */
export class LagMeter {
  readonly #tail: LogTail;
  readonly #clock: Clock;
  readonly #scope: LagScope;
  /** Of the versions `#first` (inclusive) to `#next` (exclusive). */
  readonly #sizes = new Map<number, CommitSize>();
  #first = 0;
  #next = 0;
  readonly #total = { files: 0, bytes: 0 };

  constructor(tail: LogTail, clock: Clock, scope: LagScope) {
    this.#tail = tail;
    this.#clock = clock;
    this.#scope = scope;
  }

  /**
   * The lag after `consumed`; null while too many commits have not been looked at yet, or one cannot be read.
   * @param snapshot the initial snapshot while the source is still among its files
   */
  async measure(consumed: DeltaSourceOffset, snapshot: PinnedFiles | null): Promise<SourceLag | null> {
    const head = Math.min(await this.#tail.findHead(), this.#scope.endingVersion ?? Infinity);
    const first = consumed.isInitialSnapshot ? consumed.version + 1 : consumed.version;
    this.#moveTo(first);
    if (!(await this.#lookUpTo(head))) return null;
    const read = await this.#readOfCommit(consumed);
    const firstIndex = Math.max(0, consumed.index + 1);
    const oldestMs = snapshot?.snapshot.timestampMs ?? this.#sizes.get(first)?.timestampMs ?? null;
    const lastConsumedVersion = consumed.version - 1;
    return {
      lastConsumedVersion,
      versionsBehind: Math.max(0, head - lastConsumedVersion),
      filesBehind: this.#total.files - read.files + (snapshot === null ? 0 : snapshot.files.fileCount - firstIndex),
      bytesBehind: this.#total.bytes - read.bytes + (snapshot?.files.sizeBytesFrom(firstIndex) ?? 0),
      secondsBehind: oldestMs === null ? 0 : Math.max(0, this.#clock.nowMs() - oldestMs) / 1000,
    };
  }

  /** Lets `first` be the first version that counts. */
  #moveTo(first: number): void {
    const isKnown = first >= this.#first && first <= this.#next;
    for (let at = this.#first; at < (isKnown ? first : this.#next); at += 1) {
      const size = this.#sizes.get(at);
      this.#sizes.delete(at);
      this.#total.files -= size?.fileCount ?? 0;
      this.#total.bytes -= size?.sizeBytes ?? 0;
    }
    this.#first = first;
    if (!isKnown) this.#next = first;
  }

  /** Looks at the commits up to `head`, a bounded number of them; false when there are more, or one cannot be read. */
  async #lookUpTo(head: number): Promise<boolean> {
    for (let looked = 0; this.#next <= head; looked += 1) {
      if (looked === newCommitCountMax) return false;
      const commit = await this.#tail.read(version(this.#next));
      if (commit === null) return false;
      const adds = this.#scope.isSkipped(commit) ? [] : commit.adds;
      const sizeBytes = adds.reduce((sum, add) => sum + add.sizeBytes, 0);
      this.#sizes.set(this.#next, { timestampMs: commit.timestampMs, fileCount: adds.length, sizeBytes });
      this.#total.files += adds.length;
      this.#total.bytes += sizeBytes;
      this.#next += 1;
    }
    return true;
  }

  /** What was read already of a commit that was read in part. */
  async #readOfCommit(consumed: DeltaSourceOffset): Promise<{ readonly files: number; readonly bytes: number }> {
    const nothing = { files: 0, bytes: 0 };
    if (consumed.isInitialSnapshot || consumed.index < 0) return nothing;
    const commit = await this.#tail.read(consumed.version);
    if (commit === null || this.#scope.isSkipped(commit)) return nothing;
    const adds = commit.adds.slice(0, consumed.index + 1);
    return { files: adds.length, bytes: adds.reduce((sum, add) => sum + add.sizeBytes, 0) };
  }
}
