// log/publish/write-classic-checkpoint.ts: a classic checkpoint in one file, or in as many parts as its size asks for.
// PROTOCOL.md, "Multi-part checkpoint".
import { basename, join } from "node:path";
import type { Engine } from "../../engine/base/engine.ts";
import { stagedPrefix } from "../../engine/files/local-file-store.ts";
import type { Action } from "../../format/action/action.ts";
import type { LastCheckpoint } from "../../format/action/last-checkpoint.ts";
import { formatLogPath, parseLogPath } from "../../format/action/log-path.ts";
import type { Version } from "../../format/text/ids.ts";
import { hashPartition } from "../../format/text/spark-hash.ts";
import { checkpointColumns } from "../checkpoint/checkpoint-columns.ts";
import type { CheckpointColumns } from "../checkpoint/checkpoint-columns.ts";
import { CheckpointFile, addFileActions, headerActionsOf, keptTombstones } from "./checkpoint-table.ts";
import type { CheckpointRows, FileWriter } from "./checkpoint-table.ts";
import type { CheckpointPart } from "../checkpoint/checkpoint-part.ts";
import { copiedCheckpoint, countActions, dealRows, requireAll, unlessUnfit } from "./copied-checkpoint.ts";
import type { CopiedCheckpoint } from "./copied-checkpoint.ts";
import { groupSources, noneHeld, restSql } from "./held-groups.ts";
import { copyKept } from "./kept-checkpoint.ts";
import type { CheckpointCounts } from "./kept-checkpoint.ts";
import { logDirectory } from "../listing/list-log.ts";
import type { Snapshot } from "../state/snapshot.ts";

/**
 * Writes all parts under hidden names, then gives them theirs: until the last has its own, readers pass over all of them.
 * @param partSize file actions in one part, about; null: all in one file
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`
 */
export async function writeClassicCheckpoint(
  engine: Engine,
  snapshot: Snapshot,
  partSize: number | null,
): Promise<LastCheckpoint> {
  const directory = logDirectory(snapshot.tablePath);
  const nowMs = engine.clock.nowMs();
  const partCount = partSize === null ? 1 : await countParts(snapshot, partSize, nowMs);
  const staged = Array.from({ length: partCount }, () =>
    join(directory, `${stagedPrefix}${engine.random.uuid()}.parquet`),
  );
  try {
    const [only = ""] = staged;
    const kept = partCount === 1 ? await copyKept(engine, snapshot, only) : null;
    const copied = kept ?? (await unlessUnfit(() => copyColumns(engine, snapshot, staged)));
    const { rowCount: size, addCount: numOfAddFiles } = copied ?? (await copyInChunks(engine, snapshot, staged));
    let sizeBytes = 0;
    for (const path of staged) sizeBytes += (await engine.files.stat(path))?.sizeBytes ?? 0;
    for (const [index, path] of staged.entries())
      await engine.files.adopt(path, join(directory, classicName(snapshot.version, index + 1, partCount)));
    const parts = partCount === 1 ? {} : { parts: partCount };
    return { version: snapshot.version, size, ...parts, sizeInBytes: sizeBytes, numOfAddFiles };
  } finally {
    for (const path of staged) await engine.files.remove(path);
  }
}

/** From the columns of the checkpoint before, if that is a large one. @param paths one for each part */
async function copyColumns(
  engine: Engine,
  snapshot: Snapshot,
  paths: readonly string[],
): Promise<CheckpointCounts | null> {
  const nowMs = engine.clock.nowMs();
  const columns = checkpointColumns(snapshot);
  await using connection = await engine.sql.connect();
  const copied = await copiedCheckpoint({ engine, connection, snapshot }, { columns, nowMs });
  if (copied === null) return null;
  const { parts, select } = copied;
  const write = async (isOf: RowsOfPart): Promise<void> => {
    const rows = new PartRows({ engine, connection }, columns, paths);
    await rows.add(headerActionsOf(snapshot, nowMs));
    await copied.addTail(rows);
    await rows.finish((to) =>
      (["remove", "add"] as const)
        .flatMap((name) => parts.map((part) => select(part, name, { where: isOf(part, to) })))
        .filter((sql) => sql !== null),
    );
  };
  if (!(await appendHeld(engine, { copied, paths, write })))
    await write(paths.length === 1 ? () => "TRUE" : await dealRows(connection, parts, paths.length));
  return await requireAll(snapshot, await countActions(engine, paths));
}

