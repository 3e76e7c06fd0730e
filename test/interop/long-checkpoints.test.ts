// A checkpoint of many files that Spark wrote is asked by its typed columns; the files chosen are those that judging each one leaves.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { resolvePredicate } from "../../src/expression/predicate/predicate-input.ts";
import type { AddFile } from "../../src/format/action/action.ts";
import { heldFileCountMax } from "../../src/log/checkpoint/checkpoint-base.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { chooseFiles, planFiles } from "../../src/reader/plan-scan.ts";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";

const spark = sharedPeer("spark");
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

const column = (name: string, type: string) => ({ name, type, nullable: true, metadata: {} });
const texts = ["a", "b", "ß", "o'c", "\u{1F600}", "zz"];
const days = ["1969-12-31", "2024-01-01"];

/** One commit of files that are not there; every partition value of `day` and `n` is known, some of `d` are null. */
function writeLog(path: string, fileCount = heldFileCountMax + 100): void {
  const schema = [
    column("id", "long"),
    column("text", "string"),
    column("day", "string"),
    column("n", "integer"),
    column("d", "date"),
  ];
  const metaData = {
    id: "00000000-0000-4000-8000-00000000b009",
    format: { provider: "parquet", options: {} },
    schemaString: JSON.stringify({ type: "struct", fields: schema }),
    partitionColumns: ["day", "n", "d"],
    configuration: {},
    createdTime: 1,
  };
  const files = Array.from({ length: fileCount }, (_, index) => {
    const text = texts[index % texts.length] ?? "";
    const least = (index * 7) % 500;
    const d = index % 101 === 0 ? null : days[index % days.length];
    const [minValues, maxValues] = [
      { id: least, text },
      { id: least + 3, text: `${text}z` },
    ];
    const stats = JSON.stringify({ numRecords: 1, minValues, maxValues, nullCount: { id: 0, text: 0 } });
    const partitionValues = { day: text, n: String((index % 11) - 5), d };
    return { add: { path: `f${index}`, partitionValues, size: 10, modificationTime: 1, dataChange: true, stats } };
  });
  const info = { commitInfo: { timestamp: 1, operation: "WRITE", operationParameters: {} } };
  const actions = [info, { protocol: { minReaderVersion: 1, minWriterVersion: 2 } }, { metaData }, ...files];
  mkdirSync(join(path, "_delta_log"), { recursive: true });
  const lines = actions.map((action) => `${JSON.stringify(action)}\n`);
  writeFileSync(join(path, "_delta_log", "00000000000000000000.json"), lines.join(""));
}

const questions = [
  "day = 'ß'",
  "day >= 'o'",
  "n = -5",
  "n > 2 AND id = 17",
  "d = DATE'2024-01-01'",
  "d = DATE'1969-12-31' AND n IN (1, 2)",
  "id <= -1",
  "id > 499 OR day = '\u{1F600}'",
  "text >= 'ß' AND n < 0",
  "5 < id AND id < 9",
  "id = 9223372036854775807",
];

test("of a long checkpoint of Spark's the files chosen are those that judging each one leaves", async () => {
  const path = lake.path("long");
  writeLog(path);
  await spark.execute(
    "spark.sparkContext._jvm.org.apache.spark.sql.delta.DeltaLog.forTable(spark._jsparkSession, args).checkpoint()",
    path,
  );
  await using engine = localEngine();
  const snapshot = await loadSnapshot(engine, path);
  const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
  const counts: number[] = [];
  for (const question of questions) {
    const where = await resolvePredicate(engine.sql, question, scope);
    const chosen = (await chooseFiles(snapshot, { where })).files.map((file) => file.path).toSorted();
    const judged = (await planFiles(snapshot, { where })).files.map((file) => file.path).toSorted();
    expect({ question, paths: chosen }).toEqual({ question, paths: judged });
    counts.push(chosen.length);
  }
  expect(counts).toEqual([1683, 6732, 919, 20, 5000, 910, 0, 1737, 1530, 122, 0]);
});

