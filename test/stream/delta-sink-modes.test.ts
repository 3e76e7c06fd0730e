// Complete and update mode into a Delta table. streaming.md, "Delta sink".
import { describe, expect, test } from "vitest";
import { scanRelation } from "../../src/reader/scan-relation.ts";
import { deltaSink } from "../../src/stream/sink/delta-sink.ts";
import type { DeltaSinkOptions } from "../../src/stream/sink/delta-sink.ts";
import type { OutputMode } from "../../src/stream/plan/output-mode.ts";
import { createTable } from "../../src/table/input/create-table.ts";
import { scannedTable } from "../../src/reader/scanned-table.ts";
import { EventLake, rowText } from "./event-lake.ts";
import { call, field, grouped, keyOf, source, struct } from "./node-builders.ts";
import type { Event } from "./event-lake.ts";
import { temporaryFolder, testEngine } from "./query-doubles.ts";

const counts = grouped(
  source(),
  [{ key: keyOf("k"), type: "string" }],
  [{ call: call("n", ["count_star"]), type: "long" }],
);
const outputSchema = struct(field("k", "string"), field("n", "long"));

class CountLake extends EventLake {
  async run(events: readonly Event[], mode: OutputMode, into: Partial<DeltaSinkOptions> = {}): Promise<void> {
    if (events.length > 0) await this.add(events);
    await this.drainEvents({
      node: counts,
      mode,
      sink: deltaSink(this.engine, { tablePath: this.path("counts"), ...into }),
    });
  }

  async counted(): Promise<readonly string[]> {
    const snapshot = await this.snapshot("counts");
    const files = [];
    for await (const chunk of snapshot.files.chunks()) files.push(...chunk);
    await using connection = await this.engine.sql.connect();
    return (await connection.rows(scanRelation(scannedTable(snapshot), files))).map(rowText).toSorted();
  }

  last(): readonly Record<string, Record<string, unknown>>[] {
    return this.commit("counts", this.version("counts"));
  }
}

async function countLake(): Promise<CountLake> {
  const lake = new CountLake(testEngine(), temporaryFolder());
  await lake.createEvents();
  return lake;
}

const byKey = { keyColumns: ["k"] };

describe("complete mode", () => {
  test("replaces all files in one commit", async () => {
    const lake = await countLake();
    await lake.run(
      [
        { k: "a", at: 0 },
        { k: "b", at: 0 },
      ],
      "complete",
    );
    await lake.run([{ k: "a", at: 0 }], "complete");
    expect(await lake.counted()).toEqual(["a 2", "b 1"]);
    const commit = lake.last();
    expect(commit.map((action) => Object.keys(action)[0])).toEqual(["commitInfo", "txn", "remove", "add"]);
    expect(commit[0]?.["commitInfo"]).toMatchObject({
      operation: "STREAMING UPDATE",
      operationParameters: { outputMode: "Complete", epochId: "1" },
      isBlindAppend: false,
      operationMetrics: { numRemovedFiles: "1", numAddedFiles: "1", numOutputRows: "2" },
    });
    expect(commit[2]?.["remove"]).toMatchObject({ dataChange: true, extendedFileMetadata: true });
  });

  test("also removes rows that others appended", async () => {
    const lake = await countLake();
    await lake.run([{ k: "a", at: 0 }], "complete");
    await lake.addSql("SELECT 'foreign' AS k, 7::BIGINT AS n", "counts");
    await lake.run([{ k: "b", at: 0 }], "complete");
    expect(await lake.counted()).toEqual(["a 1", "b 1"]);
  });

  test("is refused by an append-only table before the first batch", async () => {
    const lake = await countLake();
    await createTable(lake.engine, lake.path("counts"), {
      schema: outputSchema,
      properties: { "delta.appendOnly": "true" },
    });
    await expect(lake.run([{ k: "a", at: 0 }], "complete")).rejects.toMatchObject({
      code: "DELTA_CANNOT_MODIFY_APPEND_ONLY",
    });
    expect(lake.version("counts")).toBe(0);
  });

  test("takes the columns of the query with overwriteSchema", async () => {
    const lake = await countLake();
    await createTable(lake.engine, lake.path("counts"), { schema: struct(field("other", "string")) });
    await expect(lake.run([{ k: "a", at: 0 }], "complete")).rejects.toMatchObject({ code: "DELTA_METADATA_MISMATCH" });
    await lake.run([], "complete", { overwriteSchema: true });
    expect(await lake.counted()).toEqual(["a 1"]);
  });
});

describe("update mode", () => {
  test("is refused without keyColumns, at start", async () => {
    const lake = await countLake();
    await expect(lake.run([{ k: "a", at: 0 }], "update")).rejects.toMatchObject({
      code: "DELTA_UNSUPPORTED_OUTPUT_MODE",
    });
    expect(lake.version("counts")).toBe(-1);
  });

  test("replaces the rows of the same keys in one transaction, null being a key, and leaves the others alone", async () => {
    const lake = await countLake();
    await lake.run(
      [
        { k: "a", at: 0 },
        { k: null, at: 0 },
      ],
      "update",
      byKey,
    );
    await lake.run([{ k: "b", at: 0 }], "update", byKey);
    expect(lake.last().map((action) => Object.keys(action)[0])).toEqual(["commitInfo", "txn", "add"]);
    await lake.run(
      [
        { k: null, at: 0 },
        { k: "c", at: 0 },
      ],
      "update",
      byKey,
    );
    expect(await lake.counted()).toEqual(["- 2", "a 1", "b 1", "c 1"]);
    expect(lake.last()[0]?.["commitInfo"]).toMatchObject({
      operationParameters: { outputMode: "Update" },
      operationMetrics: { numRemovedFiles: "1", numOutputRows: "2" },
    });
  });

  test("refuses keyColumns that the query does not give, or that do not tell its rows apart", async () => {
    const lake = await countLake();
    await expect(lake.run([{ k: "a", at: 0 }], "update", { keyColumns: ["x"] })).rejects.toMatchObject({
      code: "COLUMN_NOT_FOUND",
    });
    await lake.run([], "update", byKey);
    const twins = lake.run(
      [
        { k: "p", at: 0 },
        { k: "q", at: 0 },
      ],
      "update",
      { keyColumns: ["n"] },
    );
    await expect(twins).rejects.toMatchObject({
      cause: { code: "DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE" },
    });
  });
});
