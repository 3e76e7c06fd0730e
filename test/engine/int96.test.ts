// INT96, the old timestamps of Parquet.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Field, FixedSizeBinary, RecordBatch, Schema, Struct, makeData } from "apache-arrow";
import { Table, writeParquet } from "parquet-wasm";
import { afterAll, expect, test } from "vitest";
import { encodeIpcStream } from "../../src/engine/arrow/arrow-ipc.ts";
import { rowsFromBatch } from "../../src/engine/arrow/arrow-rows.ts";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import { parquetEngine } from "../../src/engine/parquet/parquet.ts";
import { sqlFilePath } from "../../src/engine/base/sql-quote.ts";
import {
  decodeInteger,
  decodeList,
  decodeStruct,
  encodeInteger,
  encodeStruct,
  encodeStructList,
} from "../../src/engine/parquet/thrift-compact.ts";
import { schemaOf } from "./schema-helpers.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const sql = duckdbEngine();
afterAll(() => sql.close());

async function batchesOf(path: string): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for await (const batch of parquetEngine().read(path)) batches.push(batch);
  return batches;
}

/** Turns the 12-byte columns of a file into INT96 ones, which no writer here makes any more. */
function asInt96(bytes: Buffer): Buffer {
  const footerSize = bytes.readUInt32LE(bytes.length - 8);
  const file = decodeStruct(bytes.subarray(bytes.length - 8 - footerSize, bytes.length - 8));
  const retype = (
    fields: ReadonlyMap<number, { type: number; bytes: Uint8Array }>,
  ): Map<number, { type: number; bytes: Uint8Array }> => {
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
  const footer = encodeStruct(
    new Map(
      [...file, [2, encodeStructList(schema)], [4, encodeStructList(groups)]].filter(
        ([id]) => id !== 5 && id !== 7,
      ) as never,
    ),
  );
  const size = Buffer.alloc(4);
  size.writeUInt32LE(footer.length);
  return Buffer.concat([bytes.subarray(0, bytes.length - 8 - footerSize), footer, size, Buffer.from("PAR1")]);
}

test("INT96 timestamps are read to the microsecond, far beyond the years that nanoseconds reach", async () => {
  const path = join(temporaryFolder(), "int96.parquet");
  const times = [
    "0001-01-01T00:00:00.000Z",
    "1677-01-01T10:20:30.456Z",
    "1969-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00.000Z",
    "2024-02-29T12:00:00.001Z",
    "9999-12-31T23:59:59.999Z",
  ];
  const bytes = Buffer.alloc(12 * times.length);
  times.forEach((time, index) => {
    const ms = Date.parse(time);
    const day = Math.floor(ms / 86_400_000);
    bytes.writeBigInt64LE(BigInt(ms - day * 86_400_000) * 1_000_000n + 999n, index * 12);
    bytes.writeInt32LE(day + 2_440_588, index * 12 + 8);
  });
  const column = makeData({
    type: new FixedSizeBinary(12),
    length: times.length,
    nullCount: 0,
    data: new Uint8Array(bytes),
  });
  const list = makeData({
    type: new Struct([new Field("t", new FixedSizeBinary(12), true)]),
    length: times.length,
    nullCount: 0,
    children: [column],
  });
  const schema = new Schema([new Field("at", new FixedSizeBinary(12), true), new Field("s", list.type, true)]);
  const batch = new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: times.length, nullCount: 0, children: [column, list] }),
  );
  writeFileSync(path, asInt96(Buffer.from(writeParquet(Table.fromIPCStream(encodeIpcStream(schema, [batch]))))));
  const [found] = await batchesOf(path);
  const types = schemaOf({ at: "timestamp", s: schemaOf({ t: "timestamp" }) });
  expect([...rowsFromBatch(found as RecordBatch, types)]).toEqual(
    times.map((time) => ({ at: new Date(time), s: { t: new Date(time) } })),
  );
  expect(String(found?.schema.fields[0]?.type)).toBe("Timestamp<MICROSECOND, UTC>");
  await using connection = await sql.connect();
  const rows = await connection.rows(`SELECT epoch_us("at") AS t FROM read_parquet(${sqlFilePath(path)})`);
  expect(rows.map((row) => row["t"])).toEqual(times.map((time) => BigInt(Date.parse(time)) * 1000n));
});
