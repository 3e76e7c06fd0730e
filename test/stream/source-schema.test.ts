// test/stream/source-schema.test.ts: schema, protocol and identity of the table change under the stream.
import { expect, test } from "vitest";
import { parseSchema } from "../../src/format/schema/schema-json.ts";
import { canRead } from "../../src/format/protocol/schema-compatibility.ts";
import {
  add,
  drain,
  idColumn,
  metaData,
  nextBatch,
  offset,
  protocol,
  schemaString,
  show,
  TestTable,
} from "./log-builder.ts";
import type { Column } from "./log-builder.ts";

const nameColumn: Column = { name: "name", type: "string" };
const wide = { columns: [idColumn, nameColumn] };

test("added column stops the stream with the schema-changed condition, restart with a re-loaded frame delivers the new column", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  const { end } = await drain(source);
  table.commit([metaData(wide), add("b")]);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({
    code: "DELTA_SCHEMA_CHANGED_WITH_VERSION",
    context: { version: 1, restartHelps: true },
    message: expect.stringContaining("column name string was added") as unknown,
  });
  const reloaded = await table.source();
  expect(reloaded.schema.fields.map((field) => field.name)).toEqual(["id", "name"]);
  expect(show((await drain(reloaded, end)).steps)).toEqual(["2,-1: b"]);
});

test("a stream with starting options says so in its condition", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source({ startingVersion: "0" });
  const { end } = await drain(source);
  table.commit([metaData(wide)]);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({
    code: "DELTA_SCHEMA_CHANGED_WITH_STARTING_OPTIONS",
  });
});

test("the batch before the change is complete, and a changed schema fails again and again until it is re-loaded", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source({ maxFilesPerTrigger: "1" });
  table.append("b");
  table.append("c");
  table.commit([metaData(wide), add("d")]);
  const first = await nextBatch(source, null);
  const second = await nextBatch(source, first.end);
  expect(second.step).toEqual({ end: "2,-1", files: ["b"] });
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    await expect(source.latestOffset(second.end, "limited")).rejects.toMatchObject({
      code: "DELTA_SCHEMA_CHANGED_WITH_VERSION",
    });
  }
  expect(show((await drain(await table.source(), second.end)).steps)).toEqual(["4,-1: c d"]);
});

test("stale frame after a schema change is refused, not silently truncated", async () => {
  await using table = TestTable.create([add("a")]);
  const stale = parseSchema(schemaString([idColumn]));
  table.commit([metaData(wide)]);
  await expect(table.source({}, { schema: stale })).rejects.toMatchObject({
    code: "DELTA_STREAMING_SCHEMA_MISMATCH_ON_RESTART",
  });
});

test("column added while stopped needs no failure, old files give null", async () => {
  await using table = TestTable.create([add("a"), add("b")]);
  const { end } = await nextBatch(await table.source({ maxFilesPerTrigger: "1" }), null);
  table.append("c");
  table.commit([metaData(wide), add("d")]);
  const reloaded = await table.source();
  expect(show((await drain(reloaded, end)).steps)).toEqual(["3,-1: b c d"]);
  expect(reloaded.schema.fields.map((field) => field.name)).toEqual(["id", "name"]);
});

test("incompatible type change keeps failing until a new checkpoint", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  const { end } = await drain(source);
  table.append("b");
  table.commit([metaData({ columns: [{ name: "id", type: "string" }] }), add("c")]);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({
    code: "DELTA_SCHEMA_CHANGED_WITH_VERSION",
    context: { restartHelps: false },
  });
  for (let restart = 1; restart <= 2; restart += 1) {
    const again = await table.source();
    await expect(again.latestOffset(end, "limited")).rejects.toMatchObject({
      code: "DELTA_SCHEMA_CHANGED_WITH_VERSION",
    });
    await expect(again.getBatch(end, offset(2, -1))).rejects.toMatchObject({
      code: "DELTA_SCHEMA_CHANGED_WITH_VERSION",
    });
  }
  // Everything before the change was read: nothing stands in the way.
  expect(show((await drain(await table.source(), offset(2, -1))).steps)).toEqual(["3,-1: c"]);
});

test("a change of the partition columns stops the stream", async () => {
  await using table = TestTable.create([add("a")], wide);
  const source = await table.source();
  const { end } = await drain(source);
  table.commit([metaData({ ...wide, partitionColumns: ["name"] })]);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({
    code: "DELTA_SCHEMA_CHANGED_WITH_VERSION",
    message: expect.stringContaining("partition columns were none and are name") as unknown,
  });
});

