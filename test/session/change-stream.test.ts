// test/session/change-stream.test.ts: streams of changes, Delta's `readChangeFeed`, against a model. PROTOCOL.md, "Add CDC File".
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { roundCount } from "../round-count.ts";
import { type ModelRow, applyToModel, applyToTable, changes } from "../table/change-model.ts";

function open(): { readonly spark: Session; readonly root: string } {
  const root = temporaryFolder();
  const spark = Session.over(localEngine(), { warehouse: root });
  onTestFinished(() => spark.close());
  return { spark, root };
}

const source = { schema: "id BIGINT, part INT, n BIGINT" };

async function targetRows(spark: Session, name: string): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const row of (await spark.deltaTable(name)).rows()) {
    expect(row["_commit_timestamp"]).toBeInstanceOf(Date);
    const words = [row["_commit_version"], row["_change_type"], row["id"], row["part"], row["n"]];
    rows.push(words.map(String).join(" "));
  }
  return rows.toSorted();
}

test(
  "a stream of changes carries the rows at its start and every change after it, once",
  { timeout: 300_000 },
  async () => {
    const { spark, root } = open();
    let count = 0;
    const runs = fc.record({
      before: changes,
      after: changes,
      vectors: fc.constantFrom("true", "false"),
      isLimited: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(runs, async ({ before, after, vectors, isLimited }) => {
        const name = `s${(count += 1)}`;
        const table = await spark.createTable(name, {
          ...source,
          properties: { "delta.enableChangeDataFeed": "true", "delta.enableDeletionVectors": vectors },
        });
        let rows: readonly ModelRow[] = [];
        for (const change of before) {
          rows = applyToModel(rows, change)?.rows ?? rows;
          await applyToTable(table, change);
        }
        const expected = rows.map(({ id, part, n }) => `${table.version} insert ${id} ${part} ${n}`);
        const run = async (): Promise<void> => {
          const reader = spark.readStream.option("readChangeFeed", true);
          const stream = (isLimited ? reader.option("maxFilesPerTrigger", 1) : reader).table(name);
          const writer = stream.writeStream.trigger({ availableNow: true });
          const query = await writer.option("checkpointLocation", join(root, `c${count}`)).toTable(`${name}_changes`);
          await query.awaitTermination();
        };
        await run();
        for (const [index, change] of after.entries()) {
          const outcome = applyToModel(rows, change);
          await applyToTable(table, change);
          if (outcome !== null) expected.push(...outcome.feed.map((line) => `${table.version} ${line}`));
          rows = outcome?.rows ?? rows;
          if (index === 1) await run();
        }
        await run();
        expect(await targetRows(spark, `${name}_changes`)).toEqual(expected.toSorted());
      }),
      { numRuns: roundCount(6), seed: 17 },
    );
  },
);

test("a stream of changes can be aggregated", async () => {
  const { spark, root } = open();
  const table = await spark.createTable("t", { ...source, properties: { "delta.enableChangeDataFeed": "true" } });
  await table.append([
    { id: 1n, part: 0, n: 0n },
    { id: 2n, part: 0, n: 0n },
  ]);
  await table.delete("id = 1");
  spark.readStream
    .option("readChangeFeed", true)
    .option("startingVersion", 0)
    .table("t")
    .createOrReplaceTempView("changes");
  const counts = await spark.sql("SELECT _change_type AS type, count(*) AS n FROM changes GROUP BY _change_type");
  const writer = counts.writeStream.outputMode("complete").trigger({ availableNow: true });
  await (await writer.option("checkpointLocation", join(root, "c")).toTable("counts")).awaitTermination();
  const rows = await spark.table("counts").orderBy("type").collect();
  expect(rows).toEqual([
    { type: "delete", n: 1n },
    { type: "insert", n: 2n },
  ]);
});

test("a stream of changes needs a table that keeps them, at every version that it reads", async () => {
  const { spark, root } = open();
  const start = (name: string): Promise<unknown> =>
    spark.readStream
      .option("readChangeFeed", true)
      .option("startingVersion", 0)
      .table(name)
      .writeStream.option("checkpointLocation", join(root, `c-${name}`))
      .trigger({ availableNow: true })
      .toTable(`${name}_changes`)
      .then((query) => query.awaitTermination());
  await spark.createTable("plain", source);
  await expect(start("plain")).rejects.toMatchObject({ code: "CHANGE_DATA_NOT_ENABLED" });
});

test("rows that are marked as deleted are a delete for a stream of appends: nothing comes again", async () => {
  const { spark, root } = open();
  const table = await spark.createTable("t", { ...source, properties: { "delta.enableDeletionVectors": "true" } });
  const run = async (option: string): Promise<void> => {
    const writer = spark.readStream.option(option, true).table("t").writeStream.trigger({ availableNow: true });
    const query = await writer.option("checkpointLocation", join(root, `c-${option}`)).toTable(`copy_${option}`);
    await query.awaitTermination();
  };
  for (const option of ["ignoreDeletes", "ignoreChanges", "failOnDataLoss"]) await run(option);
  await table.append([0, 1, 2].map((id) => ({ id: BigInt(id), part: 0, n: 0n })));
  for (const option of ["ignoreDeletes", "ignoreChanges", "failOnDataLoss"]) await run(option);
  await table.delete("id = 1");
  expect(table.version).toBe(2);
  for (const option of ["ignoreDeletes", "ignoreChanges"]) {
    await run(option);
    expect(await spark.table(`copy_${option}`).count()).toBe(3n);
  }
  await expect(run("failOnDataLoss")).rejects.toThrow("deletes rows");
});
