// Columns that are called as columns of our own state, or as tables: found by the random queries.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Session } from "../../src/session/door/session.ts";
import { testEngine } from "../stream/query-doubles.ts";

async function streamed(sql: string, mode: "append" | "complete"): Promise<readonly unknown[]> {
  const warehouse = mkdtempSync(join(tmpdir(), "alluvium-test-"));
  onTestFinished(() => rmSync(warehouse, { recursive: true, force: true }));
  const spark = Session.over(testEngine(), { warehouse });
  for (const name of ["te", "tf"]) {
    await spark.sql(`CREATE TABLE ${name} (\`__k0\` INT, \`__k1\` STRING, \`__time\` STRING, f INT)`);
    await spark.sql(`INSERT INTO ${name} VALUES (1, 'a', 'x', 7), (1, 'b', 'x', 7)`);
    await spark.sql(`INSERT INTO ${name} VALUES (1, 'b', 'x', 7), (2, 'b', 'x', 8)`);
    spark.readStream.option("maxFilesPerTrigger", 1).table(name).createOrReplaceTempView(name.slice(1));
  }
  const writer = (await spark.sql(sql)).writeStream.outputMode(mode).trigger({ availableNow: true });
  const query = await writer.option("checkpointLocation", join(warehouse, "checkpoint")).toTable("out");
  await query.awaitTermination();
  const rows = await spark.table("out").collect();
  return rows
    .map((row) =>
      Object.values(row as object)
        .map(String)
        .join(" "),
    )
    .toSorted();
}

test("duplicates are found by the query's own columns, whatever they are called", async () => {
  expect(await streamed("SELECT DISTINCT __k1, __k0, __time FROM e", "append")).toEqual(["a 1 x", "b 1 x", "b 2 x"]);
});

test("groups are those of the query's own columns, whatever they are called", async () => {
  expect(
    await streamed("SELECT __k1, sum(__k0) AS s, count(DISTINCT __k0) AS n FROM e GROUP BY __k1", "complete"),
  ).toEqual(["a 1 1", "b 4 2"]);
});

test("a column of one stream in a join may be called as the other stream", async () => {
  const joined = "SELECT e.f, f.__k1 FROM e JOIN f ON e.f = f.f AND e.__k1 = f.__k1 WHERE e.__k1 = 'a'";
  expect(await streamed(joined, "append")).toEqual(["7 a"]);
});