test("nullability relax behaves like an added column", async () => {
  await using table = TestTable.create([add("a")], { columns: [{ ...idColumn, nullable: false }] });
  const source = await table.source();
  const { end } = await drain(source);
  table.commit([metaData(), add("b")]);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({
    code: "DELTA_SCHEMA_CHANGED_WITH_VERSION",
    context: { restartHelps: true },
  });
  expect(show((await drain(await table.source(), end)).steps)).toEqual(["2,-1: b"]);
});

test("metadata inside the initial snapshot is not checked", async () => {
  await using table = TestTable.create([add("a")]);
  table.commit([metaData(wide)]);
  table.commit([metaData({ columns: [idColumn, { ...nameColumn, type: "long" }] }), add("b")]);
  expect(show((await drain(await table.source())).steps)).toEqual(["3,-1: a b"]);
});

test("re-created or replaced table is refused by id", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source({ skipChangeCommits: "true" });
  const { end } = await drain(source);
  table.commit([metaData({ id: "00000000-0000-4000-8000-000000000003" }), add("b")]);
  const refused = { code: "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE" };
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject(refused);
  await expect((await table.source()).latestOffset(end, "limited")).rejects.toMatchObject(refused);
});

test("a table that is re-created while it is read is refused by id, even at a commit without metadata", async () => {
  await using table = TestTable.create([add("a")]);
  for (const name of ["b", "c", "d"]) table.append(name);
  const refused = { code: "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE" };
  const source = await table.source();
  const { end } = await drain(source);
  table.recreate([add("x")]);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject(refused);
  for (const name of ["y", "z", "u", "v"]) table.append(name);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject(refused);
});

test("a table that was re-created between its analysis and the start is refused by id", async () => {
  await using table = TestTable.create([add("a")]);
  const refused = { code: "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE" };
  await expect(table.source({}, { tableId: "00000000-0000-4000-8000-000000000009" })).rejects.toMatchObject(refused);
});

test("unsupported reader feature appearing mid-stream stops it", async () => {
  await using table = TestTable.create([add("a")]);
  const source = await table.source();
  const { end } = await drain(source);
  table.commit([protocol(3, 7, { readerFeatures: ["someNewFeature"], writerFeatures: ["someNewFeature"] }), add("b")]);
  await expect(source.latestOffset(end, "limited")).rejects.toMatchObject({
    code: "UNSUPPORTED_FEATURE",
    context: { version: 1 },
  });
});

const schema = (...columns: Column[]): ReturnType<typeof parseSchema> => parseSchema(schemaString(columns));

const struct = (...columns: Column[]): unknown => JSON.parse(schemaString(columns));

test("a schema can read another when it loses no column, promises no absence of nulls and has equal types", () => {
  const id = schema(idColumn);
  expect(canRead({ data: id, read: schema(idColumn, nameColumn) })).toBe(true);
  expect(canRead({ data: schema(idColumn, nameColumn), read: id })).toBe(false);
  expect(canRead({ data: id, read: schema({ ...idColumn, name: "ID" }) })).toBe(false);
  expect(canRead({ data: id, read: schema({ ...idColumn, nullable: false }) })).toBe(false);
  expect(canRead({ data: schema({ ...idColumn, nullable: false }), read: id })).toBe(true);
  expect(canRead({ data: schema({ ...idColumn, type: "integer" }), read: id })).toBe(false);
  const nested = schema({ name: "s", type: struct(idColumn) });
  const nestedMore = schema({ name: "s", type: struct(idColumn, nameColumn) });
  expect(canRead({ data: nested, read: nestedMore })).toBe(true);
  expect(canRead({ data: nestedMore, read: nested })).toBe(false);
  const list = (containsNull: boolean): ReturnType<typeof schema> =>
    schema({ name: "l", type: { type: "array", elementType: "long", containsNull } });
  expect(canRead({ data: list(false), read: list(true) })).toBe(true);
  expect(canRead({ data: list(true), read: list(false) })).toBe(false);
  const map = (valueContainsNull: boolean): ReturnType<typeof schema> =>
    schema({ name: "m", type: { type: "map", keyType: "string", valueType: "long", valueContainsNull } });
  expect(canRead({ data: map(false), read: map(true) })).toBe(true);
  expect(canRead({ data: map(true), read: map(false) })).toBe(false);
});
