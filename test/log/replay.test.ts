// test/log/replay.test.ts: replay against a naive model. Law L4: newest wins, and the same from any checkpoint.
import { rmSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Action, AddFile, DeletionVectorDescriptor } from "../../src/format/action/action.ts";
import { canonicalPath, fileKey } from "../../src/log/state/file-key.ts";
import { FileTable } from "../../src/log/state/file-table.ts";
import { loadSnapshot, refreshSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { applyCommit, emptyState } from "../../src/log/state/replay.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  commitFile,
  create,
  livePaths,
  protocol,
  metadata,
  remove,
  testEngine,
  tombstonePaths,
  txn,
  v,
  writeCommits,
} from "./table-builder.ts";

const engine = testEngine();

const vectors: readonly (DeletionVectorDescriptor | undefined)[] = [
  undefined,
  { storageType: "u", pathOrInlineDv: "x", offset: 1, sizeInBytes: 1, cardinality: 1 },
  { storageType: "u", pathOrInlineDv: "x", sizeInBytes: 1, cardinality: 1 },
];

const fileAction = fc
  .record({
    isAdd: fc.boolean(),
    name: fc.integer({ min: 0, max: 6 }),
    vector: fc.integer({ min: 0, max: 2 }),
    size: fc.nat(1000),
  })
  .map(({ isAdd, name, vector, size }): Action => {
    const deletionVector = vectors[vector];
    const more = deletionVector === undefined ? {} : { deletionVector };
    return isAdd
      ? add(`f${name}`, { sizeBytes: size, ...more })
      : remove(`f${name}`, { deletionTimestampMs: Date.now(), ...more });
  });
const transaction = fc
  .record({ app: fc.integer({ min: 0, max: 2 }), at: fc.bigInt({ min: 0n, max: 9n }) })
  .map(({ app, at }): Action => txn(`app${app}`, at));
const domain = fc
  .record({ name: fc.integer({ min: 0, max: 2 }), removed: fc.boolean(), value: fc.string() })
  .map(({ name, removed, value }): Action => ({
    kind: "domainMetadata",
    domain: `d${name}`,
    configuration: value,
    removed,
  }));
const history = fc.array(
  fc.array(fc.oneof({ weight: 4, arbitrary: fileAction }, transaction, domain), { maxLength: 6 }),
  { minLength: 1, maxLength: 12 },
);

interface Model {
  readonly live: ReadonlyMap<string, AddFile>;
  readonly tombstones: ReadonlySet<string>;
  readonly transactions: ReadonlyMap<string, bigint>;
  readonly domains: ReadonlyMap<string, string>;
}

/** Looks at every action from the newest to the oldest, and believes the first that speaks of a thing. */
function naiveModel(commits: readonly (readonly Action[])[]): Model {
  const live = new Map<string, AddFile>();
  const tombstones = new Set<string>();
  const transactions = new Map<string, bigint>();
  const domains = new Map<string, string>();
  const seen = new Set<string>();
  for (const action of commits.flat().toReversed()) {
    const key =
      action.kind === "add" || action.kind === "remove"
        ? fileKey(action)
        : action.kind === "txn"
          ? action.appId
          : action.kind === "domainMetadata"
            ? action.domain
            : "";
    const id = `${action.kind === "remove" ? "add" : action.kind} ${key}`;
    if (seen.has(id)) continue;
    seen.add(id);
    if (action.kind === "add") live.set(key, action);
    if (action.kind === "remove") tombstones.add(key);
    if (action.kind === "txn") transactions.set(key, action.version);
    if (action.kind === "domainMetadata" && !action.removed) domains.set(key, action.configuration);
  }
  return { live, tombstones, transactions, domains };
}