/** SQL for the rows of a file that go into one of the new parts, from 0. */
type RowsOfPart = (part: CheckpointPart, to: number) => string;

interface HeldTarget {
  readonly copied: CopiedCheckpoint;
  readonly paths: readonly string[];
  readonly write: (isOf: RowsOfPart) => Promise<void>;
}

/** Writes only what row groups of the checkpoint before do not say, and appends these. @returns false where there are none, or of another form */
async function appendHeld(engine: Engine, { copied, paths, write }: HeldTarget): Promise<boolean> {
  const places = copied.parts.map((part) => placeOf(part, paths.length));
  const held = places.includes(null) ? noneHeld : await copied.held(Number.POSITIVE_INFINITY);
  if (held.size === 0) return false;
  const place = (part: CheckpointPart): number => places[copied.parts.indexOf(part)] ?? 0;
  await write((part, to) => (place(part) === to ? restSql(part, held) : "FALSE"));
  for (const [to, path] of paths.entries()) {
    const sources = groupSources(new Map([...held].filter(([part]) => place(part) === to)));
    if (!(await engine.parquet.append(path, sources))) return false;
  }
  return true;
}

/** Which of so many parts takes over the rows of a file as they are, from 0; null where they have to be dealt out anew. */
function placeOf({ path }: CheckpointPart, partCount: number): number | null {
  if (partCount === 1) return 0;
  const name = parseLogPath(basename(path));
  return name?.kind === "multipartCheckpoint" && name.partCount === partCount ? name.part - 1 : null;
}

/** @param paths one for each part */
async function copyInChunks(engine: Engine, snapshot: Snapshot, paths: readonly string[]): Promise<CheckpointCounts> {
  const nowMs = engine.clock.nowMs();
  await using connection = await engine.sql.connect();
  const rows = new PartRows({ engine, connection }, checkpointColumns(snapshot), paths);
  await rows.add(headerActionsOf(snapshot, nowMs));
  // A row group with these cannot go into the next checkpoint as it is.
  await rows.flush();
  const addCount = await addFileActions(rows, snapshot, nowMs);
  await rows.finish();
  return { rowCount: rows.rowCount, addCount };
}

/** Name of one of the files of a classic checkpoint. @param part from 1 */
export function classicName(version: Version, part: number, partCount: number): string {
  if (partCount === 1) return formatLogPath({ kind: "classicCheckpoint", version });
  return formatLogPath({ kind: "multipartCheckpoint", version, part, partCount });
}

/** As many as the reference implementation makes. */
async function countParts(snapshot: Snapshot, partSize: number, nowMs: number): Promise<number> {
  let { count } = await snapshot.files.totals();
  for await (const kept of keptTombstones(snapshot, nowMs)) count += kept.length;
  return Math.max(1, Math.ceil(count / partSize));
}

/**
 * Rows that lie where Spark's hash of their path puts them, of the path alone as in the reference implementation, with vectors too: then parts that two writers wrote at once can be taken for each other, and
 * a set that has some of either says the same as each.
 */
class PartRows implements CheckpointRows {
  readonly #files: readonly CheckpointFile[];

  constructor(writer: FileWriter, columns: CheckpointColumns, paths: readonly string[]) {
    this.#files = paths.map((path) => new CheckpointFile(writer, columns, { path, share: paths.length }));
  }

  get rowCount(): number {
    return this.#files.reduce((sum, file) => sum + file.rowCount, 0);
  }

  async add(actions: readonly Action[]): Promise<void> {
    const dealt = this.#files.map((): Action[] => []);
    for (const action of actions) {
      const path = action.kind === "add" || action.kind === "remove" ? action.path : null;
      dealt[hashPartition(path, dealt.length)]?.push(action);
    }
    for (const [part, file] of this.#files.entries()) await file.add(dealt[part] ?? []);
  }

  async flush(): Promise<void> {
    for (const file of this.#files) await file.flush();
  }

  /** @param more SELECTs of rows that a part has, too */
  async finish(more: (part: number) => readonly string[] = () => []): Promise<void> {
    for (const [part, file] of this.#files.entries()) await file.finish(more(part));
  }
}
