// Names that Spark gives to columns without an alias: what test/sql/column-name.test.ts expects is what Spark says.
import { expect, test } from "vitest";
import { columnNames, namedTable } from "../sql/column-names.ts";
import { sharedPeer } from "./peer.ts";

test("columns without an alias are called as Spark calls them", async () => {
  const found = (await sharedPeer("spark").execute(
    `
spark.createDataFrame([], args["columns"]).createOrReplaceTempView("t")
result = [spark.sql(f"SELECT {expression} FROM t").columns[0] for expression in args["expressions"]]
spark.catalog.dropTempView("t")
`,
    { columns: namedTable, expressions: columnNames.map(([expression]) => expression) },
  )) as readonly string[];
  expect(columnNames.map(([expression], index) => [expression, found[index]])).toEqual(columnNames);
});
