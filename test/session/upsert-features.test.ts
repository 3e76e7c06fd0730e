// test/session/upsert-features.test.ts: streams that replace rows by keys, into tables with deletion vectors, change data feed and row
// tracking. PROTOCOL.md, "Deletion Vectors", "Add CDC File" and "Row Tracking".
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const tables = [
  { vectors: "false", tracking: "false" },
  { vectors: "true", tracking: "false" },
  { vectors: "false", tracking: "true" },
  { vectors: "true", tracking: "true" },
];

test.each(tables)("an upsert keeps rows and tells its changes: %o", async ({ vectors, tracking }) => {
  const root = temporaryFolder();
  const spark = Session.over(localEngine(), { warehouse: root });
  onTestFinished(() => spark.close());
  const source = await spark.createTable("source", { schema: "k STRING" });
  const target = await spark.createTable("target", {
    schema: "k STRING, n BIGINT",
    properties: {
      "delta.enableDeletionVectors": vectors,
      "delta.enableRowTracking": tracking,
      "delta.enableChangeDataFeed": "true",
    },
  });
  const run = async (): Promise<void> => {
    const frame = await spark.sql("SELECT k, count(*) AS n FROM events GROUP BY k");
    const writer = frame.writeStream.outputMode("update").option("keyColumns", "k").trigger({ availableNow: true });
    await (await writer.option("checkpointLocation", join(root, "checkpoint")).toTable("target")).awaitTermination();
  };
  spark.readStream.table("source").createOrReplaceTempView("events");
  await source.append([{ k: "a" }, { k: "b" }, { k: "c" }]);
  await run();
  await source.append([{ k: "a" }, { k: "d" }]);
  await run();
  await source.append([{ k: "a" }, { k: "b" }]);
  await run();
  await target.refresh();
  const rows: string[] = [];
  for await (const { k, n } of target.rows()) rows.push(`${String(k)} ${String(n)}`);
  expect(rows.toSorted()).toEqual(["a 3", "b 2", "c 1", "d 1"]);
  const told: string[] = [];
  for await (const row of target.changes({ from: 1 }))
    told.push(
      `${String(row["_commit_version"])} ${String(row["_change_type"])} ${String(row["k"])} ${String(row["n"])}`,
    );
  expect(told.toSorted()).toEqual([
    "1 insert a 1",
    "1 insert b 1",
    "1 insert c 1",
    "2 insert d 1",
    "2 update_postimage a 2",
    "2 update_preimage a 1",
    "3 update_postimage a 3",
    "3 update_postimage b 2",
    "3 update_preimage a 2",
    "3 update_preimage b 1",
  ]);
  if (tracking === "false") return;
  const ids = await spark.sql("SELECT k, _metadata.row_id AS r, _metadata.row_commit_version AS v FROM target");
  const before = await spark.sql("SELECT k, _metadata.row_id AS r FROM target VERSION AS OF 2");
  const first = new Map((await before.collect()).map(({ k, r }) => [k, r]));
  const kept = (await ids.collect()).map(({ k, r, v }) => [k, r === first.get(k), v].map(String).join(" "));
  expect(kept.toSorted()).toEqual(["a true 3", "b true 3", "c true 1", "d true 2"]);
});
