// log/write-sidecars.ts: the file actions of a checkpoint of version 2, in files of bounded size. PROTOCOL.md, "Sidecar Files".
import { join } from "node:path";
import type { Engine, SqlConnection } from "../engine/engine.ts";
import type { Action } from "../format/action.ts";
import type { JsonObject } from "../format/json.ts";
import { checkpointColumns, sidecarKinds } from "./checkpoint-columns.ts";
import type { CheckpointColumns } from "./checkpoint-columns.ts";
import { CheckpointTable, addFileActions } from "./checkpoint-table.ts";
import type { CheckpointRows } from "./checkpoint-table.ts";
import { sidecarDirectory } from "./sidecar-files.ts";
import type { Snapshot } from "./snapshot.ts";

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
  try {
    const addCount = await addFileActions(rows, snapshot, engine.clock.nowMs());
    await rows.finish();
    return { actions: rows.sidecars, actionCount: rows.rowCount, addCount, sizeBytes: rows.sizeBytes };
  } catch (cause) {
    for (const path of rows.paths) await engine.files.remove(path).catch(() => undefined);
    throw cause;
  }
}

interface SidecarTarget {
  readonly engine: Engine;
  readonly connection: SqlConnection;
  readonly snapshot: Snapshot;
  readonly partSize: number;
}

/** Rows that become a file as soon as there are enough of them. */
class SidecarRows implements CheckpointRows {
  readonly paths: string[] = [];
  readonly sidecars: JsonObject[] = [];
  rowCount = 0;
  sizeBytes = 0;
  readonly #to: SidecarTarget;
  readonly #columns: CheckpointColumns;
  #table: CheckpointTable;

  constructor(to: SidecarTarget) {
    this.#to = to;
    this.#columns = checkpointColumns(to.snapshot, sidecarKinds);
    this.#table = new CheckpointTable(to.connection, this.#columns);
  }

  async add(actions: readonly Action[]): Promise<void> {
    for (let start = 0; start < actions.length;) {
      const slice = actions.slice(start, start + this.#to.partSize - this.#table.rowCount);
      await this.#table.add(slice);
      this.rowCount += slice.length;
      start += slice.length;
      if (this.#table.rowCount === this.#to.partSize) await this.finish();
    }
  }

  /** Makes a file of the rows since the last; none of no rows. */
  async finish(): Promise<void> {
    const { engine, connection, snapshot } = this.#to;
    if (this.#table.rowCount === 0) return;
    const name = `${engine.random.uuid()}.parquet`;
    const path = join(sidecarDirectory(snapshot.tablePath), name);
    this.paths.push(path);
    await engine.files.makeDirectory(sidecarDirectory(snapshot.tablePath));
    await this.#table.copyTo(path);
    await engine.files.sync([path]);
    const file = await engine.files.stat(path);
    const sizeInBytes = file?.sizeBytes ?? 0;
    this.sizeBytes += sizeInBytes;
    const modificationTime = file?.modificationTimeMs ?? engine.clock.nowMs();
    this.sidecars.push({ path: name, sizeInBytes, modificationTime, tags: {} });
    this.#table = new CheckpointTable(connection, this.#columns);
  }
}
