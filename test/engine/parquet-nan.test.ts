// Statistics in the footers of files with NaN. apache/parquet-format, "Statistics": bounds never are NaN, and readers differ in what follows.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { batchFromRows } from "../../src/engine/arrow/arrow-rows.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import type { DataType, StructType } from "../../src/format/schema/schema.ts";

const directory = mkdtempSync(join(tmpdir(), "alluvium-nan-"));
const engine = localEngine();

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

const double: DataType = { kind: "primitive", name: "double" };
const field = (name: string, type: DataType): StructType["fields"][number] => ({
  name,
  type,
  nullable: true,
  metadata: {},
});
const struct = (...fields: readonly StructType["fields"][number][]): StructType => ({ kind: "struct", fields });
const schema = struct(
  field("id", { kind: "primitive", name: "long" }),
  field("a", double),
  field("b", { kind: "primitive", name: "float" }),
  field("s", struct(field("x", double))),
);

async function columnsWithBounds(name: string, rows: readonly Record<string, unknown>[]): Promise<readonly unknown[]> {
  const path = join(directory, `${name}.parquet`);
  await engine.parquet.write(path, schema, [batchFromRows(schema, rows)]);
  await using connection = await engine.sql.connect();
  const found = await connection.rows(
    `SELECT path_in_schema AS name FROM parquet_metadata(${sqlLiteral(path)}) WHERE stats_max_value IS NOT NULL ORDER BY column_id`,
  );
  return found.map((row) => row["name"]);
}

test("numbers have bounds in the footer", async () => {
  const rows = [{ id: 1n, a: 1, b: 2, s: { x: 3 } }];
  expect(await columnsWithBounds("plain", rows)).toEqual(["id", "a", "b", "s, x"]);
});

test("a column with NaN has none, the others keep theirs", async () => {
  const rows = [
    { id: 1n, a: 1, b: 2, s: { x: 3 } },
    { id: 2n, a: Number.NaN, b: 2, s: { x: 3 } },
  ];
  expect(await columnsWithBounds("top", rows)).toEqual(["id", "b", "s, x"]);
});

test("NaN inside a struct takes the bounds of nested columns only", async () => {
  const rows = [
    { id: 1n, a: 1, b: 2, s: { x: Number.NaN } },
    { id: 2n, a: 1, b: 2, s: { x: 3 } },
  ];
  expect(await columnsWithBounds("nested", rows)).toEqual(["id", "a", "b"]);
});
