// test/writer/feature-races.test.ts: who may commit behind whom where protocols change, columns are mapped or domains are set.
import { describe, expect, test } from "vitest";
import { resolvePredicate } from "../../src/expression/predicate/predicate-input.ts";
import type { Action } from "../../src/format/action/action.ts";
import { protocolWithout, upgradedProtocol } from "../../src/format/protocol/protocol-upgrade.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { readCommit } from "../../src/log/listing/read-commit.ts";
import type { Snapshot } from "../../src/log/state/snapshot.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { beginTransaction } from "../../src/writer/transaction.ts";
import type { Transaction } from "../../src/writer/transaction.ts";
import { sessionOver, sharedEngine } from "../table/life.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const engine = sharedEngine();

function create(properties: Readonly<Record<string, string>> = {}): Promise<DeltaTable> {
  return sessionOver(engine, temporaryFolder()).createTable("t", {
    schema: "id BIGINT, day STRING",
    partitionBy: ["day"],
    properties,
  });
}

const head = (table: DeltaTable): Promise<Snapshot> => loadSnapshot(engine, table.path);

async function outcome(transaction: Transaction, actions: readonly Action[] = []): Promise<unknown> {
  return transaction.commit({ operation: "TEST", parameters: {}, actions }).then(
    ({ status }) => status,
    (cause: unknown) => (cause as { readonly code: string }).code,
  );
}

const add = (day: string, stored: string): Action => ({
  kind: "add",
  path: "x.parquet",
  partitionValues: new Map([[stored, day]]),
  sizeBytes: 1,
  modificationTimeMs: 1,
  dataChange: true,
});

describe("a change of the protocol", () => {
  test("loses against another change of the protocol, and against one of the metadata", async () => {
    const table = await create();
    const before = await head(table);
    for (const change of [
      (): Promise<unknown> => table.addFeatureSupport("domainMetadata"),
      (): Promise<unknown> => table.setProperties({ a: "b" }),
    ]) {
      const snapshot = await head(table);
      const transaction = beginTransaction(engine, snapshot);
      transaction.updateProtocol(
        upgradedProtocol(snapshot.protocol, before.metadata, { features: ["vacuumProtocolCheck"] }),
      );
      await change();
      expect(await outcome(transaction)).toMatch(/^DELTA_(?:PROTOCOL|METADATA)_CHANGED$/);
    }
  });

  test("lets rows pass that come after it, unless their files would lack what it asks for", async () => {
    const table = await create();
    const passes = beginTransaction(engine, await head(table));
    await table.addFeatureSupport("vacuumProtocolCheck");
    expect(await outcome(passes, [add("even", "day")])).toBe("committed");
    const lacks = beginTransaction(engine, await head(table));
    await table.addFeatureSupport("materializePartitionColumns");
    expect(await outcome(lacks, [{ ...add("even", "day"), path: "y.parquet" } as Action])).toBe(
      "DELTA_PROTOCOL_CHANGED",
    );
  });

  test("lets nothing pass that began when the table had a feature which it takes away", async () => {
    const table = await create({ "delta.feature.vacuumProtocolCheck": "supported" });
    const before = await head(table);
    const losers = [[add("even", "day")], [], [{ kind: "txn", appId: "a", version: 1n } as const]];
    const transactions = losers.map((actions) => ({ actions, transaction: beginTransaction(engine, before) }));
    const winner = beginTransaction(engine, before);
    winner.updateProtocol(protocolWithout(before.protocol, "vacuumProtocolCheck", []));
    expect(await outcome(winner)).toBe("committed");
    for (const { actions, transaction } of transactions)
      expect(await outcome(transaction, actions)).toBe("DELTA_PROTOCOL_CHANGED");
  });
});

