// stream/source/delta-source.ts: a Delta table as the source of a stream: first the table as it was when the stream began, or
// from a given version on; then its commits, in order, in batches of bounded size.
import type { Engine } from "../../engine/base/engine.ts";
import type { AddFile } from "../../format/action/action.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import { version } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import type { ChangeCommit } from "../../reader/change-commits.ts";
import { changeSchema } from "../../reader/change-data-feed.ts";
import { changedFiles, changesOf } from "./changed-files.ts";
import { CommitGuard } from "./commit-guard.ts";
import { trailingCommitMissing } from "./data-loss.ts";
import { changeBarrier, filesOfCommit, offsetAfter } from "./indexed-files.ts";
import type { IndexedCommit, VersionFiles } from "./indexed-files.ts";
import { indexSnapshot, loadPinnedSnapshot } from "./initial-snapshot.ts";
import { LagMeter } from "./lag.ts";
import type { PinnedFiles } from "./lag.ts";
import type { LogTail } from "./log-tail.ts";
import type { MetadataTracker } from "./metadata-tracker.ts";
import {
  afterChangeIndex,
  backwardStep,
  baseIndex,
  changeIndex,
  compareOffsets,
  formatOffset,
  parseOffset,
} from "../checkpoint/offset.ts";
import type { DeltaSourceOffset } from "../checkpoint/offset.ts";
import { readLimit, startAdmission } from "./read-limit.ts";
import type { AnalysedTable } from "./schema-guard.ts";
import type { DeltaSourceOptions } from "./source-options.ts";
import type { Admission, BatchFiles, OffsetJson, Source, SourceLag } from "../plan/source.ts";
import { resolveStart } from "./start-position.ts";
import type { StartPosition } from "./start-position.ts";

/** What a source is made of; see `openDeltaSource`. */
export interface DeltaSourceParts {
  /** The table as it was when the source was opened. */
  readonly snapshot: Snapshot;
  readonly options: DeltaSourceOptions;
  readonly analysed: AnalysedTable;
  readonly tail: LogTail;
  /** Null without `schemaTrackingLocation`. */
  readonly tracker: MetadataTracker | null;
}

/** A table as a source. */
export class DeltaSource implements Source {
  readonly description: string;
  readonly schema: StructType;
  readonly #engine: Engine;
  readonly #options: DeltaSourceOptions;
  readonly #analysed: AnalysedTable;
  readonly #snapshot: Snapshot;
  readonly #tail: LogTail;
  readonly #guard: CommitGuard;
  readonly #lag: LagMeter;
  readonly #tracker: MetadataTracker | null;
  /** The first version that is not read any more: after `endingVersion`, or after the end of an availableNow run. */
  #before: number;
  #start: StartPosition | null = null;
  #pinned: PinnedFiles | null = null;

