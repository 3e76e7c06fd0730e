// test/stream/source-features.test.ts: deletion vectors, column mapping and type widening under a stream.
import { expect, test } from "vitest";
import { add, drain, idColumn, metaData, offset, protocol, remove, show, TestTable } from "./log-builder.ts";
import type { Column, Line } from "./log-builder.ts";

const listed = (...features: readonly string[]): Line =>
  protocol(3, 7, { readerFeatures: features, writerFeatures: features });

const vector = { storageType: "i", pathOrInlineDv: "^Bg9^", sizeInBytes: 4, cardinality: 4 };
const withVector = (line: Line): Line => {
  const [[kind, action] = ["", {}]] = Object.entries(line);
  return { [kind]: { ...(action as Line), deletionVector: vector } };
};

test("files of the initial snapshot carry their deletion vectors, and count the rows that are left", async () => {
  await using table = TestTable.create([withVector(add("a")), add("b")]);
  table.commit([listed("deletionVectors")]);
  const source = await table.source({ maxRowsPerTrigger: "6" });
  const end = await source.latestOffset(null, "limited");
  const { files, columnMapping } = await source.getBatch(null, end ?? {});
  expect(files.map((file) => [file.path, file.deletionVector?.cardinality])).toEqual([["a", 4]]);
  expect(columnMapping).toBe("none");
});

test("a commit that only gives a file a vector is a delete", async () => {
  await using table = TestTable.create([add("a")]);
  table.commit([listed("deletionVectors")]);
  const source = await table.source();
  const { end } = await drain(source);
  table.commit([remove("a"), withVector(add("a"))]);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({
    code: "DELTA_SOURCE_IGNORE_DELETE",
  });
  for (const option of ["ignoreDeletes", "ignoreChanges", "skipChangeCommits"]) {
    const skipping = await table.source({ [option]: "true" });
    expect(show((await drain(skipping, end)).steps)).toEqual(["3,-1:"]);
  }
});

const mapped = (name: string, id: number, type: unknown = "long"): Column => ({
  name,
  type,
  metadata: { "delta.columnMapping.id": id, "delta.columnMapping.physicalName": `col-${id}` },
});
const byName = { "delta.columnMapping.mode": "name" };
const mappedTable = (...columns: readonly Column[]): TestTable => {
  const table = new TestTable();
  table.commit([protocol(2, 5), metaData({ columns, configuration: byName }), add("a")]);
  return table;
};

test.each([
  ["renamed", [mapped("id", 1), mapped("label", 2)], byName],
  ["dropped", [mapped("id", 1)], byName],
  ["dropped and added again", [mapped("id", 1), mapped("name", 3)], byName],
  ["no longer mapped", [mapped("id", 1), mapped("name", 2)], {}],
])("a column that is %s stops the stream, until it is loaded again behind the change", async (_, columns, conf) => {
  await using table = mappedTable(mapped("id", 1), mapped("name", 2));
  const source = await table.source();
  const { end } = await drain(source);
  table.commit([metaData({ columns, configuration: conf }), add("b")]);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({
    code: "DELTA_STREAMING_INCOMPATIBLE_SCHEMA_CHANGE",
    kind: "fix-input",
    context: { version: 1 },
  });
  const reloaded = await table.source();
  await expect(reloaded.latestOffset(offset(0, 0), "limited")).rejects.toMatchObject({
    code: "DELTA_STREAMING_INCOMPATIBLE_SCHEMA_CHANGE",
  });
  table.append("c");
  const behind = await table.source({ startingVersion: "2" });
  expect(show((await drain(behind)).steps)).toEqual(["3,-1: c"]);
});

test("a mapped column that is added stops the stream only until it is loaded again", async () => {
  await using table = mappedTable(mapped("id", 1));
  const source = await table.source();
  const { end } = await drain(source);
  table.commit([metaData({ columns: [mapped("id", 1), mapped("name", 2)], configuration: byName }), add("b")]);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({
    code: "DELTA_SCHEMA_CHANGED_WITH_VERSION",
    context: { restartHelps: true },
  });
  const reloaded = await table.source();
  expect(show((await drain(reloaded, end)).steps)).toEqual(["2,-1: b"]);
});

test("a table that begins to map its columns under their own names goes on", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  const { end } = await drain(source);
  const own = {
    ...idColumn,
    metadata: { "delta.columnMapping.id": 1, "delta.columnMapping.physicalName": idColumn.name },
  };
  table.commit([protocol(2, 5), metaData({ columns: [own], configuration: byName })]);
  table.append("b");
  expect(show((await drain(source, end)).steps)).toEqual(["3,-1: b"]);
});

test("a column of a wider type stops the stream, and a restart reads old rows as the wider type", async () => {
  await using table = new TestTable();
  table.commit([listed("typeWidening"), metaData({ columns: [{ name: "id", type: "integer" }] }), add("a")]);
  const source = await table.source({ maxFilesPerTrigger: "1" });
  const start = await source.latestOffset(null, "limited");
  table.append("b");
  const changed = { "delta.typeChanges": [{ fromType: "integer", toType: "long" }] };
  table.commit([metaData({ columns: [{ name: "id", type: "long", metadata: changed }] }), add("c")]);
  await expect(source.latestOffset(offset(2, -1), "limited")).rejects.toMatchObject({
    code: "DELTA_SCHEMA_CHANGED_WITH_VERSION",
    context: { restartHelps: true },
  });
  const reloaded = await table.source();
  expect(show((await drain(reloaded, start)).steps)).toEqual(["3,-1: b c"]);
});