describe("rows that were written before a feature was turned on", () => {
  const logged = async (table: DeltaTable): Promise<readonly Action[]> => {
    const { version } = await head(table);
    return (await readCommit(engine, table.path, version))?.actions ?? [];
  };

  test.each<Readonly<Record<string, string>>>([
    { "delta.enableDeletionVectors": "true" },
    { "delta.checkpointPolicy": "v2" },
    { "delta.columnMapping.mode": "name" },
    { "delta.enableRowTracking": "true" },
    { "delta.enableInCommitTimestamps": "true" },
  ])("go into the table after it: %o", async (properties) => {
    const table = await create();
    const transaction = beginTransaction(engine, await head(table));
    await table.setProperties(properties);
    const added = { ...add("even", "day"), stats: '{"numRecords":3}' } as Action;
    expect(await outcome(transaction, [added])).toBe("committed");
    expect((await (await head(table)).files.totals()).count).toBe(1);
  });

  test("get row ids, and a time, where the winner asks for them", async () => {
    const table = await create();
    const transaction = beginTransaction(engine, await head(table));
    await table.setProperties({ "delta.enableRowTracking": "true", "delta.enableInCommitTimestamps": "true" });
    const added = { ...add("even", "day"), stats: '{"numRecords":3}' } as Action;
    expect(await outcome(transaction, [added])).toBe("committed");
    const actions = await logged(table);
    expect(actions.map((action) => "inCommitTimestampMs" in action)).toContain(true);
    expect(actions).toContainEqual(
      expect.objectContaining({ kind: "add", baseRowId: 0n, defaultRowCommitVersion: 2n }),
    );
    expect(actions).not.toContainEqual(expect.objectContaining({ kind: "metaData" }));
  });

  test("get row ids above those of every winner", async () => {
    const table = await create({ "delta.enableRowTracking": "true" });
    const before = await head(table);
    const writers = ["a", "b", "c"].map((name) => ({ name, transaction: beginTransaction(engine, before) }));
    for (const { name, transaction } of writers) {
      const file = { ...add("even", "day"), path: `${name}.parquet`, stats: '{"numRecords":3}' } as Action;
      expect(await outcome(transaction, [file])).toBe("committed");
    }
    const files = await (await head(table)).files.lookup(new Set(writers.map(({ name }) => `${name}.parquet`)));
    expect(files.map(({ path, baseRowId }) => `${path} ${baseRowId}`)).toEqual([
      "a.parquet 0",
      "b.parquet 3",
      "c.parquet 6",
    ]);
  });

  test("keep the ids that a backfill gave to their file meanwhile, and do not fail by it", async () => {
    const table = await create({ "delta.feature.rowTracking": "supported" });
    const file = { ...add("even", "day"), stats: '{"numRecords":3}' } as Action;
    const before = await head(table);
    const [first, backfill, late] = [0, 1, 2].map(() => beginTransaction(engine, before));
    late?.readWholeTable();
    expect(first && (await outcome(first, [{ ...file, path: "other.parquet" } as Action]))).toBe("committed");
    const given = { ...file, dataChange: false, baseRowId: 40n, defaultRowCommitVersion: 1n } as Action;
    await backfill?.commit({ operation: "ROW TRACKING BACKFILL", parameters: {}, actions: [given] });
    expect(late && (await outcome(late, [{ kind: "remove", path: "x.parquet", dataChange: true }]))).toBe("committed");
    expect(await logged(table)).toContainEqual(expect.objectContaining({ kind: "remove", baseRowId: 40n }));
  });
});

test.each(["none", "name"])(
  "rows that came into a partition that was read are a conflict (columnMapping %s)",
  async (mode) => {
    const table = await create({ "delta.columnMapping.mode": mode, "delta.isolationLevel": "Serializable" });
    const snapshot = await head(table);
    const { schema, metadata } = snapshot;
    const where = await resolvePredicate(engine.sql, "day = 'even'", {
      schema,
      partitionColumns: metadata.partitionColumns,
    });
    const [odd, even] = [beginTransaction(engine, snapshot), beginTransaction(engine, snapshot)];
    for (const transaction of [odd, even]) if (where !== undefined) transaction.readWhere(where);
    await table.append([{ id: 1n, day: "odd" }]);
    expect(await outcome(odd, [{ kind: "txn", appId: "a", version: 1n }])).toBe("committed");
    await table.append([{ id: 2n, day: "even" }]);
    expect(await outcome(even, [{ kind: "txn", appId: "b", version: 1n }])).toBe("DELTA_CONCURRENT_APPEND");
  },
);

test("two commits to one domain are a conflict, to two domains not", async () => {
  const table = await create({ "delta.feature.domainMetadata": "supported" });
  const snapshot = await head(table);
  const domain = (name: string): Action => ({
    kind: "domainMetadata",
    domain: name,
    configuration: "1",
    removed: false,
  });
  const [first, second, third] = [0, 1, 2].map(() => beginTransaction(engine, snapshot));
  expect(first && (await outcome(first, [domain("a")]))).toBe("committed");
  expect(second && (await outcome(second, [domain("b")]))).toBe("committed");
  expect(third && (await outcome(third, [domain("a")]))).toBe("DELTA_CONCURRENT_TRANSACTION");
  await table.refresh();
  expect(Object.keys((await table.detail()).domainMetadata)).toEqual(["a", "b"]);
});
