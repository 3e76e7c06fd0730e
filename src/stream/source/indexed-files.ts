// stream/source/indexed-files.ts: the files of a commit, or of the initial snapshot, as numbered positions.
import type {
  Action,
  AddCdcFile,
  AddFile,
  CommitInfo,
  Metadata,
  Protocol,
  RemoveFile,
} from "../../format/action/action.ts";
import { version } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import type { Commit } from "../../log/listing/read-commit.ts";
import { baseIndex } from "../checkpoint/offset.ts";
import type { DeltaSourceOffset } from "../checkpoint/offset.ts";
import { rowCountOf, sumOfRows } from "./row-count.ts";

/** What a file costs of a batch's limits. `rowCount` is null when the log does not tell. */
export interface FileCost {
  readonly sizeBytes: number;
  readonly rowCount: number | null;
}

/** Files of one version in the order in which a stream takes them; file `i` has index `i`. */
export interface VersionFiles {
  readonly version: Version;
  readonly isInitialSnapshot: boolean;
  readonly fileCount: number;
  cost(index: number): FileCost;
  /** Bytes of the files from `index` on. */
  sizeBytesFrom(index: number): number;
  /** Files `from` (inclusive) to `to` (exclusive). */
  slice(from: number, to: number): Promise<readonly AddFile[]>;
  /** They go into one batch together. */
  readonly isWhole?: boolean;
  /** No files at all: from this version on rows are read with something else. */
  readonly isChange?: boolean;
}

/** What a commit takes away. */
export interface RemovedFiles {
  readonly count: number;
  /** As the log spells it. */
  readonly firstPath: string;
  /** Null when the log does not tell. */
  readonly rowCount: number | null;
}

/** What a stream wants to know of a commit. Only actions with `dataChange` count as added or removed. */
export interface IndexedCommit {
  readonly version: Version;
  readonly fileTimestampMs: number;
  readonly timestampMs: number;
  /** Files that bring rows, in log order: the position in this list is the index. */
  readonly adds: readonly AddFile[];
  readonly removed: RemovedFiles | null;
  readonly metadata: readonly Metadata[];
  readonly protocols: readonly Protocol[];
  readonly commitInfo: CommitInfo | null;
  /** What tells of the commit's changes, in log order: cdc files alone where there are any, else what adds and removes data. */
  readonly changeFiles: readonly ChangeFile[];
}

/** An action that tells of changed rows. */
export type ChangeFile = AddFile | RemoveFile | AddCdcFile;

/** Reads a commit through for a stream. */
export function indexCommit(commit: Commit): IndexedCommit {
  const of = <K extends Action["kind"]>(kind: K): Extract<Action, { kind: K }>[] =>
    commit.actions.filter((action): action is Extract<Action, { kind: K }> => action.kind === kind);
  const removes = of("remove").filter((remove) => remove.dataChange);
  const cdcFiles = of("cdc");
  const adds = of("add").filter((add) => add.dataChange);
  const first = removes[0];
  const commitInfo = of("commitInfo")[0] ?? null;
  return {
    version: commit.version,
    fileTimestampMs: commit.fileTimestampMs,
    timestampMs: commitInfo?.inCommitTimestampMs ?? commit.fileTimestampMs,
    adds: onlyMarksRows(adds, removes) ? [] : adds,
    removed:
      first === undefined ? null : { count: removes.length, firstPath: first.path, rowCount: sumOfRows(removes) },
    metadata: of("metaData"),
    protocols: of("protocol"),
    commitInfo,
    changeFiles: cdcFiles.length > 0 ? cdcFiles : commit.actions.filter(changesData),
  };
}

/**
 * True of a commit that deletes rows by deletion vectors and does nothing else: its adds bring no new row. In a commit that does
 * more, every add keeps its position, as in Spark's offsets.
 */
function onlyMarksRows(adds: readonly AddFile[], removes: readonly RemoveFile[]): boolean {
  const before = new Map(removes.map((remove) => [remove.path, remove.deletionVector?.cardinality ?? 0]));
  return adds.every(({ path, deletionVector }) => {
    const markedBefore = before.get(path);
    return markedBefore !== undefined && deletionVector !== undefined && deletionVector.cardinality >= markedBefore;
  });
}

function changesData(action: Action): action is AddFile | RemoveFile {
  return (action.kind === "add" || action.kind === "remove") && action.dataChange;
}

/** The files a stream reads of a commit: its adds, or none when the commit is skipped. */
export function filesOfCommit(commit: IndexedCommit, isSkipped: boolean): VersionFiles {
  const adds = isSkipped ? [] : commit.adds;
  return {
    version: commit.version,
    isInitialSnapshot: false,
    fileCount: adds.length,
    cost: (index) => costOf(adds[index]),
    sizeBytesFrom: (index) => adds.slice(index).reduce((sum, add) => sum + add.sizeBytes, 0),
    slice: async (from, to) => adds.slice(from, to),
  };
}

/** What a file costs; an absent one costs nothing. Statistics are only parsed when the rows are asked for. */
export function costOf(add: AddFile | undefined): FileCost {
  if (add === undefined) return { sizeBytes: 0, rowCount: 0 };
  return {
    sizeBytes: add.sizeBytes,
    get rowCount() {
      return rowCountOf(add);
    },
  };
}

/**
 * The offset after the first `fileCount` files of a version. A version that is wholly taken is spelled as the position
 * before the next one, which is a commit whether or not it exists yet.
 */
export function offsetAfter(tableId: string, files: VersionFiles, fileCount: number): DeltaSourceOffset {
  if (fileCount >= files.fileCount) {
    return { tableId, version: version(files.version + 1), index: baseIndex, isInitialSnapshot: false };
  }
  const index = fileCount === 0 ? baseIndex : fileCount - 1;
  return { tableId, version: files.version, index, isInitialSnapshot: files.isInitialSnapshot };
}

/** Stands before the files of a version from which on rows are read with something else. */
export function changeBarrier(at: Version): VersionFiles {
  return {
    version: at,
    isInitialSnapshot: false,
    isChange: true,
    fileCount: 0,
    cost: () => costOf(undefined),
    sizeBytesFrom: () => 0,
    slice: () => Promise.resolve([]),
  };
}