test("a checkpoint that follows a long one of Spark's takes its columns over, and Spark and delta-rs have the same files by it", async () => {
  const path = lake.path("followed");
  writeLog(path);
  await spark.execute(
    "spark.sparkContext._jvm.org.apache.spark.sql.delta.DeltaLog.forTable(spark._jsparkSession, args).checkpoint()",
    path,
  );
  const log = join(path, "_delta_log");
  const later = [
    { remove: { path: "f7", deletionTimestamp: Date.now(), dataChange: true } },
    {
      add: {
        path: "new",
        partitionValues: { day: "a", n: "1", d: null },
        size: 1,
        modificationTime: 1,
        dataChange: true,
      },
    },
  ];
  writeFileSync(join(log, "00000000000000000001.json"), later.map((action) => `${JSON.stringify(action)}\n`).join(""));
  await using engine = localEngine();
  const filesOf = async (): Promise<readonly AddFile[]> => {
    const files: AddFile[] = [];
    for await (const chunk of (await loadSnapshot(engine, path)).files.chunks())
      files.push(...chunk.map((file) => ({ ...file, dataChange: false })));
    return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  };
  const before = await filesOf();
  await writeCheckpoint(engine, await loadSnapshot(engine, path));
  rmSync(join(log, "00000000000000000000.json"));
  rmSync(join(log, "00000000000000000000.checkpoint.parquet"));
  expect(await filesOf()).toEqual(before);
  const inSpark = await spark.execute(
    "result = spark.sql(f'DESCRIBE DETAIL delta.`{args}`').collect()[0]['numFiles']",
    path,
  );
  const inDeltars = await sharedPeer("deltars").execute(
    "import deltalake\nresult = len(deltalake.DeltaTable(args).file_uris())",
    path,
  );
  expect([inSpark, inDeltars]).toEqual([before.length, before.length]);
});

test("Spark and delta-rs read a checkpoint into which row groups of the one before went as they are", async () => {
  const path = lake.path("taken-over");
  writeLog(path, 40_000);
  await using engine = localEngine();
  let snapshot = await loadSnapshot(engine, path);
  await writeCheckpoint(engine, snapshot);
  let takenOver = 0;
  const { append } = engine.parquet;
  const noting = {
    ...engine,
    parquet: {
      ...engine.parquet,
      append: async (...asked: Parameters<typeof append>) => {
        const isDone = await append(...asked);
        const older = asked[1].filter((source) => !source.path.endsWith(".more"));
        if (isDone) takenOver += older.reduce((sum, { groups }) => sum + groups.length, 0);
        return isDone;
      },
    },
  };
  const values = { day: "a", n: "1", d: null };
  for (const version of [1, 2]) {
    const add = { path: `new${version}`, partitionValues: values, size: 7, modificationTime: 1, dataChange: true };
    const remove = { path: `f${version}`, deletionTimestamp: Date.now(), dataChange: true };
    const lines = [{ add }, { remove }].map((action) => `${JSON.stringify(action)}\n`);
    writeFileSync(join(path, "_delta_log", `${String(version).padStart(20, "0")}.json`), lines.join(""));
    snapshot = await loadSnapshot(noting, path);
    await writeCheckpoint(noting, snapshot);
  }
  expect(takenOver).toBeGreaterThan(1);
  for (const name of ["0.json", "0.checkpoint.parquet", "1.json", "1.checkpoint.parquet"])
    rmSync(join(path, "_delta_log", name.padStart(name.length + 19, "0")));
  const expected = await snapshot.files.totals();
  const inSpark = await spark.execute(
    "detail = spark.sql(f'DESCRIBE DETAIL delta.`{args}`').collect()[0]\nresult = [detail['numFiles'], detail['sizeInBytes']]",
    path,
  );
  const inDeltars = await sharedPeer("deltars").execute(
    "import deltalake, pyarrow as pa\nactions = pa.table(deltalake.DeltaTable(args).get_add_actions(flatten=True))\nresult = [actions.num_rows, sum(actions['size_bytes'].to_pylist())]",
    path,
  );
  expect([inSpark, inDeltars]).toEqual(Array.from({ length: 2 }, () => [expected.count, expected.sizeBytes]));
});
