// Transactions: one version each, exactly once, with or without other writers.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { batchFromRows } from "../../src/engine/arrow/arrow-rows.ts";
import type { Action, Protocol } from "../../src/format/action/action.ts";
import { version } from "../../src/format/text/ids.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { readCommit } from "../../src/log/listing/read-commit.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import type { Snapshot } from "../../src/log/state/snapshot.ts";
import { packageVersion } from "../../src/format/text/package-version.ts";
import { writeDataFiles } from "../../src/writer/data-file-writer.ts";
import { beginCreate, beginTransaction } from "../../src/writer/transaction.ts";
import type { CommitResult } from "../../src/writer/transaction.ts";
import { addOf, append, codeOf, committed, createAt, metadataOf, pathsOf, protocol, schema } from "./small-table.ts";
import { streamOf, targetOf, workshop } from "./support.ts";

const { engine, newTablePath } = workshop();
const newTable = (configuration: Readonly<Record<string, string>> = {}): Promise<Snapshot> =>
  createAt(engine, newTablePath(), configuration);

test("creation commits version 0 with commitInfo, protocol and metadata, in this order", async () => {
  const table = await newTable();
  expect(table.version).toBe(0);
  const commit = await readCommit(engine, table.tablePath, version(0));
  expect(commit?.actions.map((action) => action.kind)).toEqual(["commitInfo", "protocol", "metaData"]);
});

test("creation of a table that exists is refused, also when the first commit is no longer in the log", async () => {
  const table = await newTable();
  const create = async (): Promise<unknown> => {
    const transaction = beginCreate(engine, table.tablePath);
    transaction.updateProtocol(protocol);
    transaction.updateMetadata(metadataOf(engine));
    return transaction.commit({ operation: "CREATE TABLE", parameters: {}, actions: [] });
  };
  expect(await codeOf(create())).toBe("DELTA_TABLE_ALREADY_EXISTS");
  await append(engine, table, "x.parquet");
  rmSync(join(table.tablePath, "_delta_log", "00000000000000000000.json"));
  expect(await codeOf(create())).toBe("DELTA_TABLE_ALREADY_EXISTS");
});

test("two creators of one table: one wins, the other is told", async () => {
  const path = newTablePath();
  const results = await Promise.allSettled(
    [1, 2].map(() => {
      const transaction = beginCreate(engine, path);
      transaction.updateProtocol(protocol);
      transaction.updateMetadata(metadataOf(engine));
      return transaction.commit({ operation: "CREATE TABLE", parameters: {}, actions: [] });
    }),
  );
  expect(results.map((result) => result.status).toSorted()).toEqual(["fulfilled", "rejected"]);
});

test("commitInfo has Spark's shape: every parameter and metric is text", async () => {
  const table = await newTable();
  const result = committed(
    await beginTransaction(engine, table).commit({
      operation: "WRITE",
      parameters: { mode: "Append", partitionBy: ["part"], count: 3, none: null },
      metrics: { numFiles: 1, numOutputRows: "7" },
      userMetadata: "hello",
      actions: [addOf("a.parquet")],
      extra: { custom: true },
    }),
  );
  const line =
    readFileSync(join(table.tablePath, "_delta_log", "00000000000000000001.json"), "utf8").split("\n")[0] ?? "";
  const { commitInfo } = JSON.parse(line) as { commitInfo: Record<string, unknown> };
  expect(commitInfo).toMatchObject({
    operation: "WRITE",
    operationParameters: { mode: "Append", partitionBy: '["part"]', count: "3", none: null },
    readVersion: 0,
    isolationLevel: "WriteSerializable",
    isBlindAppend: true,
    operationMetrics: { numFiles: "1", numOutputRows: "7" },
    userMetadata: "hello",
    engineInfo: `alluvium/${packageVersion}`,
    custom: true,
  });
  expect(commitInfo["txnId"]).toMatch(/^[0-9a-f-]{36}$/);
  expect(result.version).toBe(1);
});

test("engineInfo names the version of package.json", () => {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(packageVersion).toBe(manifest.version);
});

