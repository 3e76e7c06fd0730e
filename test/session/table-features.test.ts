// test/session/table-features.test.ts: frames and streams over tables with deletion vectors, mapped and widened columns.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { Session } from "../../src/session/door/session.ts";
import { inlineVector } from "../format/roaring-bytes.ts";
import { drain, starts } from "./streams.ts";
import type { Lake } from "./streams.ts";

const engine = localEngine();
const folder = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const features = ["deletionVectors", "columnMapping", "typeWidening"];
const column = (name: string, id: number, metadata: object = {}): object => ({
  name,
  type: "long",
  nullable: true,
  metadata: { "delta.columnMapping.id": id, "delta.columnMapping.physicalName": `col-${id}`, ...metadata },
});

/** A lake with a table `source`: ids 0 to 9, of which 3 and 7 are deleted; stored as int under another name. */
async function lake(name: string): Promise<Lake> {
  const root = join(folder, name);
  const log = join(root, "source", "_delta_log");
  mkdirSync(log, { recursive: true });
  await using connection = await engine.sql.connect();
  const data = join(root, "source", "a.parquet");
  const rows = 'SELECT i::INTEGER AS "col-1", i + 100 AS id FROM range(10) t(i)';
  await connection.run(`COPY (${rows}) TO ${sqlLiteral(data)} (FORMAT parquet)`);
  const typeChanges = [{ fromType: "integer", toType: "long" }];
  const fields = [column("id", 1, { "delta.typeChanges": typeChanges }), column("text", 2)];
  const lines = [
    { protocol: { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: features, writerFeatures: features } },
    {
      metaData: {
        id: "5bbc461a-6ea3-42ea-afa3-3dd2ac6c0001",
        format: { provider: "parquet", options: {} },
        schemaString: JSON.stringify({ type: "struct", fields }),
        partitionColumns: [],
        configuration: { "delta.columnMapping.mode": "name" },
        createdTime: 1,
      },
    },
    {
      add: {
        path: "a.parquet",
        partitionValues: {},
        size: 1_000_000,
        modificationTime: 1,
        dataChange: true,
        stats: JSON.stringify({ numRecords: 10 }),
        deletionVector: inlineVector([3, 7]),
      },
    },
  ];
  writeFileSync(join(log, `${"0".padStart(20, "0")}.json`), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return { root, session: Session.over(engine, { warehouse: root }) };
}

const left = [0, 1, 2, 4, 5, 6, 8, 9];

test.each(Object.keys(starts))(
  "a stream gives the rows that are left, under their names and types: %s",
  async (kind) => {
    const made = await lake(kind);
    const start = starts[kind];
    if (start === undefined) throw new Error(kind);
    await drain(start, made, new Map());
    const target = await made.session.read.table("target").collect();
    const ids = target.map((row) => row["id"]).toSorted((a, b) => Number(a) - Number(b));
    expect(ids).toEqual((kind.startsWith("steps") ? left.slice(1) : left).map(BigInt));
    const { schema, protocol } = await loadSnapshot(engine, join(made.root, "target"));
    expect(schema.fields.slice(0, 2).map(({ name, metadata }) => [name, Object.keys(metadata)])).toEqual([
      ["id", []],
      ["text", []],
    ]);
    expect(protocol).toMatchObject({ minReaderVersion: 1, minWriterVersion: 2 });
  },
);

test("a frame gives them, with steps and without, and a table made of it is a plain one", async () => {
  const { session, root } = await lake("frame");
  const frame = session.read.table("source");
  expect((await frame.collect()).map((row) => Number(row["id"]))).toEqual(left);
  const chosen = await frame.where("id >= 6").selectExpr("id + 1 AS next").collect();
  expect(chosen.map((row) => Number(row["next"])).toSorted((a, b) => a - b)).toEqual([7, 9, 10]);
  await frame.write.saveAsTable("copy");
  const { schema } = await loadSnapshot(engine, join(root, "copy"));
  expect(schema.fields.map((field) => Object.keys(field.metadata))).toEqual([[], []]);
});

test("such a table is written to like any other", async () => {
  const { root } = await lake("written");
  await using table = await DeltaTable.open(join(root, "source"));
  await table.append([{ id: 2n ** 40n, text: 7n }]);
  await table.delete("id = 1");
  const rows: unknown[] = [];
  for await (const row of table.rows()) rows.push([row["id"], row["text"]]);
  const expected = [0, 2, 4, 5, 6, 8, 9].map((id) => [BigInt(id), null]);
  expect(rows).toEqual(expect.arrayContaining([...expected, [2n ** 40n, 7n]]));
  expect(rows).toHaveLength(8);
});
