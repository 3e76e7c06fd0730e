// test/session/mapped-sink.test.ts: streams into tables with columnMapping, typeWidening, inCommitTimestamp and v2Checkpoint.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";

const engine = localEngine();
const folder = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const properties = {
  "delta.columnMapping.mode": "name",
  "delta.enableTypeWidening": "true",
  "delta.enableInCommitTimestamps": "true",
  "delta.checkpointPolicy": "v2",
  "delta.checkpointInterval": "2",
};

interface Lake {
  readonly root: string;
  readonly session: Session;
  readonly source: DeltaTable;
  readonly target: DeltaTable;
}

async function lake(name: string, schema = "id BIGINT, s STRUCT<x: INT>, n BIGINT"): Promise<Lake> {
  const root = join(folder, name);
  const session = Session.over(engine, { warehouse: root });
  const source = await session.createTable("source", { schema: "id BIGINT, s STRUCT<x: INT>, n BIGINT" });
  const target = await session.createTable("target", { schema, properties });
  return { root, session, source, target };
}

const row = (id: number, n: number): Record<string, unknown> => ({ id: BigInt(id), s: { x: id }, n: BigInt(n) });

async function run({ root, session }: Lake, mergeSchema: boolean): Promise<void> {
  const frame = session.readStream.option("maxFilesPerTrigger", 1).table("source");
  const writer = frame.writeStream
    .option("checkpointLocation", join(root, "checkpoint"))
    .option("mergeSchema", mergeSchema);
  await (await writer.trigger({ availableNow: true }).toTable("target")).awaitTermination();
}

async function rowsOf({ target }: Lake): Promise<readonly unknown[]> {
  await target.refresh();
  const found: Record<string, unknown>[] = [];
  for await (const one of target.rows()) found.push(one);
  return found.toSorted((a, b) => Number(a["id"]) - Number(b["id"]));
}

test("rows are appended under the names of the table, each once, over checkpoints and renames", async () => {
  const made = await lake("append");
  for (const id of [1, 2, 3]) await made.source.append([row(id, 1)]);
  await run(made, false);
  await made.target.refresh();
  await made.target.addColumns("extra INT");
  await made.source.append([row(4, 1)]);
  await run(made, false);
  expect(await rowsOf(made)).toEqual([1, 2, 3, 4].map((id) => ({ ...row(id, 1), extra: null })));
  expect((await made.target.history(1))[0]?.operation).toBe("STREAMING UPDATE");
});

test("columns that come with the rows get ids and names of their own, and narrow ones become wider", async () => {
  const made = await lake("merge", "id INT");
  await made.target.append([{ id: 0 }]);
  await made.source.append([{ id: 2n ** 33n, s: { x: 1 }, n: 5n }]);
  await run(made, true);
  expect(await rowsOf(made)).toEqual([
    { id: 0n, s: null, n: null },
    { id: 2n ** 33n, s: { x: 1 }, n: 5n },
  ]);
  const ids = made.target.schema.fields.map(({ metadata }) => metadata["delta.columnMapping.id"]);
  expect(ids).toEqual([1, 2, 4]);
  expect(made.target.schema.fields[0]?.metadata["delta.typeChanges"]).toEqual([
    { fromType: "integer", toType: "long" },
  ]);
});

test("rows that are replaced by their keys, and results that are written whole, keep their columns", async () => {
  const update = await lake("update", "x INT, total BIGINT");
  await update.source.append([row(1, 1), row(2, 2)]);
  const start = async (mode: "update" | "complete"): Promise<void> => {
    const { root, session } = update;
    const view = `${mode}_source`;
    session.readStream.table("source").createOrReplaceTempView(view);
    const frame = await session.sql(`SELECT s.x AS x, sum(n) AS total FROM ${view} GROUP BY s.x`);
    let writer = frame.writeStream.outputMode(mode).option("checkpointLocation", join(root, mode));
    if (mode === "update") writer = writer.option("keyColumns", "x");
    await (await writer.trigger({ availableNow: true }).toTable("target")).awaitTermination();
  };
  const totals = async (): Promise<readonly unknown[]> => {
    await update.target.refresh();
    const found: string[] = [];
    for await (const one of update.target.rows()) found.push(`${String(one["x"])}=${String(one["total"])}`);
    return found.toSorted();
  };
  await start("update");
  expect(await totals()).toEqual(["1=1", "2=2"]);
  await update.source.append([row(2, 40), row(3, 3)]);
  await start("update");
  expect(await totals()).toEqual(["1=1", "2=42", "3=3"]);
  await start("complete");
  expect(await totals()).toEqual(["1=1", "2=42", "3=3"]);
});
