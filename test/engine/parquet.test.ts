// Parquet files: what they hold, what is read of them, and what damage does.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { Field, FixedSizeBinary, RecordBatch, Schema, Struct, makeData } from "apache-arrow";
import { Table, writeParquet } from "parquet-wasm";
import { afterAll, expect, test } from "vitest";
import { encodeIpcStream } from "../../src/engine/arrow-ipc.ts";
import { batchFromRows, rowsFromBatch } from "../../src/engine/arrow-rows.ts";
import { duckdbEngine } from "../../src/engine/duckdb.ts";
import { parquetEngine } from "../../src/engine/parquet.ts";
import { sqlFilePath } from "../../src/engine/sql-quote.ts";
import { decodeInteger, decodeList, decodeStruct, encodeInteger, encodeStruct, encodeStructList } from "../../src/engine/thrift-compact.ts";
import type { DataType } from "../../src/format/schema.ts";
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

const small = schemaOf({ id: primitive("long"), name: primitive("string"), nested: schemaOf({ x: primitive("integer"), y: primitive("double") }), last: primitive("boolean") });
const smallRows = Array.from({ length: 1000 }, (_, index) => ({ id: BigInt(index), name: `name ${index}`, nested: { x: index, y: index / 2 }, last: index % 3 === 0 }));

test("only the asked columns are read, in the order of the file; names that the file lacks are passed over", async () => {
  const path = join(temporaryFolder(), "f.parquet");
  await parquet.write(path, small, [batchFromRows(small, smallRows)]);
  const [batch] = await batchesOf(path, ["last", "absent", "nested"]);
  expect(batch?.schema.fields.map((field) => field.name)).toEqual(["nested", "last"]);
  expect([...rowsFromBatch(batch as RecordBatch, schemaOf({ nested: small.fields[2]?.type as DataType, last: primitive("boolean") }))]).toEqual(
    smallRows.map(({ nested, last }) => ({ nested, last })),
  );
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
  const schema = schemaOf({ id: primitive("long"), name: primitive("string"), list: { kind: "array", elementType: primitive("long"), containsNull: true } });
  const expected: unknown[] = [];
  for await (const batch of connection.batches(`SELECT * FROM read_parquet(${sqlFilePath(path)})`, schema)) expected.push(...rowsFromBatch(batch, schema));
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
  const rows = await connection.rows(`SELECT name, type, converted_type, logical_type FROM parquet_schema(${sqlFilePath(path)})`);
  const found = rows.map((row) => [row["name"], row["type"], String(row["logical_type"] ?? row["converted_type"] ?? "")]);
  expect(found.map(([name]) => name)).toEqual(["arrow_schema", "at", "local", "small", "large", "list", "list", "element", "map", "key_value", "key", "value", "short"]);
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
  const rows = await connection.rows(`SELECT path_in_schema, encodings, stats_min_value, stats_max_value, stats_null_count, compression FROM parquet_metadata(${sqlFilePath(path)})`);
  expect(rows[0]).toMatchObject({ path_in_schema: "id", stats_min_value: "0", stats_max_value: "999", stats_null_count: 0n, compression: "SNAPPY" });
  expect(String(rows[0]?.["encodings"])).toContain("DELTA_BINARY_PACKED");
});

test("a batch that holds one column under two names is written with both", async () => {
  const path = join(temporaryFolder(), "twice.parquet");
  const schema = schemaOf({ a: primitive("integer"), b: primitive("integer") });
  const [column] = batchFromRows(schema, [{ a: 1 }, { a: 2 }]).data.children;
  const arrow = batchFromRows(schema, []).schema;
  const children = [column, column] as never;
  await parquet.write(path, schema, [new RecordBatch(arrow, makeData({ type: new Struct(arrow.fields), length: 2, nullCount: 0, children }))]);
  expect((await batchesOf(path)).flatMap((batch) => [...rowsFromBatch(batch, schema)])).toEqual([{ a: 1, b: 1 }, { a: 2, b: 2 }]);
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
  expect(await connection.rows(`SELECT count(*) AS n, count(nested.x) AS x FROM read_parquet(${sqlFilePath(path)})`)).toEqual([{ n: 0n, x: 0n }]);
});

