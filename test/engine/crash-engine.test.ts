// The double that dies: a small commit through it, at every operation.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { batchFromRows } from "../../src/engine/arrow/arrow-rows.ts";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import type { Engine } from "../../src/engine/base/engine.ts";
import { parquetEngine } from "../../src/engine/parquet/parquet.ts";
import { sqlFilePath } from "../../src/engine/base/sql-quote.ts";
import { crashEngine } from "./crash-engine.ts";
import { schemaOf } from "./schema-helpers.ts";

const sql = duckdbEngine();
afterAll(() => sql.close());
const schema = schemaOf({ id: "long" });

/** Two data files, made durable, then the commit that names them. */
async function commit(engine: Engine, root: string): Promise<void> {
  const [first, second] = [join(root, "a.parquet"), join(root, "b.parquet")];
  await engine.parquet.write(first, schema, [batchFromRows(schema, [{ id: 1 }, { id: 2 }])]);
  await using connection = await engine.sql.connect();
  await connection.run(`COPY (SELECT 3::BIGINT AS id) TO ${sqlFilePath(second)} (FORMAT parquet)`);
  await engine.files.sync([first, second]);
  await engine.files.putIfAbsent(join(root, "_delta_log/0.json"), Buffer.from("a.parquet b.parquet"));
}

async function idsOf(path: string): Promise<number> {
  let count = 0;
  for await (const batch of parquetEngine().read(path)) count += batch.numRows;
  return count;
}

test("wherever the process dies and the power fails, a commit that is there names files that are whole", async () => {
  let operationCount = Number.POSITIVE_INFINITY;
  let commitCount = 0;
  for (let crashAt = 1; crashAt <= operationCount + 1; crashAt += 1) {
    for (let seed = 1; seed <= 4; seed += 1) {
      const root = mkdtempSync(join(tmpdir(), "alluvium-test-"));
      const { engine, disk } = crashEngine({ root, crashAt, seed, sql });
      const outcome = await commit(engine, root).then(
        () => "done",
        () => "died",
      );
      expect(disk.hasCrashed).toBe(outcome === "died");
      if (outcome === "done") operationCount = disk.operations.length;
      disk.powerCut(seed);
      const isCommitted = existsSync(join(root, "_delta_log/0.json"));
      if (outcome === "done") expect(isCommitted).toBe(true);
      if (isCommitted)
        expect([await idsOf(join(root, "a.parquet")), await idsOf(join(root, "b.parquet"))]).toEqual([2, 1]);
      if (isCommitted) commitCount += 1;
      rmSync(root, { recursive: true });
    }
  }
  expect(operationCount).toBe(12);
  expect(commitCount).toBeGreaterThan(4);
});

test("nothing works after the crash", async () => {
  const root = mkdtempSync(join(tmpdir(), "alluvium-test-"));
  const { engine, disk } = crashEngine({ root, crashAt: 1, sql });
  await expect(commit(engine, root)).rejects.toThrow(/simulated crash/);
  await expect(engine.files.read(join(root, "a.parquet"))).rejects.toThrow(/simulated crash/);
  await expect(engine.files.putIfAbsent(join(root, "x"), new Uint8Array())).rejects.toThrow(/simulated crash/);
  await expect(engine.sql.connect()).rejects.toThrow(/simulated crash/);
  expect(disk.operations).toEqual(["parquet.write"]);
  rmSync(root, { recursive: true });
});