test("a blind append that loses versions goes behind the winners, and rewrites the log entry only", async () => {
  const table = await newTable();
  const results = await Promise.all(
    Array.from({ length: 8 }, (_, index) => append(engine, table, `f${index}.parquet`)),
  );
  expect(results.map((result) => result.version).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const latest = await loadSnapshot(engine, table.tablePath);
  expect(await pathsOf(latest)).toEqual(Array.from({ length: 8 }, (_, index) => `f${index}.parquet`));
});

test("the snapshot of a commit has the commit's files and all before", async () => {
  const table = await newTable();
  const first = committed(await append(engine, table, "a.parquet"));
  const second = committed(await append(engine, first, "b.parquet"));
  expect(second.version).toBe(2);
  expect(await pathsOf(second)).toEqual(["a.parquet", "b.parquet"]);
  expect(await pathsOf(first)).toEqual(["a.parquet"]);
});

test("a transaction version that the table has already is answered, not written", async () => {
  const table = await newTable();
  const write = async (snapshot: Snapshot, batch: bigint): Promise<CommitResult> => {
    const transaction = beginTransaction(engine, snapshot);
    transaction.setTransaction("query", batch);
    return transaction.commit({
      operation: "STREAMING UPDATE",
      parameters: {},
      actions: [addOf(`batch-${batch}.parquet`)],
    });
  };
  const after = committed(await write(table, 5n));
  expect(after.transactions.get("query")?.version).toBe(5n);
  expect(await write(after, 5n)).toMatchObject({ status: "already-committed", transactionVersion: 5n });
  expect(await write(after, 4n)).toMatchObject({ status: "already-committed" });
  // From a snapshot that does not know of it, the winner's txn is found in the race.
  expect(await codeOf(write(table, 5n))).toBe("DELTA_CONCURRENT_TRANSACTION");
  expect((await loadSnapshot(engine, table.tablePath)).version).toBe(1);
});

test("an append-only table refuses removes that change data, and takes those that only rearrange", async () => {
  const table = committed(await append(engine, await newTable({ "delta.appendOnly": "true" }), "a.parquet"));
  const remove = (dataChange: boolean): Action => ({
    kind: "remove",
    path: "a.parquet",
    deletionTimestampMs: 1,
    dataChange,
  });
  const deletes = beginTransaction(engine, table).commit({
    operation: "DELETE",
    parameters: {},
    actions: [remove(true)],
  });
  expect(await codeOf(deletes)).toBe("DELTA_CANNOT_MODIFY_APPEND_ONLY");
  const optimize = await beginTransaction(engine, table).commit({
    operation: "OPTIMIZE",
    parameters: {},
    actions: [remove(false), { ...addOf("b.parquet"), dataChange: false }],
  });
  expect(optimize.status).toBe("committed");
});

test("a table that needs an unknown feature is refused before anything is written", async () => {
  const table = await newTable();
  const foreign: Snapshot = {
    ...table,
    files: table.files,
    tombstones: () => table.tombstones(),
    protocol: {
      kind: "protocol",
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: [],
      writerFeatures: ["fromTheFuture"],
    },
  };
  expect(() => beginTransaction(engine, foreign)).toThrowError(
    expect.objectContaining({ code: "UNSUPPORTED_FEATURE" }) as Error,
  );
});

test("a winner that changes the protocol to one that cannot be written stops the commit", async () => {
  const table = await newTable();
  const upgrade: Protocol = {
    kind: "protocol",
    minReaderVersion: 1,
    minWriterVersion: 7,
    writerFeatures: ["fromTheFuture"],
  };
  const line = JSON.stringify({
    protocol: { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: upgrade.writerFeatures },
  });
  await engine.files.putIfAbsent(
    join(table.tablePath, "_delta_log", "00000000000000000001.json"),
    new TextEncoder().encode(`${line}\n`),
  );
  expect(await codeOf(append(engine, table, "a.parquet"))).toBe("UNSUPPORTED_FEATURE");
});

test("it gives up after so many lost versions", async () => {
  const table = await newTable();
  await append(engine, table, "a.parquet");
  const transaction = beginTransaction(engine, table, { attemptsMax: 1 });
  expect(await codeOf(transaction.commit({ operation: "WRITE", parameters: {}, actions: [addOf("b.parquet")] }))).toBe(
    "DELTA_MAX_COMMIT_RETRIES_EXCEEDED",
  );
});

test("a handle on a table that was made anew does not commit into the new one's future", async () => {
  const table = await newTable();
  const old = committed(await append(engine, committed(await append(engine, table, "a.parquet")), "b.parquet"));
  rmSync(table.tablePath, { recursive: true });
  const transaction = beginCreate(engine, table.tablePath);
  transaction.updateProtocol(protocol);
  transaction.updateMetadata(metadataOf(engine));
  await transaction.commit({ operation: "CREATE TABLE", parameters: {}, actions: [] });
  expect(await codeOf(append(engine, old, "c.parquet"))).toBe("DELTA_METADATA_CHANGED");
  expect(existsSync(join(table.tablePath, "_delta_log", "00000000000000000003.json"))).toBe(false);
});

test("a version that only its checkpoint tells of is written behind; one that the log went past is read again first", async () => {
  const table = await newTable();
  const old = committed(await append(engine, table, "a.parquet"));
  const latest = committed(await append(engine, old, "b.parquet"));
  await writeCheckpoint(engine, latest);
  for (const at of ["0", "1", "2"]) rmSync(join(table.tablePath, "_delta_log", `${at.padStart(20, "0")}.json`));
  expect(await codeOf(append(engine, old, "lost.parquet"))).toBe("DELTA_METADATA_CHANGED");
  expect(committed(await append(engine, latest, "c.parquet")).version).toBe(3);
  expect(await pathsOf(await loadSnapshot(engine, table.tablePath))).toEqual(["a.parquet", "b.parquet", "c.parquet"]);
});

test("four writers with handles of their own lose no row and double none", async () => {
  const table = await newTable();
  const target = { ...targetOf(table.tablePath, schema), partitionColumns: ["part"] };
  const writer = async (name: string): Promise<void> => {
    let snapshot = table;
    for (let index = 0; index < 10; index += 1) {
      const rows = batchFromRows(schema, [{ id: BigInt(index), part: name }]);
      const written = await writeDataFiles(engine, target, { kind: "arrow", schema, batches: streamOf(rows) });
      snapshot = committed(
        await beginTransaction(engine, snapshot).commit({ operation: "WRITE", parameters: {}, actions: written.adds }),
      );
    }
  };
  await Promise.all(["a", "b", "c", "d"].map(writer));
  const latest = await loadSnapshot(engine, table.tablePath);
  expect(latest.version).toBe(40);
  expect((await latest.files.totals()).count).toBe(40);
});