test("an absent file is FILE_NOT_FOUND; an empty, cut or foreign one CORRUPT_FILE with its path", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "f.parquet");
  expect(await codeOf(path)).toBe("FILE_NOT_FOUND");
  await parquet.write(path, small, [batchFromRows(small, smallRows)]);
  const bytes = readFileSync(path);
  for (const damaged of [Buffer.alloc(0), bytes.subarray(0, 100), bytes.subarray(0, -1), bytes.subarray(20), Buffer.from("garbage garbage garbage")]) {
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
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), async (damages) => {
      const damaged = Buffer.from(bytes);
      for (const [at, byte] of damages) damaged[at] = byte;
      writeFileSync(damagedPath, damaged);
      expect(["no error", "CORRUPT_FILE"]).toContain(await codeOf(damagedPath));
    }),
    { seed: 5, numRuns: 400 },
  );
  expect((await batchesOf(path)).reduce((sum, batch) => sum + batch.numRows, 0)).toBe(1000);
});

/** Turns the 12-byte columns of a file into INT96 ones, which no writer here makes any more. */
function asInt96(bytes: Buffer): Buffer {
  const footerSize = bytes.readUInt32LE(bytes.length - 8);
  const file = decodeStruct(bytes.subarray(bytes.length - 8 - footerSize, bytes.length - 8));
  const retype = (fields: ReadonlyMap<number, { type: number; bytes: Uint8Array }>): Map<number, { type: number; bytes: Uint8Array }> => {
    const type = fields.get(1);
    const is12 = type !== undefined && decodeInteger(type) === 7;
    return is12 ? new Map([...fields, [1, encodeInteger(3, "i32")]]) : new Map(fields);
  };
  const schema = decodeList(file.get(2) as never).map((element) => encodeStruct(retype(decodeStruct(element))));
  const groups = decodeList(file.get(4) as never).map((group) => {
    const fields = decodeStruct(group);
    const columns = decodeList(fields.get(1) as never).map((column) => {
      const chunk = decodeStruct(column);
      const metadata = retype(decodeStruct(chunk.get(3)?.bytes as Uint8Array));
      metadata.delete(12);
      return encodeStruct(new Map([...chunk, [3, { type: 12, bytes: encodeStruct(metadata) }]]));
    });
    return encodeStruct(new Map([...fields, [1, encodeStructList(columns)]]));
  });
  const footer = encodeStruct(new Map([...file, [2, encodeStructList(schema)], [4, encodeStructList(groups)]].filter(([id]) => id !== 5 && id !== 7) as never));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(footer.length);
  return Buffer.concat([bytes.subarray(0, bytes.length - 8 - footerSize), footer, size, Buffer.from("PAR1")]);
}

test("INT96 timestamps are read to the microsecond, far beyond the years that nanoseconds reach", async () => {
  const path = join(temporaryFolder(), "int96.parquet");
  const times = ["0001-01-01T00:00:00.000Z", "1677-01-01T10:20:30.456Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z", "2024-02-29T12:00:00.001Z", "9999-12-31T23:59:59.999Z"];
  const bytes = Buffer.alloc(12 * times.length);
  times.forEach((time, index) => {
    const ms = Date.parse(time);
    const day = Math.floor(ms / 86_400_000);
    bytes.writeBigInt64LE(BigInt(ms - day * 86_400_000) * 1_000_000n + 999n, index * 12);
    bytes.writeInt32LE(day + 2_440_588, index * 12 + 8);
  });
  const column = makeData({ type: new FixedSizeBinary(12), length: times.length, nullCount: 0, data: new Uint8Array(bytes) });
  const list = makeData({ type: new Struct([new Field("t", new FixedSizeBinary(12), true)]), length: times.length, nullCount: 0, children: [column] });
  const schema = new Schema([new Field("at", new FixedSizeBinary(12), true), new Field("s", list.type, true)]);
  const batch = new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: times.length, nullCount: 0, children: [column, list] }));
  writeFileSync(path, asInt96(Buffer.from(writeParquet(Table.fromIPCStream(encodeIpcStream(schema, [batch]))))));
  const [found] = await batchesOf(path);
  const types = schemaOf({ at: primitive("timestamp"), s: schemaOf({ t: primitive("timestamp") }) });
  expect([...rowsFromBatch(found as RecordBatch, types)]).toEqual(times.map((time) => ({ at: new Date(time), s: { t: new Date(time) } })));
  expect(String(found?.schema.fields[0]?.type)).toBe("Timestamp<MICROSECOND, UTC>");
  await using connection = await sql.connect();
  const rows = await connection.rows(`SELECT epoch_us("at") AS t FROM read_parquet(${sqlFilePath(path)})`);
  expect(rows.map((row) => row["t"])).toEqual(times.map((time) => BigInt(Date.parse(time)) * 1000n));
});

test("a file that changes while it is open is an error, not other rows", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "f.parquet");
  await using connection = await sql.connect();
  await connection.run(`COPY (SELECT range AS id FROM range(20000)) TO ${sqlFilePath(path)} (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
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
