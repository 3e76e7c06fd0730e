// test/table/variant-writes.test.ts: variants written as their two binaries. PROTOCOL.md, "Variant data in Parquet" (variantType,
// variantShredding).
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { sessionOver, sharedEngine } from "./life.ts";

const engine = sharedEngine();
const metadata = Uint8Array.of(1, 0, 0);
/** A small whole number. */
const variant = (n: number): { readonly metadata: Uint8Array; readonly value: Uint8Array } => ({
  metadata,
  value: Uint8Array.of(0x0c, n),
});

async function rows(table: DeltaTable): Promise<readonly Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for await (const row of table.rows()) found.push(row);
  return found.toSorted((a, b) => Number(a["id"]) - Number(b["id"]));
}

test.each(["none", "name", "id"])(
  "variants come back as they were, also from files that are written anew (columnMapping %s)",
  async (mode) => {
    const table = await sessionOver(engine, temporaryFolder()).createTable("t", {
      schema: "id BIGINT, v VARIANT, s STRUCT<v: VARIANT>, a ARRAY<VARIANT>",
      properties: { "delta.columnMapping.mode": mode },
    });
    expect(table.protocol.readerFeatures).toContain("variantType");
    const row = (id: number): Record<string, unknown> => ({
      id: BigInt(id),
      v: variant(id),
      s: { v: variant(id + 1) },
      a: [variant(7), null],
    });
    const empty = { id: 3n, v: null, s: { v: null }, a: null };
    await table.append([row(1), row(2), empty]);
    await table.delete("id = 2");
    await table.overwrite([row(4)], { where: "id = 4" });
    expect(await rows(table)).toEqual([row(1), empty, row(4)]);
    await using connection = await engine.sql.connect();
    const parts = await connection.rows(
      `SELECT DISTINCT repetition_type AS r FROM parquet_schema('${join(table.path, "*.parquet")}') WHERE name IN ('metadata', 'value')`,
    );
    expect(parts).toEqual([{ r: "REQUIRED" }]);
    let stats: unknown;
    for await (const file of table.batches({ columns: ["id"], where: "v IS NULL" })) stats = file.numRows;
    expect(stats).toBe(1);
  },
);

test("what is no variant is refused", async () => {
  const table = await sessionOver(engine, temporaryFolder()).createTable("t", { schema: "v VARIANT" });
  for (const v of ["text", 1, { metadata }, { metadata, value: "x" }])
    await expect(table.append([{ v }])).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("variant columns come into a table that exists with the feature", async () => {
  const table = await sessionOver(engine, temporaryFolder()).createTable("t", { schema: "id BIGINT" });
  await table.append([{ id: 1n }]);
  await table.addColumns("v VARIANT");
  expect(table.protocol.readerFeatures).toEqual(["variantType"]);
  await table.append([{ id: 2n, v: variant(5) }]);
  expect(await rows(table)).toEqual([
    { id: 1n, v: null },
    { id: 2n, v: variant(5) },
  ]);
});
