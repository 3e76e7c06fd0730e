// test/table/column-rules.test.ts: CHECK constraints, generated columns, defaults and identity columns on every way into a table.
// PROTOCOL.md, "CHECK Constraints", "Generated Columns", "Default Columns" and "Identity Columns".
import { join } from "node:path";
import fc from "fast-check";
import { tableFromArrays } from "apache-arrow";
import { expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import type { RowObject } from "../../src/table/input/table-input.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { roundCount } from "../round-count.ts";

interface Lake {
  readonly root: string;
  readonly spark: Session;
}

function lake(): Lake {
  const root = temporaryFolder();
  const spark = Session.over(localEngine(), { warehouse: root });
  onTestFinished(() => spark.close());
  return { root, spark };
}

async function rowsOf(table: DeltaTable): Promise<readonly RowObject[]> {
  const rows: RowObject[] = [];
  for await (const row of table.rows()) rows.push(row);
  return rows.toSorted((a, b) => (JSON.stringify(a, asText) < JSON.stringify(b, asText) ? -1 : 1));
}

const asText = (_: string, value: unknown): unknown => (typeof value === "bigint" ? String(value) : value);

/** One row of `id` on every way into the table `t`. */
const ways: readonly (readonly [
  name: string,
  write: (lake: Lake, table: DeltaTable, id: number) => Promise<unknown>,
])[] = [
  ["append of row objects", (_, table, id) => table.append([{ id: BigInt(id) }])],
  ["append of Arrow data", (_, table, id) => table.append(tableFromArrays({ id: BigInt64Array.from([BigInt(id)]) }))],
  [
    "append of a DataFrame",
    async ({ spark }, table, id) => table.append(await spark.sql(`SELECT ${id}::BIGINT AS id`)),
  ],
  ["overwrite", (_, table, id) => table.overwrite([{ id: BigInt(id) }])],
  ["overwrite of a region", (_, table, id) => table.overwrite([{ id: BigInt(id) }], { where: "id < 1000" })],
  ["INSERT INTO", ({ spark }, _, id) => spark.sql(`INSERT INTO t (id) VALUES (${id})`)],
  ["INSERT OVERWRITE", ({ spark }, _, id) => spark.sql(`INSERT OVERWRITE t (id) VALUES (${id})`)],
  [
    "a stream",
    async ({ spark, root }, _, id) => {
      const source = await spark.createTable(`source${id}`, { schema: "id BIGINT" });
      await source.append([{ id: BigInt(id) }]);
      const writer = spark.readStream.table(`source${id}`).writeStream.trigger({ availableNow: true });
      const query = await writer.option("checkpointLocation", join(root, `checkpoint${id}`)).toTable("t");
      await query.awaitTermination();
    },
  ],
];

test.each(ways)("a CHECK constraint holds for %s", async (_, write) => {
  const there = lake();
  const table = await there.spark.createTable("t", {
    schema: "id BIGINT",
    properties: { "delta.constraints.small": "id < 10" },
  });
  await write(there, table, 9);
  await table.refresh();
  const version = table.version;
  await expect(write(there, table, 10)).rejects.toThrow(
    /CHECK constraint small \(id < 10\) violated by row with values:\n - id : 10/u,
  );
  await table.refresh();
  expect(table.version).toBe(version);
  expect(await rowsOf(table)).toEqual([{ id: 9n }]);
});

test("a CHECK constraint refuses null, as the protocol demands true", async () => {
  const table = await lake().spark.createTable("t", {
    schema: "id BIGINT",
    properties: { "delta.constraints.small": "id < 10" },
  });
  await expect(table.append([{ id: null }])).rejects.toMatchObject({ code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES" });
});

test.each(ways)("the columns that rows lack are computed on %s", async (_, write) => {
  const there = lake();
  const table = await there.spark.createTable("t", {
    schema:
      "id BIGINT, twice BIGINT NOT NULL GENERATED ALWAYS AS (id * 2), state STRING DEFAULT 'new', n BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 5 INCREMENT BY 5)",
  });
  await write(there, table, 3);
  await table.refresh();
  expect(await rowsOf(table)).toEqual([{ id: 3n, twice: 6n, state: "new", n: 5n }]);
});

test("a value that is given for a generated column must be the one that its expression gives", async () => {
  const table = await lake().spark.createTable("t", { schema: "id BIGINT, twice BIGINT GENERATED ALWAYS AS (id * 2)" });
  await table.append([
    { id: 1n, twice: 2n },
    { id: null, twice: null },
  ]);
  const wrong = table.append([{ id: 1n, twice: 3n }]);
  await expect(wrong).rejects.toMatchObject({ code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES" });
  await expect(wrong).rejects.toThrow("Generated Column");
  await expect(table.append([{ id: 1n, twice: null }])).rejects.toMatchObject({
    code: "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
  });
});

test("a generated partition column decides where rows lie", async () => {
  const table = await lake().spark.createTable("t", {
    schema: "at TIMESTAMP, day DATE GENERATED ALWAYS AS (CAST(at AS DATE))",
    partitionBy: ["day"],
  });
  await table.append([{ at: new Date("2026-01-02T03:04:05Z") }]);
  expect((await rowsOf(table))[0]).toMatchObject({ day: new Date("2026-01-02T00:00:00Z") });
  const found: RowObject[] = [];
  for await (const row of table.rows({ where: "day = DATE'2026-01-02'" })) found.push(row);
  expect(found).toHaveLength(1);
});

test("a default stands where no value is given, and null where null is given", async () => {
  const table = await lake().spark.createTable("t", { schema: "id BIGINT, state STRING DEFAULT upper('new')" });
  await table.append([{ id: 1n }]);
  await table.append([{ id: 2n, state: null }]);
  expect(await rowsOf(table)).toEqual([
    { id: 1n, state: "NEW" },
    { id: 2n, state: null },
  ]);
});

test("values of a column that is always generated cannot be given, those of one by default can", async () => {
  const { spark } = lake();
  const always = await spark.createTable("a", { schema: "id BIGINT, n BIGINT GENERATED ALWAYS AS IDENTITY" });
  await expect(always.append([{ id: 1n, n: 7n }])).rejects.toMatchObject({
    code: "DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED",
  });
  const byDefault = await spark.createTable("b", { schema: "id BIGINT, n BIGINT GENERATED BY DEFAULT AS IDENTITY" });
  await byDefault.append([{ id: 1n, n: 7n }]);
  await byDefault.append([{ id: 2n }]);
  expect(await rowsOf(byDefault)).toEqual([
    { id: 1n, n: 7n },
    { id: 2n, n: 1n },
  ]);
});

test("two writers never give one identity value twice: the second is told to begin anew", async () => {
  const { spark } = lake();
  const first = await spark.createTable("t", { schema: "id BIGINT, n BIGINT GENERATED ALWAYS AS IDENTITY" });
  const second = await spark.deltaTable("t");
  const outcomes = await Promise.allSettled([first.append([{ id: 1n }]), second.append([{ id: 2n }])]);
  const failed = outcomes.filter((outcome) => outcome.status === "rejected");
  for (const { reason } of failed) expect(reason).toMatchObject({ code: "DELTA_METADATA_CHANGED", kind: "rebase" });
  await first.append([{ id: 3n }]);
  const values = (await rowsOf(first)).map((row) => row["n"]);
  expect(new Set(values).size).toBe(values.length);
});

test("an identity value beyond 64 bits is an error, and nothing is written", async () => {
  const table = await lake().spark.createTable("t", {
    schema: "id BIGINT, n BIGINT GENERATED ALWAYS AS IDENTITY (START WITH 9223372036854775807)",
  });
  await expect(table.append([{ id: 1n }, { id: 2n }])).rejects.toMatchObject({ kind: "fix-input" });
  await table.append([{ id: 1n }]);
  await expect(table.append([{ id: 2n }])).rejects.toMatchObject({ kind: "fix-input" });
  expect(await rowsOf(table)).toEqual([{ id: 1n, n: 9223372036854775807n }]);
});

test(
  "identity values follow start and step, are unique, and go on after every write, whatever its size",
  { timeout: 120_000 },
  async () => {
    const { spark } = lake();
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: -3, max: 3 }).filter((step) => step !== 0),
        fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
        async (start, step, sizes) => {
          const table = await spark.createTable(`t${(count += 1)}`, {
            schema: `id BIGINT, n BIGINT GENERATED ALWAYS AS IDENTITY (START WITH ${start} INCREMENT BY ${step})`,
          });
          for (const size of sizes) await table.append(Array.from({ length: size }, (__, id) => ({ id: BigInt(id) })));
          const total = sizes.reduce((sum, size) => sum + size, 0);
          const expected = Array.from({ length: total }, (__, index) => BigInt(start + step * index));
          const ascending = (a: bigint, b: bigint): number => (a < b ? -1 : 1);
          const values = (await rowsOf(table)).map((row) => row["n"] as bigint);
          expect(values.toSorted(ascending)).toEqual(expected.toSorted(ascending));
        },
      ),
      { numRuns: roundCount(8), seed: 5 },
    );
  },
);

test.each([
  ["id BIGINT GENERATED ALWAYS AS (other * 2)", "COLUMN_NOT_FOUND"],
  [
    "a BIGINT, b BIGINT GENERATED ALWAYS AS (a), c BIGINT GENERATED ALWAYS AS (b)",
    "DELTA_INVALID_GENERATED_COLUMN_REFERENCES",
  ],
  ["a BIGINT, b DOUBLE GENERATED ALWAYS AS (rand())", "DELTA_NON_DETERMINISTIC_EXPRESSION_IN_GENERATED_COLUMN"],
  ["a BIGINT, b BOOLEAN GENERATED ALWAYS AS (a)", "DELTA_GENERATED_COLUMNS_EXPR_TYPE_MISMATCH"],
  ["a INT GENERATED ALWAYS AS IDENTITY", "DELTA_IDENTITY_COLUMNS_UNSUPPORTED_DATA_TYPE"],
  ["a BIGINT GENERATED ALWAYS AS IDENTITY (INCREMENT BY 0)", "DELTA_IDENTITY_COLUMNS_ILLEGAL_STEP"],
  ["a BIGINT DEFAULT b", "COLUMN_NOT_FOUND"],
])("a table cannot be made with %s", async (schema, code) => {
  await expect(lake().spark.createTable("t", { schema })).rejects.toMatchObject({ code });
});

test("rules of the table that rows come from do not go with the rows", async () => {
  const { spark } = lake();
  const source = await spark.createTable("source", {
    schema: "id BIGINT, n BIGINT GENERATED ALWAYS AS IDENTITY, s STRING DEFAULT 'x'",
  });
  await source.append([{ id: 1n }]);
  await spark.sql("CREATE TABLE copy AS SELECT * FROM source");
  await spark.table("source").write.saveAsTable("saved");
  for (const name of ["copy", "saved"]) {
    const copy = await spark.deltaTable(name);
    expect(copy.schema.fields.map(({ metadata }) => metadata)).toEqual([{}, {}, {}]);
    await copy.append([{ id: 2n, n: 2n, s: null }]);
  }
});