test("at every version, replay keeps what was last said of each file, transaction and domain", () => {
  fc.assert(
    fc.property(history, (commits) => {
      const table = new FileTable(false);
      let totals = { count: 0, sizeBytes: 0 };
      let state = emptyState;
      const seen: (typeof totals)[] = [];
      for (const [index, actions] of commits.entries()) {
        totals = table.apply({ version: index, actions, before: totals });
        state = applyCommit(state, actions);
        seen.push(totals);
      }
      const whole = naiveModel(commits);
      expect(new Map([...state.transactions].map(([app, { version }]) => [app, version]))).toEqual(
        new Map(whole.transactions),
      );
      expect(new Map([...state.domains].map(([name, { configuration }]) => [name, configuration]))).toEqual(
        new Map(whole.domains),
      );
      for (const [index, { count, sizeBytes }] of seen.entries()) {
        const model = naiveModel(commits.slice(0, index + 1));
        expect(new Map([...table.adds(index)].map((file) => [fileKey(file), file]))).toEqual(new Map(model.live));
        expect(new Set([...table.removes(index)].map(fileKey))).toEqual(model.tombstones);
        expect(count).toBe(model.live.size);
        expect(sizeBytes).toBe([...model.live.values()].reduce((sum, file) => sum + file.sizeBytes, 0));
      }
      const head = commits.length - 1;
      expect([...table.compacted().adds(head)]).toEqual([...table.adds(head)]);
    }),
    { seed: 20, numRuns: 300 },
  );
});

test("a table reads the same with a checkpoint at any version, with and without the commits before it", async () => {
  const vectorless = history.map((commits) =>
    commits.map((actions) => actions.filter((action) => !("deletionVector" in action))),
  );
  await fc.assert(
    fc.asyncProperty(vectorless, fc.nat(), async (commits, pick) => {
      const table = temporaryFolder();
      const all = [[protocol, metadata()], ...commits];
      writeCommits(table, all);
      const at = pick % all.length;
      await writeCheckpoint(engine, await loadSnapshot(engine, table, { version: v(at) }));
      for (const isCut of [false, true]) {
        if (isCut) for (let index = 0; index <= at; index += 1) rmSync(commitFile(table, index));
        for (let index = isCut ? at : 0; index < all.length; index += 1) {
          const snapshot = await loadSnapshot(engine, table, { version: v(index) });
          const model = naiveModel(all.slice(0, index + 1));
          expect(await livePaths(snapshot)).toEqual([...model.live.values()].map((file) => file.path).toSorted());
          expect(await tombstonePaths(snapshot)).toEqual([...model.tombstones].toSorted());
          expect((await snapshot.files.totals()).count).toBe(model.live.size);
          expect(new Map([...snapshot.transactions].map(([app, { version }]) => [app, version]))).toEqual(
            new Map(model.transactions),
          );
          expect(new Map([...snapshot.domains].map(([name, { configuration }]) => [name, configuration]))).toEqual(
            new Map(model.domains),
          );
        }
      }
    }),
    { seed: 20, numRuns: 25 },
  );
});

test("refreshing commit by commit gives what opening anew gives, and older snapshots stay as they were", async () => {
  await fc.assert(
    fc.asyncProperty(history, async (commits) => {
      const table = temporaryFolder();
      writeCommits(table, [create]);
      const snapshots = [await loadSnapshot(engine, table)];
      for (const [index, actions] of commits.entries()) {
        writeCommits(table, [actions], index + 1);
        snapshots.push(await refreshSnapshot(engine, snapshots.at(-1) ?? expect.unreachable()));
      }
      for (const [index, snapshot] of snapshots.entries()) {
        const fresh = await loadSnapshot(engine, table, { version: v(index) });
        expect(snapshot.version).toBe(index);
        expect(await livePaths(snapshot)).toEqual(await livePaths(fresh));
        expect(await tombstonePaths(snapshot)).toEqual(await tombstonePaths(fresh));
        expect(await snapshot.files.totals()).toEqual(await fresh.files.totals());
      }
    }),
    { seed: 20, numRuns: 40 },
  );
});

test("two spellings of one path are one file, and a relative path is not an absolute one", () => {
  expect(canonicalPath("file:///a%20b/c")).toBe("/a b/c");
  expect(canonicalPath("file:/a%20b/c")).toBe("/a b/c");
  expect(canonicalPath("/a b/c")).toBe("/a b/c");
  expect(canonicalPath("p=%E4%B8%AD/x%zz")).toBe("p=中/x%zz");
  expect(canonicalPath("a/c")).not.toBe(canonicalPath("/a/c"));
  expect(canonicalPath("%ff%FE")).toBe("%ff%FE");
});
