// The queries of queries/session-queries.sql, in Spark and here: the same names, types and rows, in the same order where the query
// gives one, or a refusal by both. A query that is found to be answered otherwise becomes a line there.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AlluviumError, formatType } from "../../src/index.ts";
import type { StructField } from "../../src/index.ts";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
import { peerRows } from "./peer-value.ts";

const text = readFileSync(new URL("queries/session-queries.sql", import.meta.url), "utf8");
const [views = [], queries = []] = text
  .split("-- queries\n")
  .map((part) => part.split("\n").filter((line) => line !== "" && !line.startsWith("--")));

interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

async function inSpark(): Promise<readonly (Answer | "refused")[]> {
  const found = await sharedPeer("spark").execute(
    `
from peer_protocol import encode_column
for view in args["views"]:
    spark.sql(view)
result = []
for query in args["queries"]:
    try:
        frame = spark.sql(query)
        table = frame.toArrow()
        values = [encode_column(table.column(i)) for i in range(table.num_columns)]
        columns = [f"{field.name}: {field.dataType.simpleString()}" for field in frame.schema.fields]
        result.append({"columns": columns, "rows": [list(row) for row in zip(*values)]})
    except Exception:
        result.append("refused")
for view in args["views"]:
    spark.catalog.dropTempView(view.split()[5])
`,
    { views, queries },
  );
  return found as readonly (Answer | "refused")[];
}

async function here({ session }: Lake, query: string): Promise<Answer | "refused"> {
  try {
    const frame = await session.sql(query);
    const { fields } = await frame.schema();
    const columns = fields.map((field) => `${field.name}: ${formatType(field.type)}`);
    const numbered = fields.map((field, index): StructField => ({ ...field, name: `c${index}` }));
    const rows = peerRows((await frame.toArrow()).batches, { kind: "struct", fields: numbered });
    return { columns, rows: rows.map((row) => Object.values(row)) };
  } catch (error) {
    if (error instanceof AlluviumError && error.kind !== "bug") return "refused";
    throw error;
  }
}

const isOrdered = (query: string): boolean => /order by[^()]*$/i.test(query);

function shown(query: string, answer: Answer | "refused" | undefined): string {
  if (answer === undefined || answer === "refused") return `${query} -> refused`;
  const rows = answer.rows.map((row) => JSON.stringify(row));
  return [`${query} -> ${answer.columns.join(", ")}`, ...(isOrdered(query) ? rows : rows.toSorted())].join("\n");
}

test("queries of every shape give Spark's names, types and rows, or are refused as in Spark", async () => {
  await using lake = await Lake.open();
  const theirs = await inSpark();
  for (const view of views) await lake.session.sql(view.replace(/;$/, ""));
  const ours: string[] = [];
  for (const query of queries) ours.push(shown(query, await here(lake, query)));
  expect(ours).toEqual(queries.map((query, index) => shown(query, theirs[index])));
});
