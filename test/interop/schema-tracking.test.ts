// A stream with schemaTrackingLocation that this engine and Spark run in turn: its source's columns are renamed, dropped, added and made
// wider in between, and each goes on from what the other has put on record.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
import type { PeerRow } from "./peer.ts";
import { sorted } from "./peer-value.ts";
import type { Runner } from "./stream-peer.ts";

const spark = sharedPeer("spark");
const gates = {
  allowSourceColumnRename: "always",
  allowSourceColumnDrop: "always",
  allowSourceColumnTypeChange: "always",
};
const evolution = "DELTA_STREAMING_METADATA_EVOLUTION";
const blocked = "DELTA_STREAMING_CANNOT_CONTINUE_PROCESSING_POST_SCHEMA_EVOLUTION";

/** Runs the query until there is nothing new; "" when it ended well, else the code of what ended it. */
async function run(lake: Lake, runner: Runner, options: Readonly<Record<string, string>>): Promise<string> {
  const checkpoint = lake.path("checkpoint");
  const all = { schemaTrackingLocation: checkpoint, ...options };
  if (runner === "spark") return runSpark(lake, all);
  try {
    const frame = lake.session.readStream.options(all).load(lake.path("source"));
    const writer = frame.writeStream.option("checkpointLocation", checkpoint).option("mergeSchema", true);
    await (await writer.trigger({ availableNow: true }).start(lake.path("target"))).awaitTermination();
    return "";
  } catch (error) {
    const { code, cause } = error as { code: string; cause?: { code: string } };
    return code === "STREAM_FAILED" ? (cause?.code ?? code) : code;
  }
}

async function runSpark(lake: Lake, options: Readonly<Record<string, string>>): Promise<string> {
  const code = `
import re
delta_log.clearCache()
result = ""
try:
    rows = spark.readStream.format("delta").options(**args["options"]).load(args["source"])
    writer = rows.writeStream.format("delta").option("checkpointLocation", args["checkpoint"]).option("mergeSchema", "true")
    writer.trigger(availableNow=True).start(args["target"]).awaitTermination()
except Exception as error:
    found = re.search(r"DELTA_STREAMING_[A-Z_]+", str(error))
    result = found.group(0) if found else str(error)
`;
  const [checkpoint, source, target] = ["checkpoint", "source", "target"].map((name) => lake.path(name));
  return (await spark.execute(code, { options, checkpoint, source, target })) as string;
}

function entries(lake: Lake): readonly Record<string, unknown>[] {
  const checkpoint = lake.path("checkpoint");
  const folder = readdirSync(checkpoint).find((name) => name.startsWith("_schema_log_")) ?? "";
  return readdirSync(join(checkpoint, folder))
    .filter((name) => /^\d+$/.test(name))
    .toSorted()
    .map(
      (name) =>
        JSON.parse(readFileSync(join(checkpoint, folder, name), "utf8").split("\n")[1] ?? "") as Record<
          string,
          unknown
        >,
    );
}

const filled = (row: PeerRow): PeerRow => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));

test.each([
  ["we", "spark"],
  ["spark", "we"],
] as const)(
  "begun by %s and gone on with by %s, each row arrives once, under the columns of its time",
  async (first, second) => {
    await using lake = await Lake.open();
    const properties = { "delta.columnMapping.mode": "name", "delta.enableTypeWidening": "true" };
    const table = await lake.create("source", { schema: "id BIGINT, a STRING, n INT", properties });
    await table.append([{ id: 1n, a: "x", n: 1 }]);
    expect(await run(lake, first, {})).toBe("");

    await table.append([{ id: 2n, a: "y", n: 2 }]);
    await table.renameColumn("a", "b");
    await table.append([{ id: 3n, b: "z", n: 3 }]);
    // One meets the change and puts it on record, the other reads behind it.
    expect(await run(lake, first, gates)).toBe(evolution);
    expect(await run(lake, second, {})).toBe(blocked);
    expect(await run(lake, second, gates)).toBe("");

    await table.dropColumns(["b"]);
    await table.changeColumn("n", { type: "BIGINT" });
    await table.addColumns("late STRING");
    await table.append([{ id: 4n, n: 4n, late: "l" }]);
    expect(await run(lake, second, gates)).toBe(evolution);
    expect(await run(lake, first, {})).toBe(blocked);
    expect(await run(lake, first, gates)).toBe("");
    await table.append([{ id: 5n, n: 5n, late: "m" }]);
    expect(await run(lake, second, gates)).toBe("");

    const expected = [
      { id: "1", a: "x", n: 1 },
      { id: "2", a: "y", n: 2 },
      { id: "3", b: "z", n: 3 },
      { id: "4", late: "l", n: 4 },
      { id: "5", late: "m", n: 5 },
    ];
    expect(sorted((await lake.rows("target")).map(filled))).toEqual(sorted(expected));
    const log = entries(lake);
    expect(log.length).toBe(4);
    const names = new Set(log.flatMap((entry) => Object.keys(entry)));
    const sparks = [
      "dataSchemaJson",
      "deltaCommitVersion",
      "partitionSchemaJson",
      "protocolJson",
      "sourceMetadataPath",
      "tableConfigurations",
      "tableId",
    ];
    expect([...names].toSorted()).toEqual([...sparks, "previousMetadataSeqNum"].toSorted());
    expect(log.map((entry) => [entry["deltaCommitVersion"], entry["previousMetadataSeqNum"]])).toEqual([
      [1, undefined],
      [3, undefined],
      [5, undefined],
      [7, 1],
    ]);
  },
);
