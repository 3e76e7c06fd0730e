// Which files an upsert reads: those whose partition values and statistics allow one of its keys.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { resolveDataPath } from "../../src/format/value/partition-path.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { scannedTable, scanRelation } from "../../src/reader/scan-relation.ts";
import { Session } from "../../src/session/door/session.ts";
import { filesOfKeys } from "../../src/table/rows/files-of-keys.ts";
import { bookSession } from "./books.ts";

const columns: Readonly<Record<string, (n: string) => string>> = {
  k: (n) => `CAST(${n} AS BIGINT)`,
  name: (n) => `concat('naïve ', repeat('x', 40), lpad(CAST(${n} AS STRING), 3, '0'))`,
  price: (n) => `CAST(${n} AS DECIMAL(12,2)) / 10`,
  day: (n) => `date_add(DATE '2024-01-01', CAST(${n} AS INT))`,
  ts: (n) => `timestamp_micros(CAST(1700000000000000 + ${n} * 500 AS BIGINT))`,
  flag: (n) => `${n} % 2 = 0`,
  x: (n) => `CAST(${n} AS DOUBLE)`,
};
const types = "k BIGINT, name STRING, price DECIMAL(12,2), day DATE, ts TIMESTAMP, flag BOOLEAN, x DOUBLE, part INT";

const number = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 200 }) }, fc.constant(null));
const rowsSql = (numbers: readonly (number | null)[], part: number): string =>
  `SELECT ${Object.entries(columns)
    .map(
      ([name, of]) =>
        `CAST(${of("n")} AS ${types
          .split(", ")
          .find((one) => one.startsWith(`${name} `))
          ?.slice(name.length + 1)}) AS ${name}`,
    )
    .join(
      ", ",
    )}, ${part} AS part FROM VALUES ${numbers.map((n) => `(CAST(${n ?? "NULL"} AS INT))`).join(", ")} AS v(n)`;

test("a file that an upsert leaves out has none of its keys", { timeout: 120_000 }, async () => {
  const root = mkdtempSync(join(tmpdir(), "alluvium-keys-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  await using engine = localEngine();
  await using spark = Session.over(engine, { warehouse: root });
  let round = 0;
  const keyLists = fc.uniqueArray(fc.constantFrom(...Object.keys(columns), "part"), { minLength: 1, maxLength: 3 });
  const lists = fc.array(number, { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(lists, { minLength: 1, maxLength: 4 }), lists, keyLists, async (files, wanted, keys) => {
      const table = `t${(round += 1)}`;
      await spark.sql(`CREATE TABLE ${table} (${types}) PARTITIONED BY (part)`);
      for (const [index, numbers] of files.entries())
        await spark.sql(`INSERT INTO ${table} ${rowsSql(numbers, index % 2)}`);
      const snapshot = await loadSnapshot(engine, join(root, table));
      await spark.sql(`CREATE TABLE given_${table} AS ${rowsSql(wanted, 1)}`);
      const given = await loadSnapshot(engine, join(root, `given_${table}`));
      const source = scanRelation(scannedTable(given), await filesOf(given));
      await using connection = await engine.sql.connect();
      const chosen = await filesOfKeys(engine, snapshot, {
        source,
        keys: snapshot.schema.fields.filter((field) => keys.includes(field.name)),
      });
      const scan = scanRelation(scannedTable(snapshot), await filesOf(snapshot), { fileNameColumn: "__file" });
      const same = keys.map((key) => `held.${key} IS NOT DISTINCT FROM given.${key}`).join(" AND ");
      const held = await connection.rows(
        `SELECT DISTINCT __file AS f FROM (${scan}) AS held SEMI JOIN (${source}) AS given ON ${same}`,
      );
      const paths = new Set(chosen.map((file) => resolveDataPath(snapshot.tablePath, file.path)));
      expect(held.filter((row) => !paths.has(String(row["f"])))).toEqual([]);
    }),
    { numRuns: 25, seed: 7 },
  );
});

test("among many keys null is one still", async () => {
  const spark = await bookSession();
  const engine = localEngine();
  onTestFinished(() => engine[Symbol.asyncDispose]());
  await spark.sql("INSERT INTO books (book_id, price) VALUES ('B7', 100)");
  const snapshot = await loadSnapshot(engine, (await spark.deltaTable("books")).path);
  const source = "SELECT CAST(i AS VARCHAR) AS author FROM range(130) AS r(i) UNION ALL SELECT NULL";
  const keys = snapshot.schema.fields.filter((field) => field.name === "author");
  expect((await filesOfKeys(engine, snapshot, { source, keys })).length).toBe(1);
});

async function filesOf(snapshot: Awaited<ReturnType<typeof loadSnapshot>>) {
  const files = [];
  for await (const chunk of snapshot.files.chunks()) files.push(...chunk);
  return files;
}

test("an upsert of a few keys does not open the files that cannot hold them", async () => {
  const spark = await bookSession();
  const { path } = await spark.deltaTable("books");
  await spark.sql("CREATE TABLE target (id BIGINT, total BIGINT)");
  for (let from = 0; from < 50; from += 10)
    await spark.sql(`INSERT INTO target SELECT id, 0 AS total FROM range(${from}, ${from + 10})`);
  const target = await spark.deltaTable("target");
  await spark.sql("CREATE TABLE source AS SELECT * FROM VALUES (3, 1), (3, 2), (44, 5), (100, 7) AS s(id, v)");
  // Files that cannot hold 3, 44 or 100 go from the disk: whoever opens one of them fails.
  const engine = localEngine();
  const snapshot = await loadSnapshot(engine, target.path);
  for (const file of await filesOf(snapshot)) {
    const { minValues } = JSON.parse(file.stats ?? "{}") as { minValues: { id: number } };
    if (![0, 40].includes(minValues.id)) rmSync(resolveDataPath(target.path, file.path));
  }
  await engine[Symbol.asyncDispose]();
  spark.readStream.table("source").createOrReplaceTempView("source_s");
  const query = await (
    await spark.sql("SELECT CAST(id AS BIGINT) AS id, sum(v) AS total FROM source_s GROUP BY 1")
  ).writeStream
    .outputMode("update")
    .option("keyColumns", "id")
    .option("checkpointLocation", join(path, "..", "_checkpoint"))
    .trigger({ availableNow: true })
    .toTable("target");
  await query.awaitTermination();
  const { operationMetrics } = (await (await spark.deltaTable("target")).history(1))[0] ?? {};
  expect(operationMetrics).toMatchObject({ numRemovedFiles: "2", numOutputRows: "3" });
});
