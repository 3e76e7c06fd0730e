// test/session/schema-tracking.test.ts: streams with schemaTrackingLocation: changes of the source's columns stop the query at the change,
// go on record, and are read behind it once a person has agreed.
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const engine = localEngine();
afterAll(() => engine[Symbol.asyncDispose]());

const properties = { "delta.columnMapping.mode": "name", "delta.enableTypeWidening": "true" };

interface Lake {
  readonly root: string;
  readonly checkpoint: string;
  readonly session: Session;
  readonly source: DeltaTable;
}

async function lake(
  conf: Readonly<Record<string, string>> = {},
  more: Readonly<Record<string, string>> = {},
): Promise<Lake> {
  const root = temporaryFolder();
  const session = Session.over(engine, { warehouse: root, conf });
  const source = await session.createTable("source", {
    schema: "id BIGINT, a STRING, n INT",
    properties: { ...properties, ...more },
  });
  await source.append([{ id: 1n, a: "x", n: 1 }]);
  return { root, checkpoint: join(root, "checkpoint"), session, source };
}

/** Runs the query until there is nothing new; "" when it ended well, else the code of what ended it. */
async function run(
  { session, checkpoint }: Lake,
  options: Readonly<Record<string, string | number | boolean>> = {},
): Promise<string> {
  try {
    const frame = session.readStream.options({ schemaTrackingLocation: checkpoint, ...options }).table("source");
    const writer = frame.writeStream.option("checkpointLocation", checkpoint).option("mergeSchema", true);
    const query = await writer.trigger({ availableNow: true }).toTable("target");
    await query.awaitTermination();
    return "";
  } catch (error) {
    const { code, cause } = error as { code: string; cause?: { code: string } };
    return code === "STREAM_FAILED" ? (cause?.code ?? code) : code;
  }
}

async function rows({ session }: Lake): Promise<readonly Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for await (const row of (await session.deltaTable("target")).rows())
    found.push(Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
  return found.toSorted((a, b) => Number(a["id"]) - Number(b["id"]));
}

function logOf({ checkpoint }: Lake): string {
  return join(checkpoint, readdirSync(checkpoint).find((name) => name.startsWith("_schema_log_")) ?? "");
}

const evolution = "DELTA_STREAMING_METADATA_EVOLUTION";
const blocked = "DELTA_STREAMING_CANNOT_CONTINUE_PROCESSING_POST_SCHEMA_EVOLUTION";

