// Parquet files: what they hold, what is read of them, and what damage does.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { RecordBatch, Struct, makeData } from "apache-arrow";
import { afterAll, expect, test } from "vitest";
import { batchFromRows, rowsFromBatch } from "../../src/engine/arrow/arrow-rows.ts";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import { parquetEngine } from "../../src/engine/parquet/parquet.ts";
import { sqlFilePath } from "../../src/engine/base/sql-quote.ts";
import type { DataType } from "../../src/format/schema/schema.ts";
import { primitive, schemaOf } from "./schema-helpers.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const sql = duckdbEngine();
afterAll(() => sql.close());
const parquet = parquetEngine();

async function batchesOf(path: string, columns?: readonly string[]): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for await (const batch of parquet.read(path, columns)) batches.push(batch);
  return batches;
}

async function codeOf(path: string): Promise<unknown> {
  return batchesOf(path).then(
    () => "no error",
    (error: unknown) => (error as { code?: unknown }).code,
  );
}

const small = schemaOf({
  id: primitive("long"),
  name: primitive("string"),
  nested: schemaOf({ x: primitive("integer"), y: primitive("double") }),
  last: primitive("boolean"),
});
const smallRows = Array.from({ length: 1000 }, (_, index) => ({
  id: BigInt(index),
  name: `name ${index}`,
  nested: { x: index, y: index / 2 },
  last: index % 3 === 0,
}));

test("only the asked columns are read, in the order of the file; names that the file lacks are passed over", async () => {
  const path = join(temporaryFolder(), "f.parquet");
  await parquet.write(path, small, [batchFromRows(small, smallRows)]);
  const [batch] = await batchesOf(path, ["last", "absent", "nested"]);
  expect(batch?.schema.fields.map((field) => field.name)).toEqual(["nested", "last"]);
  expect([
    ...rowsFromBatch(
      batch as RecordBatch,
      schemaOf({ nested: small.fields[2]?.type as DataType, last: primitive("boolean") }),
    ),
  ]).toEqual(smallRows.map(({ nested, last }) => ({ nested, last })));
});

test("rows are counted when no column is asked for", async () => {
  const path = join(temporaryFolder(), "f.parquet");
  await parquet.write(path, small, [batchFromRows(small, smallRows), batchFromRows(small, smallRows)]);
  const batches = await batchesOf(path, []);
  expect(batches.reduce((sum, batch) => sum + batch.numRows, 0)).toBe(2000);
  expect(batches.every((batch) => batch.numCols === 0)).toBe(true);
});

test("every column of a file of many row groups gives the same rows as DuckDB", async () => {
  const path = join(temporaryFolder(), "many.parquet");
  await using connection = await sql.connect();
  await connection.run(`COPY (SELECT range AS id, CASE WHEN range % 7 = 0 THEN NULL ELSE 'text ' || range END AS name, [range, NULL] AS list FROM range(50000))
    TO ${sqlFilePath(path)} (FORMAT parquet, ROW_GROUP_SIZE 4096, COMPRESSION zstd)`);
  const schema = schemaOf({
    id: primitive("long"),
    name: primitive("string"),
    list: { kind: "array", elementType: primitive("long"), containsNull: true },
  });
  const expected: unknown[] = [];
  for await (const batch of connection.batches(`SELECT * FROM read_parquet(${sqlFilePath(path)})`, schema))
    expected.push(...rowsFromBatch(batch, schema));
  const batches = await batchesOf(path);
  expect(batches.length).toBeGreaterThan(5);
  expect(batches.flatMap((batch) => [...rowsFromBatch(batch, schema)])).toEqual(expected);
});

test("types are written as the Delta protocol asks: micros in UTC, decimals by precision, lists and maps in three levels", async () => {
  const path = join(temporaryFolder(), "types.parquet");
  const schema = schemaOf({
    at: primitive("timestamp"),
    local: primitive("timestamp_ntz"),
    small: { kind: "decimal", precision: 9, scale: 2 },
    large: { kind: "decimal", precision: 38, scale: 10 },
    list: { kind: "array", elementType: primitive("string"), containsNull: true },
    map: { kind: "map", keyType: primitive("string"), valueType: primitive("long"), valueContainsNull: true },
    short: primitive("short"),
  });
  await parquet.write(path, schema, [batchFromRows(schema, [{}])]);
  await using connection = await sql.connect();
  const rows = await connection.rows(
    `SELECT name, type, converted_type, logical_type FROM parquet_schema(${sqlFilePath(path)})`,
  );
  const found = rows.map((row) => [row["name"], row["type"], row["logical_type"] ?? row["converted_type"]]);
  expect(found.map(([name]) => name)).toEqual([
    "arrow_schema",
    "at",
    "local",
    "small",
    "large",
    "list",
    "list",
    "element",
    "map",
    "key_value",
    "key",
    "value",
    "short",
  ]);
  expect(found[1]?.join(" ")).toMatch(/INT64 .*Timestamp.*isAdjustedToUTC=1.*MICROS/i);
  expect(found[2]?.join(" ")).toMatch(/INT64 .*Timestamp.*isAdjustedToUTC=0.*MICROS/i);
  expect(found[3]?.join(" ")).toMatch(/INT32 .*Decimal/i);
  expect(found[4]?.join(" ")).toMatch(/FIXED_LEN_BYTE_ARRAY .*Decimal/i);
  expect(found[12]?.join(" ")).toMatch(/INT32 .*IntType.*isSigned=1/i);
});

