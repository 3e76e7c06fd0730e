// test/bad-input/stream.test.ts: checkpoints that belong to another query, or are damaged: each is refused by its code, and neither
// checkpoint nor tables change.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { memoryLocks } from "../engine/crash-engine.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { sharedEngine } from "../table/life.ts";
import { expectRefused } from "./fingerprint.ts";

// Lock files come and go with each start: these tests are about everything else.
const engine = { ...sharedEngine(), locks: memoryLocks() };

interface Lake {
  readonly root: string;
  readonly spark: Session;
  readonly source: DeltaTable;
}

/** Tables `source` and `target`, and a checkpoint after three batches. */
async function lake(): Promise<Lake> {
  const root = temporaryFolder();
  const spark = Session.over(engine, { warehouse: root });
  const source = await spark.createTable("source", { schema: "id BIGINT" });
  for (const id of [1, 2, 3]) await source.append([{ id }]);
  await run({ root, spark, source });
  return { root, spark, source };
}

async function run({ root, spark }: Lake, table = "source"): Promise<void> {
  const query = await spark.readStream
    .option("maxFilesPerTrigger", 1)
    .table(table)
    .writeStream.option("checkpointLocation", join(root, "checkpoint"))
    .trigger({ availableNow: true })
    .toTable("target");
  await query.awaitTermination();
}

const file = ({ root }: Lake, name: string): string => join(root, "checkpoint", name);

const edit = (made: Lake, name: string, change: (text: string) => string): void =>
  writeFileSync(file(made, name), change(readFileSync(file(made, name), "utf8")));

const damages: readonly [string, string, (made: Lake) => void][] = [
  [
    "an offset entry of a newer format",
    "INVALID_LOG_VERSION",
    (made) => edit(made, "offsets/2", (text) => text.replace("v1", "v9")),
  ],
  [
    "an offset entry without a format",
    "MALFORMED_LOG_FILE",
    (made) => edit(made, "offsets/2", (text) => text.replace("v1", "x1")),
  ],
  ["an empty offset entry", "STREAMING_CHECKPOINT_CORRUPT", (made) => edit(made, "offsets/2", () => "")],
  [
    "a torn offset entry",
    "STREAMING_CHECKPOINT_CORRUPT",
    (made) => edit(made, "offsets/2", (text) => text.slice(0, -20)),
  ],
  [
    "no metadata beside entries",
    "STREAMING_CHECKPOINT_MISSING_METADATA_FILE",
    (made) => rmSync(file(made, "metadata")),
  ],
  ["metadata that is no JSON", "STREAMING_CHECKPOINT_CORRUPT", (made) => edit(made, "metadata", () => "{")],
  [
    "offsets of a source format from the future",
    "DELTA_INVALID_FORMAT_FROM_SOURCE_VERSION",
    (made) => edit(made, "offsets/2", (text) => text.replace('"sourceVersion":1', '"sourceVersion":9')),
  ],
  [
    "offsets of another table",
    "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE",
    (made) => edit(made, "offsets/2", (text) => text.replace(/"reservoirId":"[^"]*"/u, '"reservoirId":"another"')),
  ],
  [
    "offsets of two sources",
    "STREAMING_CHECKPOINT_MISMATCH",
    (made) => edit(made, "offsets/2", (text) => `${text}\n-`),
  ],
  [
    "entries of before the sink's last batches",
    "STREAMING_CHECKPOINT_BEHIND_SINK",
    (made) => {
      for (const name of ["offsets/2", "commits/2", "offsets/1", "commits/1"]) rmSync(file(made, name));
    },
  ],
];

describe("a checkpoint with", () => {
  test.each(damages)("%s is refused: %s", async (_name, code, damage) => {
    const made = await lake();
    damage(made);
    await made.source.append([{ id: 4 }]);
    await expectRefused(made.root, code, () => run(made));
  });

  test("a table made anew under the source's name is refused by its id", async () => {
    const made = await lake();
    rmSync(join(made.root, "source"), { recursive: true });
    const anew = await made.spark.createTable("source", { schema: "id BIGINT" });
    await anew.append([{ id: 9 }]);
    await expectRefused(made.root, "DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE", () => run(made));
  });

  test("a repaired checkpoint goes on where it was", async () => {
    const made = await lake();
    const whole = readFileSync(file(made, "offsets/2"), "utf8");
    edit(made, "offsets/2", (text) => text.replace("v1", "v9"));
    await made.source.append([{ id: 4 }]);
    await expectRefused(made.root, "INVALID_LOG_VERSION", () => run(made));
    edit(made, "offsets/2", () => whole);
    await run(made);
    const ids = (await made.spark.table("target").collect()).map(({ id }) => Number(id));
    expect(ids.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  });
});

describe("a stream whose source is damaged", () => {
  test("stops at a commit that is cut, and goes on when it is whole again", async () => {
    const made = await lake();
    await made.source.append([{ id: 4 }]);
    const commit = join(made.root, "source", "_delta_log", "00000000000000000004.json");
    const whole = readFileSync(commit);
    writeFileSync(commit, whole.subarray(0, whole.length - 30));
    await expectRefused(made.root, "CORRUPT_LOG", () => run(made));
    writeFileSync(commit, whole);
    await run(made);
    expect(await made.spark.table("target").count()).toBe(4n);
  });

  test("names a data file that is gone, delivers no fewer rows, and goes on when it is back", async () => {
    const made = await lake();
    const before = new Set(readdirSync(join(made.root, "source")));
    await made.source.append([{ id: 4 }]);
    const [name = ""] = readdirSync(join(made.root, "source")).filter((found) => !before.has(found));
    const kept = join(temporaryFolder(), name);
    cpSync(join(made.root, "source", name), kept);
    rmSync(join(made.root, "source", name));
    await expect(run(made)).rejects.toThrow(name);
    expect(await made.spark.table("target").count()).toBe(3n);
    cpSync(kept, join(made.root, "source", name));
    await run(made);
    expect(await made.spark.table("target").count()).toBe(4n);
  });

  test("a checkpoint location that is a file is refused", async () => {
    const root = temporaryFolder();
    const spark = Session.over(engine, { warehouse: root });
    const source = await spark.createTable("source", { schema: "id BIGINT" });
    mkdirSync(join(root, "target"));
    writeFileSync(join(root, "checkpoint"), "not a folder");
    await expect(run({ root, spark, source })).rejects.toMatchObject({ name: "AlluviumError" });
    expect(readFileSync(join(root, "checkpoint"), "utf8")).toBe("not a folder");
  });
});
