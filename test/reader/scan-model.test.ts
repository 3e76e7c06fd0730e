// test/reader/scan-model.test.ts: pruning and skipping change how much is read, never what is found.
import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePredicate } from "../../src/expression/predicate/parse-predicate.ts";
import { field, struct } from "../expression/all-types.ts";
import { fileRows, predicateText, statsText, valuesSql } from "../expression/random-file.ts";
import { makeTable, readRows, testEngine } from "./table-of-files.ts";

const engine = testEngine();

const schema = struct(
  field("p", "integer"),
  field("i", "integer"),
  field("x", "double"),
  field("s", "string"),
  field("d", "date"),
  field("t", "timestamp"),
  field("m", { kind: "decimal", precision: 5, scale: 2 }),
  field("b", "boolean"),
);

test("a scan with a predicate gives the rows for which it is true, and no others", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fileRows(), { minLength: 1, maxLength: 4 }),
      fc.array(predicateText(), { minLength: 4, maxLength: 8 }),
      fc.boolean(),
      async (contents, texts, isExact) => {
        const files = contents.map((content, index) => ({
          path: `${index}.parquet`,
          sql: `SELECT * EXCLUDE (p), ${index}::INT AS file FROM (${valuesSql(content)})`,
          partitionValues: { p: content.p === null ? null : String(content.p) },
          ...(index % 3 === 2 ? {} : { stats: statsText(content, isExact) }),
        }));
        const numbered = struct(...schema.fields, field("file", "integer"));
        const snapshot = await makeTable(engine, { schema: numbered, partitionColumns: ["p"], files });
        const all = contents
          .map((content, index) => `SELECT *, ${index}::INT AS file FROM (${valuesSql(content)})`)
          .join(" UNION ALL ");
        await using connection = await engine.sql.connect();
        for (const text of texts) {
          const predicate = await parsePredicate(engine.sql, text, { schema: numbered, partitionColumns: ["p"] });
          const expected = await connection.rows(`SELECT file, i, s FROM (${all}) WHERE ${predicate.sql}`);
          const found = await readRows(engine, snapshot, { where: text, columns: ["file", "i", "s"] });
          expect(sorted(found)).toEqual(sorted(expected));
        }
      },
    ),
    { seed: 20, numRuns: 40 },
  );
});

const sorted = (rows: readonly unknown[]): readonly string[] => rows.map((row) => JSON.stringify(row)).toSorted();