  constructor(engine: Engine, { snapshot, options, analysed, tail, tracker }: DeltaSourceParts) {
    this.description = `DeltaSource[file:${analysed.tablePath}]`;
    this.schema = options.readChangeFeed ? changeSchema(analysed.schema) : analysed.schema;
    this.#engine = engine;
    this.#options = options;
    this.#analysed = analysed;
    this.#snapshot = snapshot;
    this.#tail = tail;
    this.#tracker = tracker;
    this.#guard = new CommitGuard(engine, {
      snapshot,
      analysed,
      policy: options,
      readsChanges: options.readChangeFeed,
      isTracked: tracker !== null,
    });
    this.#before = options.endingVersion === null ? Infinity : options.endingVersion + 1;
    const isSkipped = (commit: IndexedCommit): boolean =>
      !options.readChangeFeed && options.skipChangeCommits && commit.removed !== null;
    this.#lag = new LagMeter(tail, engine.clock, { isSkipped, endingVersion: options.endingVersion });
  }

  async fixEnd(start: OffsetJson | null): Promise<void> {
    // A stream that begins at "latest" settles where that is before its end is fixed.
    if (start === null) await this.#freshStart();
    this.#before = Math.min(this.#before, (await this.#tail.findHead()) + 1);
  }

  async latestOffset(start: OffsetJson | null, admission: Admission): Promise<OffsetJson | null> {
    const from = start === null ? await this.#freshStart() : this.#parse(start);
    await this.#tracker?.begin(from.version - (start !== null && isBeforeCommit(from) ? 1 : 0));
    if (isAtChange(from)) {
      await this.#evolveAt(from); // the process died between the batch and its record
      if (from.index === changeIndex) return formatOffset({ ...from, index: afterChangeIndex });
    }
    // Put down at once, so that the first start decides for ever what "latest" means.
    if (start === null && this.#options.startingVersion === "latest") return formatOffset(from);
    const end = await this.#findEnd(from, admission);
    if (end === null) return start;
    const wrong = backwardStep(from, end);
    assert(wrong === null, `the next offset is before the last one: ${wrong}`);
    return formatOffset(end);
  }

  async getBatch(start: OffsetJson | null, end: OffsetJson): Promise<BatchFiles> {
    const to = this.#parse(end);
    const from = start === null ? await this.#startOfFirstBatch(to) : this.#parse(start);
    const wrong = backwardStep(from, to);
    if (wrong !== null) throw offsetsGoBack(this.#analysed.tablePath, wrong);
    await this.#tracker?.beginWithin(this.#tail, from.version, to.version - (isBeforeCommit(to) ? 1 : 0));
    const parts = compareOffsets(from, to) === 0 ? [] : await this.#collect(from, to);
    const { tablePath, partitionColumns, columnMapping } = this.#analysed;
    const files = parts.flatMap((part) => part.files);
    const batch = { tablePath, schema: this.schema, partitionColumns, columnMapping, files };
    return this.#options.readChangeFeed ? { ...batch, changes: parts.map((part) => part.changes()) } : batch;
  }

  async commit(end: OffsetJson): Promise<void> {
    const offset = this.#parse(end);
    this.#tail.forgetBefore(offset.version);
    if (!offset.isInitialSnapshot) this.#pinned = null;
    if (isAtChange(offset)) await this.#evolveAt(offset);
  }

  async lag(consumed: OffsetJson | null): Promise<SourceLag | null> {
    if (consumed === null) return null;
    const offset = this.#parse(consumed);
    const pinned = offset.isInitialSnapshot ? await this.#loadPinned(offset.version) : null;
    return this.#lag.measure(offset, pinned);
  }

  watch(onNews: () => void): Disposable {
    return this.#engine.signals.watch(this.#analysed.tablePath, onNews);
  }

  equals(a: OffsetJson | null, b: OffsetJson | null): boolean {
    if (a === null || b === null) return a === b;
    const [first, second] = [this.#parse(a), this.#parse(b)];
    return compareOffsets(first, second) === 0 && first.isInitialSnapshot === second.isInitialSnapshot;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#tail.forgetBefore(version(Number.MAX_SAFE_INTEGER));
    this.#pinned = null;
  }

  #parse(json: OffsetJson): DeltaSourceOffset {
    return parseOffset(json, this.#analysed.tableId);
  }

  async #freshStart(): Promise<DeltaSourceOffset> {
    this.#start ??= await resolveStart({
      engine: this.#engine,
      tablePath: this.#analysed.tablePath,
      options: this.#options,
      pinnedVersion: this.#snapshot.version,
      findHead: () => this.#tail.findHead(),
    });
    return { tableId: this.#analysed.tableId, index: baseIndex, ...this.#start };
  }

  /**
   * Where the first batch of all begins, told by its end alone. Without a starting option it is a snapshot, as in Spark,
   * and an end inside or after later commits makes it the snapshot right before that end: other than the one the end was
   * found from, maybe, but the same whenever it is asked for.
   */
  async #startOfFirstBatch(end: DeltaSourceOffset): Promise<DeltaSourceOffset> {
    // The first batch of a stream from "latest" on is empty: it only puts down where that was.
    if (this.#options.startingVersion === "latest") return end;
    if (this.#analysed.hasStartingOption) return this.#freshStart();
    const at = end.isInitialSnapshot ? end.version : end.version - 1;
    if (at < 0) throw offsetsGoBack(this.#analysed.tablePath, "the first batch ends before version 0");
    return { tableId: end.tableId, version: version(at), index: baseIndex, isInitialSnapshot: true };
  }

  /** The end of a batch that begins after `from`; null when there is nothing new. */
  async #findEnd(from: DeltaSourceOffset, admission: Admission): Promise<DeltaSourceOffset | null> {
    const budget = startAdmission(readLimit(this.#options, admission));
    let end: DeltaSourceOffset | null = null;
    for await (const files of this.#versions(from, this.#before)) {
      if (files.isChange === true) {
        end = { tableId: from.tableId, version: files.version, index: changeIndex, isInitialSnapshot: false };
        break;
      }
      const first = firstIndex(files, from);
      const taken = budget.take(files, first);
      if (first + taken > 0 || files.fileCount === 0) end = offsetAfter(from.tableId, files, first + taken);
      else if (end !== null) end = offsetAfter(from.tableId, files, 0);
      if (first + taken < files.fileCount) break;
    }
    if (end !== null) await this.#guard.checkStart(from.version);
    return end;
  }

  /** The files after `from` up to and including `to`, version by version. */
  async #collect(from: DeltaSourceOffset, to: DeltaSourceOffset): Promise<readonly VersionPart[]> {
    await this.#guard.checkStart(from.version);
    const excluded = this.#options.excludeRegex;
    const { partitionColumns } = this.#analysed;
    const lastExpected = to.index >= 0 ? to.version : to.version - 1;
    const found: VersionPart[] = [];
    let lastSeen = from.version - 1;
    for await (const files of this.#versions(from, lastExpected + 1)) {
      lastSeen = files.version;
      const isLast = files.version === to.version && files.isInitialSnapshot === to.isInitialSnapshot;
      const last = isLast ? Math.min(to.index + 1, files.fileCount) : files.fileCount;
      const range = { from: firstIndex(files, from), to: last };
      const slice = await files.slice(range.from, range.to);
      const isWanted = ({ path }: { readonly path: string }): boolean => excluded === null || !excluded.test(path);
      const changes = (): ChangeCommit => changesOf(files, { ...range, partitionColumns, isWanted, files: slice });
      if (slice.length > 0) found.push({ files: slice.filter(isWanted), changes });
    }
    if (lastSeen < lastExpected && this.#options.failOnDataLoss) {
      throw trailingCommitMissing(this.#analysed.tablePath, version(lastExpected), lastSeen);
    }
    return found;
  }

  /** The versions from that of `from` on, checked, as files. */
  async *#versions(from: DeltaSourceOffset, before: number): AsyncGenerator<VersionFiles, void> {
    let next = from.version;
    if (from.isInitialSnapshot) {
      if (next < before) yield (await this.#loadPinned(next)).files;
      next = version(next + 1);
    }
    for await (const commit of this.#tail.walk({ from: next, before })) {
      if (this.#tracker?.isChange(commit) === true) {
        yield changeBarrier(commit.version);
        return;
      }
      if (!this.#options.readChangeFeed) yield filesOfCommit(commit, this.#guard.isSkipped(commit));
      else {
        this.#guard.check(commit);
        yield changedFiles(commit);
      }
    }
  }

  /** @throws AlluviumError `DELTA_STREAMING_METADATA_EVOLUTION` where the change at an offset is not yet on record */
  async #evolveAt({ version: at }: DeltaSourceOffset): Promise<void> {
    const commit = await this.#tail.read(at);
    if (commit !== null) await this.#tracker?.evolve(commit);
  }

  async #loadPinned(at: Version): Promise<PinnedFiles> {
    if (this.#pinned?.files.version === at) return this.#pinned;
    const isOpened = this.#snapshot.version === at;
    const snapshot = isOpened ? this.#snapshot : await loadPinnedSnapshot(this.#engine, this.#analysed.tablePath, at);
    // The log may have begun before the snapshot that a stream begins with was chosen for good.
    const { version: pinned, metadata, protocol } = snapshot;
    await this.#tracker?.evolve({ version: pinned, metadata: [metadata], protocols: [protocol] }, true);
    const indexed = await indexSnapshot(snapshot, this.#options.maxRowsPerTrigger !== null);
    const files = this.#options.readChangeFeed ? { ...indexed, timestampMs: snapshot.timestampMs } : indexed;
    this.#pinned = { files, snapshot };
    return this.#pinned;
  }
}

/** What a batch takes of one version. */
interface VersionPart {
  readonly files: readonly AddFile[];
  changes(): ChangeCommit;
}

const isAtChange = ({ index }: DeltaSourceOffset): boolean => index === changeIndex || index === afterChangeIndex;

/** True where nothing of the commit that an offset names was read. */
const isBeforeCommit = ({ index, isInitialSnapshot }: DeltaSourceOffset): boolean => index < 0 && !isInitialSnapshot;

/** Index of the first file of a version that comes after `from`. */
function firstIndex(files: VersionFiles, from: DeltaSourceOffset): number {
  return files.version === from.version ? Math.min(Math.max(0, from.index + 1), files.fileCount) : 0;
}

function offsetsGoBack(tablePath: string, why: string): AlluviumError {
  const message = `the checkpoint's offsets of ${tablePath} go backwards (${why}): the checkpoint is damaged or was edited, or the starting options were changed while a batch was pending`;
  return new AlluviumError("STREAMING_CHECKPOINT_CORRUPT", { table: tablePath }, message);
}
