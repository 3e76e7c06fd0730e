// The peers themselves: they start, have the versions that the documents name, and understand each other's tables.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PeerError, type PeerName, type PeerRow, sharedPeer } from "./peer.ts";

const spark = sharedPeer("spark");
const deltars = sharedPeer("deltars");
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "alluvium interop "));
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

const field = (name: string, type: unknown): unknown => ({ name, type, nullable: true, metadata: {} });
const schema = {
  type: "struct",
  fields: [
    field("id", "long"),
    field("part", "string"),
    field("small", "byte"),
    field("ratio", "double"),
    field("price", "decimal(38,4)"),
    field("bytes", "binary"),
    field("day", "date"),
    field("at", "timestamp"),
    field("tags", { type: "array", elementType: "string", containsNull: true }),
    field("point", { type: "struct", fields: [field("x", "integer"), field("y", "float")] }),
    field("counts", { type: "map", keyType: "string", valueType: "long", valueContainsNull: true }),
  ],
};
const rows: readonly PeerRow[] = [
  {
    id: "9007199254740993",
    part: "a b/ü%",
    small: -128,
    ratio: 0.1,
    price: "9999999999999999999999999999999999.9999",
    bytes: "00ff",
    day: "0001-01-01",
    at: "1969-12-31T23:59:59.999999Z",
    tags: ["x", null],
    point: { x: 1, y: 0.5 },
    counts: [["k", "-9223372036854775808"]],
  },
  Object.fromEntries(schema.fields.map((column) => [(column as { name: string }).name, null])),
];

const pairs: readonly { writer: PeerName; reader: PeerName }[] = [
  { writer: "spark", reader: "deltars" },
  { writer: "deltars", reader: "spark" },
  { writer: "spark", reader: "spark" },
  { writer: "deltars", reader: "deltars" },
];

test("the peers have the versions on record", async () => {
  expect(await spark.versions()).toMatchObject({ pyspark: "4.2.0", delta: "4.4.0" });
  expect(await deltars.versions()).toMatchObject({ deltalake: "1.6.6" });
});

describe.each(pairs)("$writer writes and $reader reads", ({ writer, reader }) => {
  test("every type, partitions and nulls come back as they were written", async () => {
    const path = join(directory, `${writer}-${reader}`);
    const written = { path, rows, schema, mode: "append", partitionBy: ["part"] } as const;
    expect(await sharedPeer(writer).write(written)).toBe(0);
    expect(await sharedPeer(writer).write(written)).toBe(1);
    const first = await sharedPeer(reader).read({ path, version: 0 });
    expect(first).toHaveLength(2);
    expect(first).toEqual(expect.arrayContaining([...rows]));
    expect(await sharedPeer(reader).read({ path, columns: ["id"], where: "part IS NULL" })).toEqual([
      { id: null },
      { id: null },
    ]);
    expect(await sharedPeer(reader).schema({ path })).toEqual(schema);
    const history = await sharedPeer(reader).history({ path });
    expect(history.map((commit) => [commit.version, commit.operation])).toEqual([
      [1, "WRITE"],
      [0, "WRITE"],
    ]);
  });
});

test("a snippet sees its arguments and answers in `result`", async () => {
  expect(await spark.execute("result = spark.range(args['count']).count()", { count: 7 })).toBe(7);
  expect(await deltars.execute("result = [args, deltalake.__version__]", "x")).toEqual(["x", "1.6.6"]);
});

test("a failure in a peer is a PeerError with its Python type, and the peer goes on", async () => {
  const failure = spark.read({ path: join(directory, "missing") });
  await expect(failure).rejects.toThrow(PeerError);
  await expect(failure).rejects.toMatchObject({ type: "AnalysisException" });
  await expect(deltars.execute("1 / 0")).rejects.toMatchObject({ type: "ZeroDivisionError" });
  expect(await deltars.execute("result = 1")).toBe(1);
});

test("Spark tells which files a predicate leaves to read", async () => {
  const path = join(directory, "skipping");
  const one = { type: "struct", fields: [field("id", "long")] };
  await deltars.write({ path, rows: [{ id: "1" }], schema: one, mode: "append" });
  await deltars.write({ path, rows: [{ id: "100" }], schema: one, mode: "append" });
  expect(await spark.filesRead({ path })).toHaveLength(2);
  expect(await spark.filesRead({ path, where: "id > 50" })).toHaveLength(1);
});