describe("a change of the source's columns", () => {
  test("ends the query behind the last row before it, and is read once a person has agreed", async () => {
    const made = await lake();
    expect(await run(made)).toBe("");
    await made.source.append([{ id: 2n, a: "y", n: 2 }]);
    await made.source.renameColumn("a", "b");
    await made.source.append([{ id: 3n, b: "z", n: 3 }]);
    expect(await run(made)).toBe(evolution);
    expect(await rows(made)).toEqual([
      { id: 1n, a: "x", n: 1 },
      { id: 2n, a: "y", n: 2 },
    ]);
    expect(await run(made)).toBe(blocked);
    expect(await run(made, { allowSourceColumnDrop: "always" })).toBe(blocked);
    expect(await run(made, { allowSourceColumnRename: 2 })).toBe(blocked);
    expect(await run(made, { allowSourceColumnRename: 3 })).toBe("");
    expect(await run(made, { allowSourceColumnRename: "always" })).toBe("");
    expect(await rows(made)).toEqual([
      { id: 1n, a: "x", n: 1 },
      { id: 2n, a: "y", n: 2 },
      { id: 3n, b: "z", n: 3 },
    ]);
  });

  test("before the version at which a stream starts is no change for it", async () => {
    const made = await lake();
    await made.source.renameColumn("a", "b");
    await made.source.append([{ id: 2n, b: "y", n: 2 }]);
    await made.source.append([{ id: 3n, b: "z", n: 3 }]);
    expect(await run(made, { startingVersion: 3 })).toBe("");
    expect(await rows(made)).toEqual([
      { id: 2n, b: "y", n: 2 },
      { id: 3n, b: "z", n: 3 },
    ]);
  });

  test("in a series stops the query once, and asks for all that it takes", async () => {
    const made = await lake();
    expect(await run(made)).toBe("");
    await made.source.dropColumns(["a"]);
    await made.source.changeColumn("n", { type: "BIGINT" });
    await made.source.addColumns("late STRING");
    await made.source.append([{ id: 2n, n: 2n, late: "l" }]);
    expect(await run(made)).toBe(evolution);
    expect(await run(made, { allowSourceColumnDrop: "always" })).toBe(blocked);
    expect(await run(made, { allowSourceColumnTypeChange: "always" })).toBe(blocked);
    const both = { allowSourceColumnDrop: "always", allowSourceColumnTypeChange: "always" };
    expect(await run(made, both)).toBe("");
    expect((await rows(made)).at(-1)).toEqual({ id: 2n, n: 2, late: "l" }); // the sink keeps its own type
  });

  test("that only adds stops the query once, and needs nobody's word", async () => {
    const made = await lake();
    expect(await run(made)).toBe("");
    await made.source.addColumns("late STRING");
    await made.source.append([{ id: 2n, a: "y", n: 2, late: "l" }]);
    expect(await run(made)).toBe(evolution);
    expect(await run(made)).toBe("");
    expect(await rows(made)).toHaveLength(2);
  });

  test.each([
    ["RenameAndDrop", "", "always"],
    ["Rename", "", "ALWAYS"],
    ["Rename", ".ckpt_", "2"],
    ["Rename", ".ckpt_", "always"],
  ])("may pass by the session's setting allowSourceColumn%s%s = %s", async (name, suffix, value) => {
    const made = await lake();
    expect(await run(made)).toBe("");
    await made.source.renameColumn("a", "b");
    await made.source.append([{ id: 2n, b: "y", n: 2 }]);
    expect(await run(made)).toBe(evolution);
    let hash = 0;
    for (const character of `file:${made.checkpoint}/sources/0`) hash = (hash * 31 + character.charCodeAt(0)) | 0;
    const setting = `spark.databricks.delta.streaming.allowSourceColumn${name}${suffix}${suffix === "" ? "" : hash}`;
    const session = Session.over(engine, { warehouse: made.root, conf: { [setting]: value } });
    expect(await run({ ...made, session })).toBe("");
    expect(await rows(made)).toHaveLength(2);
  });

  test("that was not put on record because the process died is put there by the next run", async () => {
    const made = await lake();
    expect(await run(made)).toBe("");
    await made.source.renameColumn("a", "b");
    await made.source.append([{ id: 2n, b: "y", n: 2 }]);
    for (let time = 0; time < 2; time += 1) {
      expect(await run(made)).toBe(evolution);
      rmSync(join(logOf(made), "1"));
    }
    expect(await run(made)).toBe(evolution);
    expect(await run(made, { allowSourceColumnRename: "always" })).toBe("");
    expect(await rows(made)).toEqual([
      { id: 1n, a: "x", n: 1 },
      { id: 2n, b: "y", n: 2 },
    ]);
  });

  test("before the version at which a stream begins to read is met on the way", async () => {
    const made = await lake();
    await made.source.renameColumn("a", "b");
    await made.source.append([{ id: 2n, b: "y", n: 2 }]);
    const options = { startingVersion: 0, allowSourceColumnRename: "always" };
    expect(await run(made, options)).toBe(evolution); // the log begins with version 0, the frame was made for version 2
    expect(await run(made, options)).toBe(evolution);
    expect(await run(made, options)).toBe("");
    expect(await rows(made)).toEqual([
      { id: 1n, a: "x", n: 1 },
      { id: 2n, b: "y", n: 2 },
    ]);
  });

  test("is read as changes, too", async () => {
    const made = await lake({}, { "delta.enableChangeDataFeed": "true" });
    expect(await run(made, { readChangeFeed: true })).toBe("");
    await made.source.renameColumn("a", "b");
    await made.source.delete("id = 1");
    expect(await run(made, { readChangeFeed: true })).toBe(evolution);
    expect(await run(made, { readChangeFeed: true, allowSourceColumnRename: "always" })).toBe("");
    expect((await rows(made)).map((row) => [row["_change_type"], row["a"] ?? row["b"]])).toEqual([
      ["insert", "x"],
      ["delete", "x"],
    ]);
  });

  test("to a type that is not wider ends the stream for good", async () => {
    const made = await lake();
    expect(await run(made)).toBe("");
    await made.source.append([{ id: 2n, a: "y", n: 2 }]);
    await made.source.addColumns("late STRING");
    expect(await run(made)).toBe(evolution);
    const path = join(logOf(made), "1");
    writeFileSync(
      path,
      readFileSync(path, "utf8").replace(
        '\\"name\\":\\"n\\",\\"type\\":\\"integer\\"',
        '\\"name\\":\\"n\\",\\"type\\":\\"date\\"',
      ),
    );
    expect(await run(made, { allowSourceColumnTypeChange: "always" })).toBe("DELTA_SCHEMA_CHANGED_WITH_VERSION");
  });
});

