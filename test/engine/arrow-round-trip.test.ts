// Row objects, Arrow, Parquet and DuckDB hold the same values of every type.
import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import type { RecordBatch } from "apache-arrow";
import { afterAll, expect, test } from "vitest";
import { batchFromRows, rowsFromBatch } from "../../src/engine/arrow/arrow-rows.ts";
import { duckdbType } from "../../src/engine/duckdb/duckdb-type.ts";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import { parquetEngine } from "../../src/engine/parquet/parquet.ts";
import { sqlFilePath, sqlIdentifier } from "../../src/engine/base/sql-quote.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import { tables } from "./arbitrary-rows.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const sql = duckdbEngine();
afterAll(() => sql.close());

async function collect(batches: AsyncIterable<RecordBatch>, schema: StructType): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  for await (const batch of batches) rows.push(...rowsFromBatch(batch, schema));
  return rows;
}

test("rows come back from an Arrow batch as they went in", () => {
  fc.assert(
    fc.property(tables(20), ({ schema, rows }) => {
      expect([...rowsFromBatch(batchFromRows(schema, rows), schema)]).toEqual(rows);
    }),
    { seed: 31, numRuns: 300 },
  );
});

test("rows come back from a Parquet file, by parquet-wasm and by DuckDB", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "round trip.parquet");
  const parquet = parquetEngine();
  await using connection = await sql.connect();
  await fc.assert(
    fc.asyncProperty(tables(30), async ({ schema, rows }) => {
      rmSync(path, { force: true });
      const info = await parquet.write(path, schema, [batchFromRows(schema, rows)]);
      expect(info.rowCount).toBe(rows.length);
      expect(await collect(parquet.read(path), schema)).toEqual(rows);
      const columns = schema.fields
        .map((field) => `CAST(${sqlIdentifier(field.name)} AS ${duckdbType(field.type)})`)
        .join(", ");
      expect(
        await collect(connection.batches(`SELECT ${columns} FROM read_parquet(${sqlFilePath(path)})`, schema), schema),
      ).toEqual(rows);
    }),
    { seed: 32, numRuns: 150 },
  );
});

test("rows come back from a Parquet file that DuckDB wrote", async () => {
  const folder = temporaryFolder();
  const [first, second] = [join(folder, "first.parquet"), join(folder, "second.parquet")];
  const parquet = parquetEngine();
  await using connection = await sql.connect();
  await fc.assert(
    fc.asyncProperty(tables(30), async ({ schema, rows }) => {
      rmSync(first, { force: true });
      await parquet.write(first, schema, [batchFromRows(schema, rows)]);
      await connection.run(
        `COPY (SELECT * FROM read_parquet(${sqlFilePath(first)})) TO ${sqlFilePath(second)} (FORMAT parquet)`,
      );
      expect(await collect(parquet.read(second), schema)).toEqual(rows);
    }),
    { seed: 33, numRuns: 100 },
  );
});