test("chunks carry statistics, and whole numbers are packed", async () => {
  const path = join(temporaryFolder(), "f.parquet");
  await parquet.write(path, small, [batchFromRows(small, smallRows)]);
  await using connection = await sql.connect();
  const rows = await connection.rows(
    `SELECT path_in_schema, encodings, stats_min_value, stats_max_value, stats_null_count, compression FROM parquet_metadata(${sqlFilePath(path)})`,
  );
  expect(rows[0]).toMatchObject({
    path_in_schema: "id",
    stats_min_value: "0",
    stats_max_value: "999",
    stats_null_count: 0n,
    compression: "SNAPPY",
  });
  expect(String(rows[0]?.["encodings"])).toContain("DELTA_BINARY_PACKED");
});

test("a batch that holds one column under two names is written with both", async () => {
  const path = join(temporaryFolder(), "twice.parquet");
  const schema = schemaOf({ a: primitive("integer"), b: primitive("integer") });
  const [column] = batchFromRows(schema, [{ a: 1 }, { a: 2 }]).data.children;
  const arrow = batchFromRows(schema, []).schema;
  const children = [column, column] as never;
  await parquet.write(path, schema, [
    new RecordBatch(arrow, makeData({ type: new Struct(arrow.fields), length: 2, nullCount: 0, children })),
  ]);
  expect((await batchesOf(path)).flatMap((batch) => [...rowsFromBatch(batch, schema)])).toEqual([
    { a: 1, b: 1 },
    { a: 2, b: 2 },
  ]);
});

test("a file is never replaced", async () => {
  const path = join(temporaryFolder(), "f.parquet");
  writeFileSync(path, "theirs");
  await expect(parquet.write(path, small, [])).rejects.toMatchObject({ code: "IO_ERROR", context: { path } });
  expect(readFileSync(path, "utf8")).toBe("theirs");
});

test("a file without rows keeps its columns", async () => {
  const path = join(temporaryFolder(), "f.parquet");
  expect(await parquet.write(path, small, [])).toMatchObject({ rowCount: 0 });
  expect(await batchesOf(path)).toEqual([]);
  await using connection = await sql.connect();
  expect(
    await connection.rows(`SELECT count(*) AS n, count(nested.x) AS x FROM read_parquet(${sqlFilePath(path)})`),
  ).toEqual([{ n: 0n, x: 0n }]);
});

test("an absent file is FILE_NOT_FOUND; an empty, cut or foreign one CORRUPT_FILE with its path", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "f.parquet");
  expect(await codeOf(path)).toBe("FILE_NOT_FOUND");
  await parquet.write(path, small, [batchFromRows(small, smallRows)]);
  const bytes = readFileSync(path);
  for (const damaged of [
    Buffer.alloc(0),
    bytes.subarray(0, 100),
    bytes.subarray(0, -1),
    bytes.subarray(20),
    Buffer.from("garbage garbage garbage"),
  ]) {
    writeFileSync(path, damaged);
    await expect(batchesOf(path)).rejects.toMatchObject({ code: "CORRUPT_FILE", context: { path } });
  }
});

test("bytes damaged anywhere are an error or rows, and the next file reads well", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "f.parquet");
  const damagedPath = join(folder, "damaged.parquet");
  await parquet.write(path, small, [batchFromRows(small, smallRows)]);
  const bytes = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      async (damages) => {
        const damaged = Buffer.from(bytes);
        for (const [at, byte] of damages) damaged[at] = byte;
        writeFileSync(damagedPath, damaged);
        expect(["no error", "CORRUPT_FILE"]).toContain(await codeOf(damagedPath));
      },
    ),
    { seed: 5, numRuns: 400 },
  );
  expect((await batchesOf(path)).reduce((sum, batch) => sum + batch.numRows, 0)).toBe(1000);
});

test("a file that changes while it is open is an error, not other rows", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "f.parquet");
  await using connection = await sql.connect();
  await connection.run(
    `COPY (SELECT range AS id FROM range(20000)) TO ${sqlFilePath(path)} (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  );
  const stream = parquet.read(path)[Symbol.asyncIterator]();
  await stream.next();
  copyFileSync(path, join(folder, "copy"));
  writeFileSync(path, "");
  const rest = async (): Promise<void> => {
    while ((await stream.next()).done !== true);
  };
  await expect(rest()).rejects.toMatchObject({ code: "CORRUPT_FILE" });
  rmSync(path);
});
