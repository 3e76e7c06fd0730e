// test/session/book-lake.ts: a session with one small table of books.
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import type { AlluviumError } from "../../src/format/text/error.ts";
import type { DataFrame } from "../../src/session/frame/data-frame.ts";
import type { DataStreamWriter } from "../../src/session/frame/data-stream-writer.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

/** A session in a folder of its own with the table `books`: ids 1 to 4 in two commits. */
export interface Lake {
  readonly spark: Session;
  readonly root: string;
  readonly books: DeltaTable;
}

/** Makes the lake; `parts` replace doors of the engine. */
export async function lake(parts: Partial<Engine> = {}): Promise<Lake> {
  const root = temporaryFolder();
  const spark = Session.over({ ...localEngine(), ...parts }, { warehouse: root });
  onTestFinished(() => spark.close());
  const books = await spark.createTable("books", { schema: "id BIGINT, author STRING" });
  await books.append([
    { id: 1, author: "A" },
    { id: 2, author: "B" },
  ]);
  await books.append([
    { id: 3, author: "A" },
    { id: 4, author: null },
  ]);
  return { spark, root, books };
}

/** The writer of a stream whose checkpoint is in the lake, and that ends when its source is worked off. */
export function draining(frame: DataFrame, root: string, checkpoint = "checkpoint"): DataStreamWriter {
  return frame.writeStream.option("checkpointLocation", join(root, checkpoint)).trigger({ availableNow: true });
}

/** The rows of a frame, by id. */
export async function rowsOf(frame: DataFrame): Promise<readonly unknown[]> {
  const rows = await frame.collect();
  return rows.toSorted((a, b) => Number((a["id"] as bigint) - (b["id"] as bigint)));
}

/** The ids of a frame, ascending. */
export async function idsOf(frame: DataFrame): Promise<readonly unknown[]> {
  const rows = await rowsOf(frame.select("id"));
  return rows.map((row) => (row as { id: bigint }).id);
}

/** The error that a work is refused with. */
export async function errorOf(work: () => unknown): Promise<AlluviumError> {
  try {
    await work();
  } catch (error) {
    return error as AlluviumError;
  }
  throw new Error("it was not refused");
}
