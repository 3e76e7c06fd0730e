// test/session/streams.ts: streams of every kind as a session starts them, from `source` to `target`.
import { join } from "node:path";
import { expect } from "vitest";
import type { Session } from "../../src/session/door/session.ts";
import type { StreamingQuery } from "../../src/stream/query/streaming-query.ts";

/** A session whose tables and checkpoint lie in `root`. */
export interface Lake {
  readonly root: string;
  readonly session: Session;
}

/** What `foreachBatch` was given, by batch id. */
export type Calls = Map<number, string>;

/** A stream from `source` to `target`, one file a batch, that ends when its source is worked off. */
export type Start = (lake: Lake, calls: Calls) => Promise<StreamingQuery>;

/** By the name of their kind. */
export const starts: Readonly<Record<string, Start>> = {
  "a byte copy": ({ session, root }) =>
    session.readStream
      .option("maxFilesPerTrigger", 1)
      .table("source")
      .writeStream.option("checkpointLocation", join(root, "checkpoint"))
      .trigger({ availableNow: true })
      .toTable("target"),
  "steps in SQL and JavaScript": ({ session, root }) =>
    session.readStream
      .option("maxFilesPerTrigger", 1)
      .table("source")
      .withColumn("part", "id % 2")
      .mapBatches((batch) => batch)
      .where("id > 0")
      .writeStream.partitionBy("part")
      .option("checkpointLocation", join(root, "checkpoint"))
      .trigger({ availableNow: true })
      .start(join(root, "target")),
  "a function that writes each batch once": ({ session, root }, calls) =>
    session.readStream
      .option("maxFilesPerTrigger", 1)
      .table("source")
      .writeStream.option("checkpointLocation", join(root, "checkpoint"))
      .trigger({ availableNow: true })
      .foreachBatch(async (batch, batchId) => {
        const ids = (await batch.collect()).map((row) => Number(row["id"])).toSorted((a, b) => a - b);
        // S3: a batch that is given again has the same rows.
        expect(calls.get(batchId) ?? ids.join()).toBe(ids.join());
        calls.set(batchId, ids.join());
        const write = batch.write.mode("append").option("txnAppId", "each").option("txnVersion", batchId);
        await write.saveAsTable("target");
      })
      .start(),
};

/** Runs a stream to its end. @throws the error that the query ended with */
export async function drain(start: Start, lake: Lake, calls: Calls): Promise<void> {
  await (await start(lake, calls)).awaitTermination();
}

/** The ids in `target`, ascending. */
export async function targetIds({ session }: Lake): Promise<readonly number[]> {
  const rows = await session.read.table("target").collect();
  return rows.map((row) => Number(row["id"])).toSorted((a, b) => a - b);
}

/** Makes `source` with two commits: ids 1 and 2, then 3 and 5. */
export async function createSource(session: Session): Promise<void> {
  const source = await session.createTable("source", { schema: "id BIGINT, text STRING" });
  await source.append([1, 2].map((id) => ({ id, text: "a" })));
  await source.append([3, 5].map((id) => ({ id, text: "b" })));
}
