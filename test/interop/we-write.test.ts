// Tables that we write, read by Spark and by delta-rs: every type, every partition value.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseSchema } from "../../src/index.ts";
import { allTypes, allTypesJson, allTypesRows, field } from "./all-types.ts";
import { Lake } from "./lake.ts";
import { type PeerName, type PeerRow, type PeerValue, sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";

const peers: readonly PeerName[] = ["spark", "deltars"];
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

describe("every type", () => {
  beforeAll(async () => {
    await lake.create("types", { schema: allTypes });
    await lake.append("types", allTypesRows.slice(0, 6));
    await lake.append("types", allTypesRows.slice(6));
  });

  test("is read back by ourselves as it was written", async () => {
    expect(await lake.rows("types")).toEqual(sorted(allTypesRows));
  });

  test.each(peers)("is read by %s as we wrote it", async (peer) => {
    const path = lake.path("types");
    expect(sorted(await sharedPeer(peer).read({ path }))).toEqual(sorted(allTypesRows));
    expect(sorted(await sharedPeer(peer).read({ path, version: 1 }))).toEqual(sorted(allTypesRows.slice(0, 6)));
    expect(await sharedPeer(peer).read({ path, version: 0 })).toEqual([]);
    expect(await sharedPeer(peer).schema({ path })).toEqual(allTypesJson);
  });
});

describe("partitions", () => {
  const cases: Readonly<Record<string, readonly PeerValue[]>> = {
    boolean: [true, false, null],
    byte: [-128, 127, null],
    short: [-32768, 0, null],
    integer: [-2147483648, 2147483647, null],
    long: ["-9223372036854775808", "9007199254740993", null],
    float: [0.5, -3.4028234663852886e38, "Infinity", null],
    double: [0.1, 1e-7, 123456789012345680000, "-Infinity", null],
    "decimal(9,2)": ["-9999999.99", "0.10", null],
    "decimal(38,10)": ["1234567890123456789012345678.0123456789", null],
    date: ["0001-01-01", "9999-12-31", "1969-12-31", null],
    timestamp: ["1969-12-31T23:59:59.999999Z", "2024-02-29T12:00:00.000000Z", "2024-02-29T12:00:00.120000Z", null],
    string: [
      "a",
      "A b/c",
      "x=y%z",
      "ü😀",
      ':*?"<>|#{}[]^\\',
      "'",
      " lead",
      "trail ",
      ".",
      "..",
      "__HIVE_DEFAULT_PARTITION__x",
      "tab\there",
      null,
    ],
  };
  const rowsOf = (values: readonly PeerValue[]): PeerRow[] =>
    values.map((part, index) => ({ id: String(index), part }));

  beforeAll(async () => {
    for (const [type, values] of Object.entries(cases)) {
      const schema = parseSchema(
        JSON.stringify({ type: "struct", fields: [field("id", "long"), field("part", type)] }),
      );
      await lake.create(`by ${type}`, { schema, partitionBy: ["part"] });
      await lake.append(`by ${type}`, rowsOf(values));
    }
  });

  test.each(Object.keys(cases))("by %s come back from ourselves, Spark and delta-rs", async (type) => {
    const expected = sorted(rowsOf(cases[type] ?? []));
    const path = lake.path(`by ${type}`);
    expect(await lake.rows(`by ${type}`)).toEqual(expected);
    expect(sorted(await sharedPeer("spark").read({ path }))).toEqual(expected);
    expect(sorted(await sharedPeer("deltars").read({ path }))).toEqual(expected);
  });

  test("of empty text are null to everyone", async () => {
    await lake.create("empty part", { schema: "id BIGINT, part STRING", partitionBy: ["part"] });
    await lake.append("empty part", [
      { id: "1", part: "" },
      { id: "2", part: null },
    ]);
    const expected = [
      { id: "1", part: null },
      { id: "2", part: null },
    ];
    expect(await lake.rows("empty part")).toEqual(expected);
    for (const peer of peers)
      expect(sorted(await sharedPeer(peer).read({ path: lake.path("empty part") }))).toEqual(expected);
  });

  test("of several columns are pruned by Spark", async () => {
    await lake.create("several", { schema: "id BIGINT, day DATE, city STRING", partitionBy: ["day", "city"] });
    const cities = ["São Paulo", "a/b", null];
    const days = ["2024-01-01", "2024-01-02", null];
    const rows = days.flatMap((day, d) => cities.map((city, c) => ({ id: String(d * 3 + c), day, city })));
    await lake.append("several", rows);
    const path = lake.path("several");
    const spark = sharedPeer("spark");
    expect(sorted(await spark.read({ path }))).toEqual(sorted(rows));
    expect(await spark.filesRead({ path, where: "day = DATE'2024-01-02' AND city = 'a/b'" })).toHaveLength(1);
    expect(await spark.filesRead({ path, where: "city IS NULL" })).toHaveLength(3);
    expect(await spark.read({ path, where: "city IS NULL AND day IS NULL" })).toEqual([
      { id: "8", day: null, city: null },
    ]);
  });
});
