// stream/source/log-tail.ts: a table's commits, one after the other as they come. Looking for a new one costs a few stats and
// never lists the folder; commits of the range that is being processed are parsed once.
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { version } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import { listLog, logDirectory } from "../../log/listing/list-log.ts";
import { loadSnapshot } from "../../log/snapshot/load-snapshot.ts";
import { commitPath, readCommit } from "../../log/listing/read-commit.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { missingCommit, trailingCommitMissing } from "./data-loss.ts";
import { indexCommit } from "./indexed-files.ts";
import type { IndexedCommit } from "./indexed-files.ts";
import { differentTable } from "../checkpoint/offset.ts";

/** Up to so many added files are kept parsed; the earliest ones, for they are needed again first. */
const cachedFileCountMax = 20_000;
const cachedCommitCountMax = 2_000;

/** Directory times are not finer than this: what changed so recently may change again without a trace. */
const directoryTimeGrainMs = 2_000;

/** A commit file and its time on disk; null when the file is gone already. */
interface CommitFileTime {
  readonly version: Version;
  readonly modificationTimeMs: number | null;
}

/** Which commits to walk through. */
export interface WalkRange {
  readonly from: Version;
  /** Exclusive; `Infinity` is the end of the log. */
  readonly before: number;
}

/** The log of one table, followed from the version at which its snapshot was loaded. */
export class LogTail {
  readonly #engine: Engine;
  readonly #tablePath: string;
  readonly #tableId: string;
  readonly #failOnDataLoss: boolean;
  readonly #cache = new Map<Version, IndexedCommit>();
  #cachedFileCount = 0;
  /** Highest version known to exist. */
  #head: Version;
  /** The newest commit file that was seen: it vouches that the next one belongs to the same table. */
  #newest: CommitFileTime;
  /** When the folder was last listed without finding anything, by the folder's own time. */
  #listedAtMs: number | null = null;

  private constructor(engine: Engine, snapshot: Snapshot, start: { failOnDataLoss: boolean; newest: CommitFileTime }) {
    this.#engine = engine;
    this.#tablePath = snapshot.tablePath;
    this.#tableId = snapshot.metadata.id;
    this.#failOnDataLoss = start.failOnDataLoss;
    this.#head = snapshot.version;
    this.#newest = start.newest;
  }

  /** Begins at a snapshot, which must be the table's latest. */
  static async open(engine: Engine, snapshot: Snapshot, failOnDataLoss: boolean): Promise<LogTail> {
    const file = await engine.files.stat(commitPath(snapshot.tablePath, snapshot.version));
    const newest = { version: snapshot.version, modificationTimeMs: file?.modificationTimeMs ?? null };
    return new LogTail(engine, snapshot, { failOnDataLoss, newest });
  }

