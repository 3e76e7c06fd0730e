// Statistics that we write, as Spark skips by them, and statistics of Spark and delta-rs, as we skip by them: fewer files, the same rows.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type StructType, parseSchema } from "../../src/index.ts";
import { field } from "./all-types.ts";
import { Lake, schemaJson } from "./lake.ts";
import { type PeerName, type PeerRow, sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";

const spark = sharedPeer("spark");
const schema: StructType = parseSchema(
  JSON.stringify({
    type: "struct",
    fields: [
      ...[
        "id long",
        "tiny byte",
        "whole integer",
        "ratio float",
        "precise double",
        "price decimal(38,10)",
        "text string",
      ].map(named),
      ...["day date", "at timestamp", "flag boolean"].map(named),
      field("geo", { type: "struct", fields: [field("lat", "double"), field("name", "string")] }),
    ],
  }),
);

function named(text: string): ReturnType<typeof field> {
  const [name = "", type = ""] = text.split(" ");
  return field(name, type);
}

const long = "prefix that is the same in every row of every file, as long as you like ";
/** Three files: values around 0, around 100, and one with null, NaN and values at the edges. */
const files: readonly (readonly PeerRow[])[] = [
  [rowOf(0), rowOf(3)],
  [rowOf(100), rowOf(103)],
  [
    { id: "1000" },
    { ...rowOf(101), id: "1001", ratio: "NaN", precise: "NaN" },
    { ...rowOf(50), id: "1002", text: `${long}\u{10ffff}\u{10ffff} 050`, at: "2024-01-01T00:00:50.000999Z" },
  ],
];

function rowOf(n: number): PeerRow {
  return {
    id: String(n),
    tiny: n,
    whole: 0 - n,
    ratio: n / 8,
    precise: n === 0 ? -0 : n / 16,
    price: `${n}.0000000001`,
    text: `${long}${String(n).padStart(3, "0")}`,
    day: `20${String(n % 100).padStart(2, "0")}-01-01`,
    at: `2024-01-01T00:0${n < 60 ? 0 : 1}:${String(n % 60).padStart(2, "0")}.000999Z`,
    flag: n < 50,
    geo: n === 3 ? null : { lat: n * 10, name: null },
  };
}

/** Each predicate, with how many files at most Spark opens when the statistics are ours. */
const predicates: readonly (readonly [string, number])[] = [
  ["id < 50", 1],
  ["id > 1000", 1],
  ["id BETWEEN 100 AND 102", 1],
  ["id IN (3, 100)", 2],
  ["tiny = 103", 1],
  ["whole <= -100", 2],
  ["price = 100.0000000001", 2],
  ["price < 0", 0],
  ["text IS NULL", 1],
  ["text > 'q'", 0],
  ["day = DATE'2000-01-01'", 2],
  ["day IS NOT NULL", 3],
  ["at >= TIMESTAMP'2024-01-01 00:01:43.000999Z'", 3],
  ["at > TIMESTAMP'2024-01-01 00:01:44Z'", 0],
  ["at = TIMESTAMP'2024-01-01 00:00:50.000999Z'", 3],
  ["geo.lat > 900", 2],
  ["geo IS NULL", 3],
  ["geo.name IS NOT NULL", 0],
  ["precise = 0", 3],
  ["precise = -0.0D", 3],
  ["ratio > 12", 2],
  ["precise > 1000", 3],
  ["NOT (id < 1000)", 1],
  ["id > 2000", 0],
  ["flag", 3],
  ["id % 2 = 1 AND id < 50", 1],
  ["coalesce(tiny, 0) = 0", 3],
  ["id <=> NULL", 3],
];

let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
  await lake.create("ours", { schema });
  for (const rows of files) await lake.append("ours", rows);
  for (const peer of ["spark", "deltars"] as const) {
    for (const rows of files) {
      const written = { path: lake.path(peer), rows, schema: schemaJson(schema), mode: "append" } as const;
      await sharedPeer(peer).write(written);
    }
  }
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

/** What Spark reads under each predicate, and how many files it opens for it. */
async function sparkReads(name: string): Promise<{ rows: (readonly PeerRow[])[]; fileCounts: number[] }> {
  const args = { path: lake.path(name), wheres: predicates.map(([where]) => where) };
  const found = (await spark.execute(
    `
found = [frame({"path": args["path"], "where": where}) for where in args["wheres"]]
result = {"rows": [encode_table(rows.toArrow()) for rows in found], "fileCounts": [len(rows.inputFiles()) for rows in found]}
`,
    args,
  )) as { rows: (readonly PeerRow[])[]; fileCounts: number[] };
  return { ...found, rows: found.rows.map(sorted) };
}

describe("every predicate", () => {
  // Spark over its own table is what is right.
  let expected: readonly (readonly PeerRow[])[] = [];

  beforeAll(async () => {
    expected = (await sparkReads("spark")).rows;
  });

  test("gives Spark the same rows of our table, from no more files than our statistics leave", async () => {
    const { rows, fileCounts } = await sparkReads("ours");
    for (const [index, [where, fileCountMax]] of predicates.entries()) {
      expect(rows[index], where).toEqual(expected[index]);
      expect(fileCounts[index], where).toBeLessThanOrEqual(fileCountMax);
    }
  });

  test.each(["ours", "spark", "deltars"])("gives us the same rows of a table written by %s", async (writer) => {
    for (const [index, [where]] of predicates.entries()) {
      expect(await lake.rows(writer, { where }), where).toEqual(expected[index]);
    }
  });
});

test("the statistics that we and Spark write for the same rows agree", async () => {
  const stats = (name: string): readonly unknown[] =>
    [0, 1, 2, 3]
      .flatMap((version) => (version < 3 || name === "ours" ? lake.commit(name, version) : []))
      .flatMap(({ add }) => (add === undefined ? [] : [JSON.parse(String(add["stats"])) as unknown]));
  const [ours, theirs] = [stats("ours"), stats("spark")];
  expect(ours).toHaveLength(3);
  // The second file has nothing at which the two may differ: no NaN, no null, no zero.
  expect(ours[1]).toEqual(theirs[1]);
});

test.each<PeerName>(["spark", "deltars"])("we open only the files that %s's statistics leave", async (writer) => {
  const { rm } = await import("node:fs/promises");
  const adds = [0, 1, 2].map((version) =>
    lake.commit(writer, version).flatMap(({ add }) => (add === undefined ? [] : [String(add["path"])])),
  );
  // The files of the second commit are gone: whoever opens them fails.
  for (const path of adds[1] ?? []) await rm(`${lake.path(writer)}/${path}`);
  expect(await lake.rows(writer, { where: "id < 50", columns: ["id"] })).toEqual([{ id: "0" }, { id: "3" }]);
  expect(await lake.rows(writer, { where: "id >= 1000", columns: ["id"] })).toHaveLength(3);
  await expect(lake.rows(writer, { where: "id = 103" })).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});
