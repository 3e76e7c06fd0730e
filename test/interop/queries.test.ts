// Queries, run here and in Spark: equal rows of equal types, or an error in both.
import { describe, expect, test } from "vitest";
import { AlluviumError, formatType } from "../../src/index.ts";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
import type { PeerRow } from "./peer.ts";
import { peerRows, sorted } from "./peer-value.ts";
import { queryCases } from "./queries/query-cases.ts";

interface Answer {
  readonly types: readonly string[];
  readonly rows: readonly PeerRow[];
}

async function inSpark(queries: readonly string[]): Promise<readonly (Answer | "error")[]> {
  const found = await sharedPeer("spark").execute(
    `
result = []
for query in args:
    try:
        frame = spark.sql(query)
        types = [field.dataType.simpleString() for field in frame.schema.fields]
        result.append({"types": types, "rows": encode_table(frame.toArrow())})
    except Exception:
        result.append("error")
`,
    queries,
  );
  return (found as readonly (Answer | "error")[]).map((answer) =>
    answer === "error" ? answer : { ...answer, rows: sorted(answer.rows) },
  );
}

async function here(lake: Lake, query: string): Promise<Answer | "error"> {
  try {
    const frame = await lake.session.sql(query);
    const schema = await frame.schema();
    const rows = sorted(peerRows((await frame.toArrow()).batches, schema));
    return { types: schema.fields.map((field) => formatType(field.type)), rows };
  } catch (error) {
    if (error instanceof AlluviumError && error.kind !== "bug") return "error";
    throw error;
  }
}

describe.each(Object.entries(queryCases))("queries: %s", (_about, queries) => {
  test("give Spark's rows and types", async () => {
    await using lake = await Lake.open();
    const theirs = await inSpark(queries);
    for (const [index, query] of queries.entries()) expect(await here(lake, query), query).toEqual(theirs[index]);
  });
});