describe("a schema tracking log", () => {
  test("may begin under a checkpoint that had none", async () => {
    const made = await lake();
    const plain = made.session.readStream.table("source").writeStream.option("checkpointLocation", made.checkpoint);
    await (await plain.trigger({ availableNow: true }).toTable("target")).awaitTermination();
    await made.source.renameColumn("a", "b");
    await made.source.append([{ id: 2n, b: "y", n: 2 }]);
    const options = { allowSourceColumnRename: "always" };
    const ends = [await run(made, options), await run(made, options), await run(made, options)];
    expect(ends).toEqual([evolution, evolution, ""]);
    expect(await rows(made)).toEqual([
      { id: 1n, a: "x", n: 1 },
      { id: 2n, b: "y", n: 2 },
    ]);
  });

  test("must lie under the checkpoint, unless a setting lets it lie elsewhere", async () => {
    const made = await lake();
    const elsewhere = { schemaTrackingLocation: join(made.root, "elsewhere") };
    expect(await run(made, elsewhere)).toBe("DELTA_STREAMING_SCHEMA_LOCATION_NOT_UNDER_CHECKPOINT");
    const conf = { "spark.databricks.delta.streaming.allowSchemaLocationOutsideCheckpointLocation": "true" };
    const session = Session.over(engine, { warehouse: made.root, conf });
    expect(await run({ ...made, session }, elsewhere)).toBe("");
    expect(readdirSync(elsewhere.schemaTrackingLocation)).toEqual([expect.stringMatching(/^_schema_log_/)]);
  });

  test("belongs to one source of one query", async () => {
    const made = await lake();
    const { session, checkpoint } = made;
    const read = (id: string) =>
      session.readStream.options({ schemaLocation: checkpoint, streamingSourceTrackingId: id }).table("source");
    const both = (one: string, other: string) =>
      read(one)
        .union(read(other))
        .writeStream.option("checkpointLocation", checkpoint)
        .trigger({ availableNow: true })
        .toTable("target");
    await expect(both("s", "s")).rejects.toMatchObject({ code: "DELTA_STREAMING_SCHEMA_LOCATION_CONFLICT" });
    await (await both("s", "t")).awaitTermination();
    expect(readdirSync(checkpoint).filter((name) => name.startsWith("_schema_log_"))).toHaveLength(2);
    await expect(both("t", "s")).rejects.toMatchObject({ code: "DELTA_STREAMING_SCHEMA_LOCATION_CONFLICT" });
  });

  test.each([
    ["is empty", () => "", "DELTA_STREAMING_SCHEMA_LOG_DESERIALIZE_FAILED"],
    ["is cut off", (text: string) => text.slice(0, 80), "DELTA_STREAMING_SCHEMA_LOG_DESERIALIZE_FAILED"],
    [
      "lacks a field",
      (text: string) => text.replace("tableId", "other"),
      "DELTA_STREAMING_SCHEMA_LOG_DESERIALIZE_FAILED",
    ],
    [
      "has a huge number",
      (text: string) => text.replace(/"deltaCommitVersion":\d+/, '"deltaCommitVersion":1e999'),
      "DELTA_STREAMING_SCHEMA_LOG_DESERIALIZE_FAILED",
    ],
    [
      "has no schema",
      (text: string) => text.replace('\\"struct\\"', '\\"structure\\"'),
      "DELTA_STREAMING_SCHEMA_LOG_PARSE_SCHEMA_FAILED",
    ],
    [
      "is of another table",
      (text: string) => text.replace(/"tableId":"[^"]+"/, '"tableId":"x"'),
      "DELTA_STREAMING_SCHEMA_LOG_INCOMPATIBLE_DELTA_TABLE_ID",
    ],
    ["has another version line", (text: string) => text.replace("v1", "v2"), "INVALID_LOG_VERSION"],
  ])("whose entry %s is refused, and nothing is written", async (_, damage, code) => {
    const made = await lake();
    expect(await run(made)).toBe("");
    const path = join(logOf(made), "0");
    writeFileSync(path, damage(readFileSync(path, "utf8")));
    await made.source.append([{ id: 2n, a: "y", n: 2 }]);
    expect(await run(made)).toBe(code);
    expect(await rows(made)).toHaveLength(1);
  });
});