  /** Looks for commits after the ones that are known. Returns the latest version. */
  async findHead(): Promise<Version> {
    let next = version(this.#head + 1);
    while ((await this.#stat(next)) !== null) {
      this.#head = next;
      next = version(next + 1);
    }
    return this.#head;
  }

  /**
   * The commits of a range, ascending, up to where the log ends.
   * @throws AlluviumError `DELTA_MISSING_FILES_UNEXPECTED_VERSION` at a commit that is gone, unless data may be lost;
   *   `DELTA_STREAMING_TRAILING_COMMIT_MISSING` when the log ends before versions that were there;
   *   `DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE` when another table took the place; what `readCommit` throws
   */
  async *walk({ from, before }: WalkRange): AsyncGenerator<IndexedCommit, void> {
    for (let wanted = from; wanted < before;) {
      const commit = (await this.read(wanted)) ?? (await this.#findAfterGap(wanted, before));
      if (commit === null) return;
      yield commit;
      wanted = version(commit.version + 1);
    }
  }

  /** One commit, or null when it is not there. */
  async read(wanted: Version): Promise<IndexedCommit | null> {
    const cached = this.#cache.get(wanted);
    if (cached !== undefined) return cached;
    const commit = await readCommit(this.#engine, this.#tablePath, wanted);
    if (commit === null) return null;
    await this.#checkSameTable(wanted);
    const indexed = indexCommit(commit);
    this.#keep(indexed);
    if (wanted >= this.#newest.version) this.#newest = { version: wanted, modificationTimeMs: commit.fileTimestampMs };
    if (wanted > this.#head) this.#head = wanted;
    return indexed;
  }

  /** Forgets commits that no batch will ask for again. */
  forgetBefore(needed: Version): void {
    for (const [at, commit] of this.#cache) {
      if (at >= needed) continue;
      this.#cache.delete(at);
      this.#cachedFileCount -= commit.adds.length;
    }
  }

  #keep(commit: IndexedCommit): void {
    const fileCount = this.#cachedFileCount + commit.adds.length;
    if (this.#cache.size >= cachedCommitCountMax || fileCount > cachedFileCountMax) return;
    this.#cache.set(commit.version, commit);
    this.#cachedFileCount = fileCount;
  }

  #stat(at: Version): ReturnType<Engine["files"]["stat"]> {
    return this.#engine.files.stat(commitPath(this.#tablePath, at));
  }

  /** A folder that was removed and filled again shows by the commit before the new one, which then is another file. */
  async #checkSameTable(found: Version): Promise<void> {
    const { version: newest, modificationTimeMs } = this.#newest;
    if (newest !== found - 1) return;
    const before = await this.#stat(newest);
    if ((before?.modificationTimeMs ?? null) !== modificationTimeMs) await this.#checkTableId();
  }

  async #checkTableId(): Promise<void> {
    const id = await this.#loadTableId();
    if (id !== null && id !== this.#tableId) throw differentTable(this.#tableId, id);
  }

  /** The id of the table that is there now; null when a hole in its log hides it. */
  async #loadTableId(): Promise<string | null> {
    try {
      return (await loadSnapshot(this.#engine, this.#tablePath)).metadata.id;
    } catch (cause) {
      if (cause instanceof AlluviumError && cause.code === "CORRUPT_LOG") return null;
      throw cause;
    }
  }

  /** A commit is not there: either the log ends before it (null), or later ones are there and something was lost. */
  async #findAfterGap(wanted: Version, before: number): Promise<IndexedCommit | null> {
    if (wanted > this.#head && (await this.#isEndOfLog(wanted))) return null;
    const listedAtMs = await this.#directoryTimeMs();
    const { commits, latestVersion } = await listLog(this.#engine, this.#tablePath);
    const later = commits.find((commit) => commit >= wanted);
    if (later === undefined) {
      if (await this.#mayGoOnLater(wanted, latestVersion ?? -1)) this.#listedAtMs = listedAtMs;
      return null;
    }
    // It may have been published since it was looked for.
    if (later === wanted) return this.read(wanted);
    await this.#checkTableId();
    if (!this.#failOnDataLoss) return later < before ? this.read(later) : null;
    throw missingCommit(this.#tablePath, wanted, later);
  }

  /**
   * Whether the log plainly ends before `wanted`. A cleaning removes the oldest commits first, so the commit before
   * `wanted` vouches for there being no gap; without it, a folder that has not changed since it was listed does.
   */
  async #isEndOfLog(wanted: Version): Promise<boolean> {
    const hasBefore = wanted > 0 && (await this.#stat(version(wanted - 1))) !== null;
    if (hasBefore) return (await this.#stat(version(wanted + 1))) === null;
    return this.#listedAtMs !== null && this.#listedAtMs === (await this.#directoryTimeMs());
  }

  /** No commit from `wanted` on is there. That is fine when `wanted` is the next one to come, or losses are. */
  async #mayGoOnLater(wanted: Version, latest: number): Promise<boolean> {
    if (latest === wanted - 1 && wanted > this.#head) return true;
    await this.#checkTableId();
    // A checkpoint may speak of versions whose commits were all cleaned up.
    if (latest < wanted) {
      const expected = wanted <= this.#head ? wanted : version(wanted - 1);
      throw trailingCommitMissing(this.#tablePath, expected, latest);
    }
    if (this.#failOnDataLoss) throw missingCommit(this.#tablePath, wanted, version(latest + 1));
    return true;
  }

  /** When the log folder last changed; null when that is too recent to be sure of, or the folder is gone. */
  async #directoryTimeMs(): Promise<number | null> {
    const folder = await this.#engine.files.stat(logDirectory(this.#tablePath));
    if (folder === null) return null;
    const isSettled = this.#engine.clock.nowMs() - folder.modificationTimeMs > directoryTimeGrainMs;
    return isSettled ? folder.modificationTimeMs : null;
  }
}
