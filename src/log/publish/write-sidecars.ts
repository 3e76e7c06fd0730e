// log/publish/write-sidecars.ts: the file actions of a checkpoint of version 2, in files of bounded size. PROTOCOL.md, "Sidecar Files".
import { basename, join } from "node:path";
import type { Engine, SqlConnection } from "../../engine/base/engine.ts";
import type { GroupSource } from "../../engine/parquet/parquet-splice.ts";
import type { Action } from "../../format/action/action.ts";
import type { JsonObject } from "../../format/text/json.ts";
import { checkpointColumns, sidecarKinds } from "../checkpoint/checkpoint-columns.ts";
import type { CheckpointColumns } from "../checkpoint/checkpoint-columns.ts";
import { CheckpointFile, addFileActions, copyStatement } from "./checkpoint-table.ts";
import type { CheckpointRows } from "./checkpoint-table.ts";
import { copiedCheckpoint, countActions, requireAll, unlessUnfit } from "./copied-checkpoint.ts";
import { groupSources, noneHeld, restStretches } from "./held-groups.ts";
import type { HeldGroups } from "./held-groups.ts";
import { sidecarDirectory } from "../checkpoint/sidecar-files.ts";
import type { Snapshot } from "../state/snapshot.ts";

/** Sidecars that were written. */
export interface Sidecars {
  /** What names each; none for a table without files and tombstones. */
  readonly actions: readonly JsonObject[];
  /** Of all of them together. */
  readonly actionCount: number;
  readonly addCount: number;
  readonly sizeBytes: number;
}

/**
 * Writes the sidecars of a snapshot; they are durable then, and mean nothing before a checkpoint names them.
 * @param partSize file actions in one sidecar at most
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`; what was written until then is removed
 */
export async function writeSidecars(engine: Engine, snapshot: Snapshot, partSize: number): Promise<Sidecars> {
  await using connection = await engine.sql.connect();
  const rows = new SidecarRows({ engine, connection, snapshot, partSize });
  const nowMs = engine.clock.nowMs();
  try {
    if ((await unlessUnfit(() => copySidecars(rows, nowMs))) !== true) {
      await rows.discard();
      await addFileActions(rows, snapshot, nowMs);
      await rows.finish();
    }
    const { rowCount, addCount } = await requireAll(snapshot, await countActions(engine, rows.paths));
    return { actions: rows.sidecars, actionCount: rowCount, addCount, sizeBytes: rows.sizeBytes };
  } catch (cause) {
    await rows.discard().catch(() => undefined);
    throw cause;
  }
}

/** From the columns of the checkpoint before, as many rows at once as go into one file. @returns false where there is none that serves */
async function copySidecars(rows: SidecarRows, nowMs: number): Promise<boolean> {
  const { partSize } = rows.to;
  const copied = await copiedCheckpoint(rows.to, { columns: rows.columns, nowMs });
  if (copied === null) return false;
  const held = await copied.held(partSize);
  const isHeld = held.size > 0 && (await appendSidecars(rows, held));
  if (held.size > 0 && !isHeld) await rows.discard();
  for (const part of copied.parts) {
    for (const where of restStretches(part, isHeld ? held : noneHeld, partSize)) {
      const selects = (["remove", "add"] as const).map((name) => copied.select(part, name, { where }));
      await rows.copy(selects.filter((select) => select !== null).join(" UNION ALL "));
    }
  }
  await copied.addTail(rows);
  await rows.finish();
  return true;
}

/** Row groups as they are, as many to a file as go into one. @returns false where they are of another form */
async function appendSidecars(rows: SidecarRows, held: HeldGroups): Promise<boolean> {
  const files: GroupSource[][] = [];
  let rowCount = Number.POSITIVE_INFINITY;
  for (const { path, metadata, groups } of groupSources(held)) {
    for (const group of groups) {
      const more = metadata.rowGroups[group]?.rowCount ?? 0;
      if (rowCount + more > rows.to.partSize) files.push([]);
      rowCount = rowCount + more > rows.to.partSize ? more : rowCount + more;
      files.at(-1)?.push({ path, metadata, groups: [group] });
    }
  }
  for (const sources of files) if (!(await rows.append(sources))) return false;
  return true;
}

interface SidecarTarget {
  readonly engine: Engine;
  readonly connection: SqlConnection;
  readonly snapshot: Snapshot;
  readonly partSize: number;
}

/** Rows that become a file as soon as there are enough of them. */
class SidecarRows implements CheckpointRows {
  readonly to: SidecarTarget;
  readonly columns: CheckpointColumns;
  readonly paths: string[] = [];
  readonly sidecars: JsonObject[] = [];
  rowCount = 0;
  sizeBytes = 0;
  /** The one that is being written. */
  #file: CheckpointFile | null = null;

  constructor(to: SidecarTarget) {
    this.to = to;
    this.columns = checkpointColumns(to.snapshot, sidecarKinds);
  }

  async add(actions: readonly Action[]): Promise<void> {
    for (let start = 0; start < actions.length;) {
      this.#file ??= new CheckpointFile(this.to, this.columns, { path: await this.#newPath() });
      const slice = actions.slice(start, start + this.to.partSize - this.#file.rowCount);
      await this.#file.add(slice);
      this.rowCount += slice.length;
      start += slice.length;
      if (this.#file.rowCount === this.to.partSize) await this.finish();
    }
  }

  /** Makes a file of the rows since the last; none of no rows. */
  async finish(): Promise<void> {
    if (this.#file === null) return;
    const { path } = this.#file;
    await this.#file.finish();
    this.#file = null;
    await this.#keep(path);
  }

  /** Makes a file of the rows of a SELECT; none of no rows. */
  async copy(select: string): Promise<void> {
    const path = await this.#newPath();
    await this.to.connection.run(copyStatement(select, path));
    if (await this.#keep(path)) return;
    this.paths.pop();
    await this.to.engine.files.remove(path);
  }

  /** Makes a file of row groups. @returns false where they have other columns than it should have */
  async append(sources: readonly GroupSource[]): Promise<boolean> {
    const file = new CheckpointFile(this.to, this.columns, { path: await this.#newPath() });
    await file.finish();
    return (await this.to.engine.parquet.append(file.path, sources)) && (await this.#keep(file.path));
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    for (const path of this.paths) await this.to.engine.files.remove(path);
    this.paths.length = 0;
    this.sidecars.length = 0;
    [this.rowCount, this.sizeBytes] = [0, 0];
    this.#file = null;
  }

  async #newPath(): Promise<string> {
    const { engine, snapshot } = this.to;
    const path = join(sidecarDirectory(snapshot.tablePath), `${engine.random.uuid()}.parquet`);
    this.paths.push(path);
    await engine.files.makeDirectory(sidecarDirectory(snapshot.tablePath));
    return path;
  }

  /** @returns false for a file without rows */
  async #keep(path: string): Promise<boolean> {
    const { engine } = this.to;
    const { rowCount } = await countActions(engine, [path]);
    if (rowCount === 0) return false;
    await engine.files.sync([path]);
    const file = await engine.files.stat(path);
    const sizeInBytes = file?.sizeBytes ?? 0;
    this.sizeBytes += sizeInBytes;
    const modificationTime = file?.modificationTimeMs ?? engine.clock.nowMs();
    this.sidecars.push({ path: basename(path), sizeInBytes, modificationTime, tags: {} });
    return true;
  }
}
