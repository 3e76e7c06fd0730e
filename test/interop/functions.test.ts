// Spark's functions, called here and in Spark with the same arguments: equal values of equal types, or an error in both.
import { describe, expect, test } from "vitest";
import { AlluviumError, formatType } from "../../src/index.ts";
import { aggregateCases } from "./functions/aggregate-cases.ts";
import { collectionCases } from "./functions/collection-cases.ts";
import { different, missing } from "./functions/differences.ts";
import { numberCases } from "./functions/number-cases.ts";
import { textCases } from "./functions/text-cases.ts";
import { timeCases } from "./functions/time-cases.ts";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
import { peerRows } from "./peer-value.ts";

const rows = "(VALUES (1, 'a'), (2, 'b'), (2, CAST(NULL AS STRING)), (CAST(NULL AS INT), 'c')) AS t(v, s)";

async function inSpark(queries: readonly string[]): Promise<readonly string[]> {
  const found = await sharedPeer("spark").execute(
    `
result = []
for query in args:
    try:
        frame = spark.sql(query)
        value = encode_table(frame.toArrow())[0]["x"]
        result.append([frame.schema.fields[0].dataType.simpleString(), value])
    except Exception as error:
        result.append(["error", getattr(error, "getCondition", lambda: None)() or type(error).__name__])
`,
    queries,
  );
  return (found as readonly (readonly [string, unknown])[]).map(([type, value]) => textOf(type, value));
}

const textOf = (type: string, value: unknown): string =>
  type === "error" ? "error" : `${type} ${JSON.stringify(value)}`;

async function here(lake: Lake, query: string): Promise<string> {
  try {
    const frame = await lake.session.sql(query);
    const schema = await frame.schema();
    const [row] = peerRows((await frame.toArrow()).batches, schema);
    const [field] = schema.fields;
    return textOf(field === undefined ? "" : formatType(field.type), row?.["x"]);
  } catch (error) {
    if (error instanceof AlluviumError && error.kind !== "bug") return "error";
    throw error;
  }
}

const queries: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  ...Object.fromEntries(
    Object.entries({ ...textCases, ...numberCases, ...timeCases, ...collectionCases }).map(([about, cases]) => [
      about,
      cases.map((one) => [one, `SELECT ${one} AS x`]),
    ]),
  ),
  aggregates: aggregateCases.map((one) => [one, `SELECT ${one} AS x FROM numbers`]),
};

describe.each(Object.entries(queries))("functions: %s", (_about, cases) => {
  test("give Spark's values and types", async () => {
    await using lake = await Lake.open();
    await lake.session.sql("CREATE TABLE numbers (v INT, s STRING)");
    await lake.session.sql(`INSERT INTO numbers SELECT * FROM ${rows}`);
    const theirs = await inSpark(cases.map(([, query]) => query.replace("FROM numbers", `FROM ${rows}`)));
    const ours: string[] = [];
    for (const [, query] of cases) ours.push(await here(lake, query));
    const lines = (answers: readonly string[]): readonly string[] =>
      cases.map(([call], index) => `${call} -> ${answers[index]}`);
    const expected = theirs.map((answer, index) => {
      const call = cases[index]?.[0] ?? "";
      const own = missing.includes(call) ? "error" : different[call];
      // A difference that is gone is no longer stated.
      expect(own, call).not.toBe(answer);
      return own ?? answer;
    });
    expect(lines(ours)).toEqual(lines(expected));
  });
});
