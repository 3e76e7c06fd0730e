// How rows fit the table of a Delta sink.
import { afterAll, expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import { Lake, bookSchema } from "./lake.ts";
import { temporaryFolder } from "./query-doubles.ts";

const engine = localEngine();
afterAll(() => engine[Symbol.asyncDispose]());

async function lake(...commits: readonly (readonly number[])[]): Promise<Lake> {
  const made = new Lake(engine, temporaryFolder());
  onTestFinished(() => made.manager.stopAll());
  await made.create("books");
  for (const ids of commits) await made.append("books", ids);
  return made;
}

const wide: StructType = {
  kind: "struct",
  fields: [
    ...bookSchema.fields,
    { name: "extra", type: { kind: "primitive", name: "integer" }, nullable: true, metadata: {} },
  ],
};
const failed = (code: string): unknown =>
  expect.objectContaining({ code: "STREAM_FAILED", context: expect.objectContaining({ causeCode: code }) as unknown });

test("extra column is refused without mergeSchema and added with it", async () => {
  const books = await lake([1]);
  await books.drain();
  await books.append("books", [2]);
  const more = { select: "SELECT *, 7::INTEGER AS extra FROM input", outputSchema: wide };
  await expect(books.start(more)).rejects.toThrow(expect.objectContaining({ code: "DELTA_METADATA_MISMATCH" }));
  await books.drain({ ...more, into: { mergeSchema: true } });
  expect((await books.rows("copy")).map((row) => row["extra"])).toEqual([null, 7]);
});

test("missing column becomes null", async () => {
  const books = await lake([1]);
  await books.create("copy");
  await books.drain({
    select: "SELECT id FROM input",
    outputSchema: { kind: "struct", fields: bookSchema.fields.slice(0, 1) },
  });
  expect(await books.rows("copy")).toMatchObject([{ id: 1n, day: null }]);
});

test("a value that does not fit fails the batch and leaves it pending", async () => {
  const books = await lake([1]);
  const [id, day] = bookSchema.fields;
  await books.create("copy", {
    schema: {
      kind: "struct",
      fields: [
        { ...(id as NonNullable<typeof id>), type: { kind: "primitive", name: "byte" } },
        day as NonNullable<typeof day>,
      ],
    },
  });
  await books.drain();
  await books.append("books", [3000]);
  for (let attempt = 0; attempt < 2; attempt += 1)
    await expect(books.drain()).rejects.toThrow(failed("CAST_INVALID_INPUT"));
  expect(await books.ids("copy")).toEqual([1]);
});

test("partition columns are fixed at creation; contradicting partitionBy is refused, omitting it is fine", async () => {
  const books = await lake([1]);
  await books.drain({ into: { partitionBy: ["day"] } });
  expect((await books.snapshot("copy")).metadata.partitionColumns).toEqual(["day"]);
  await books.append("books", [2], "tue");
  await expect(books.start({ into: { partitionBy: ["id"] } })).rejects.toThrow(
    expect.objectContaining({ code: "DELTA_METADATA_MISMATCH" }),
  );
  await expect(books.start({ into: { partitionBy: [] } })).rejects.toThrow(
    expect.objectContaining({ code: "DELTA_METADATA_MISMATCH" }),
  );
  await books.drain();
  expect(await books.rows("copy")).toMatchObject([
    { id: 1n, day: "mon" },
    { id: 2n, day: "tue" },
  ]);
});

test("an unknown partition column, and all columns as partition columns, are refused at start", async () => {
  const books = await lake([1]);
  await expect(books.start({ into: { partitionBy: ["nope"] } })).rejects.toThrow(
    expect.objectContaining({ code: "COLUMN_NOT_FOUND" }),
  );
  await expect(books.start({ into: { partitionBy: ["id", "day"] } })).rejects.toThrow(
    expect.objectContaining({ code: "DELTA_CANNOT_USE_ALL_COLUMNS_FOR_PARTITION" }),
  );
});
