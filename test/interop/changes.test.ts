// The changes of tables that Spark wrote, as we and as Spark read them: row by row, with type, version and time.
import { afterAll, beforeAll, expect, test } from "vitest";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
import type { PeerRow } from "./peer.ts";
import { peerRows, sorted } from "./peer-value.ts";

const spark = sharedPeer("spark");
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

/** What is done to each table, one statement a commit; `T` is the table. */
const statements = [
  "INSERT INTO T SELECT id, 'n' || id, id % 3 FROM range(0, 30, 1, 2)",
  "UPDATE T SET name = 'updated' WHERE id % 7 = 0",
  "DELETE FROM T WHERE id % 5 = 1",
  "DELETE FROM T WHERE p = 2",
  "MERGE INTO T AS t USING (SELECT * FROM VALUES (3, 'merged', 0), (100, 'new', 1) AS s(id, name, p)) AS s ON t.id = s.id WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *",
  "OPTIMIZE T",
  "INSERT OVERWRITE T SELECT id, 'again', 1 FROM range(3)",
  "RESTORE TABLE T TO VERSION AS OF 3",
  "DELETE FROM T",
] as const;

const tables = [
  ["plain", "", ""],
  ["partitioned", "PARTITIONED BY (p)", ""],
  ["with deletion vectors", "", "'delta.enableDeletionVectors' = 'true'"],
  [
    "partitioned, with vectors and mapped names",
    "PARTITIONED BY (p)",
    "'delta.enableDeletionVectors' = 'true', 'delta.columnMapping.mode' = 'name'",
  ],
  [
    "with mapped ids and times of its own",
    "",
    "'delta.columnMapping.mode' = 'id', 'delta.enableInCommitTimestamps' = 'true'",
  ],
] as const;

test.each(tables)("a table %s", { timeout: 300_000 }, async (name, partitioning, properties) => {
  const path = lake.path(name);
  const settings = ["'delta.enableChangeDataFeed' = 'true'", properties].filter((text) => text !== "").join(", ");
  const create = `CREATE TABLE T (id BIGINT, name STRING, p INT) USING delta ${partitioning} TBLPROPERTIES (${settings})`;
  const texts = [create, ...statements].map((text) => text.replace(/\bT\b/, `delta.\`${path}\``));
  await spark.execute("for text in args: spark.sql(text)", texts);
  const versionCount = statements.length + 1;
  for (const [from, to] of [
    [0, versionCount - 1],
    ...Array.from({ length: versionCount }, (_, at) => [at, at]),
    [2, 5],
  ] as const) {
    const theirs = await spark.execute(
      "result = encode_table(spark.read.format('delta').option('readChangeFeed', 'true').option('startingVersion', args['from']).option('endingVersion', args['to']).load(args['path']).toArrow())",
      { path, from, to },
    );
    expect(await ourChanges(path, from ?? 0, to ?? 0), `versions ${from} to ${to}`).toEqual(
      sorted(theirs as readonly PeerRow[]),
    );
  }
});

async function ourChanges(path: string, from: number, to: number): Promise<readonly PeerRow[]> {
  const table = await lake.session.deltaTableAt(path);
  const changes = table.changes({ from, to });
  return sorted(peerRows((await changes.toArrow()).batches, await changes.schema()));
}
