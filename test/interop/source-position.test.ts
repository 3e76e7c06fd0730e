// Positions within the source: an engine that stopped inside the initial snapshot, or inside a commit, is continued by the other,
// file by file in the same order.
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lake } from "./lake.ts";
import type { PeerRow } from "./peer.ts";
import { sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";
import { type Runner, type SharedQuery, batchIds, endOffset, removeEntry, run } from "./stream-peer.ts";

// Names whose order differs between encoded and decoded paths, and between UTF-8 and UTF-16.
const cities = ["a b", "a!b", "a%b", "\uffee", "😀", null, "Z"];
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

const rows = (from: number): PeerRow[] => cities.map((city, index) => ({ id: String(from + index), city }));
const all = (): readonly PeerRow[] => sorted([0, 10, 20, 30].flatMap(rows));

/** Four commits of seven files each: two by us, two by Spark. */
async function makeSource(name: string): Promise<void> {
  await lake.create(name, { schema: "id BIGINT, city STRING", partitionBy: ["city"] });
  const schema = await lake.schema(name);
  await lake.append(name, rows(0));
  await sharedPeer("spark").write({ path: lake.path(name), rows: rows(10), schema, mode: "append" });
  await lake.append(name, rows(20));
  await sharedPeer("spark").write({ path: lake.path(name), rows: rows(30), schema, mode: "append" });
}

/** A copy of a finished query, set back to where it stood after batch `last`. */
function asAfterBatch(query: SharedQuery, last: number): SharedQuery {
  const copy = { ...query, target: `${query.target} ${last}`, checkpoint: `${query.checkpoint} ${last}` };
  cpSync(lake.path(query.target), lake.path(copy.target), { recursive: true });
  cpSync(lake.path(query.checkpoint), lake.path(copy.checkpoint), { recursive: true });
  for (const log of ["offsets", "commits"] as const) {
    for (const id of batchIds(lake, copy.checkpoint, log))
      if (id > last) removeEntry(lake, copy.checkpoint, `${log}/${id}`);
  }
  // The first batch made the sink: version n is batch n.
  for (const file of lake.log(copy.target)) {
    if (Number(/^\.?(\d{20})\./.exec(file)?.[1] ?? 0) > last) rmSync(join(lake.path(copy.target), "_delta_log", file));
  }
  return copy;
}

const pairs: readonly { readonly first: Runner; readonly second: Runner }[] = [
  { first: "we", second: "spark" },
  { first: "spark", second: "we" },
];

describe.each(pairs)("$second continues where $first stopped", ({ first, second }) => {
  test("inside the initial snapshot", async () => {
    const query: SharedQuery = {
      source: `snapshot source ${first}`,
      target: `snapshot sink ${first}`,
      checkpoint: `snapshot checkpoint ${first}`,
      sourceOptions: { maxFilesPerTrigger: "5" },
    };
    await makeSource(query.source);
    await run(lake, first, query);
    expect(await lake.rows(query.target)).toEqual(all());
    const ends = [0, 1, 2, 3, 4, 5].map((batch) => endOffset(lake, query.checkpoint, batch));
    expect(ends.map((end) => [end["reservoirVersion"], end["index"], end["isStartingVersion"]])).toEqual([
      ...[4, 9, 14, 19, 24].map((index) => [4, index, true]),
      [5, -1, false],
    ]);
    for (const last of [0, 2, 4]) {
      const stopped = asAfterBatch(query, last);
      expect(await lake.rows(stopped.target)).toHaveLength((last + 1) * 5);
      // Another file count must not matter, and a commit meanwhile comes after the snapshot.
      await run(lake, second, { ...stopped, sourceOptions: { maxFilesPerTrigger: "9" } });
      expect(await lake.rows(stopped.target), `stopped after batch ${last}`).toEqual(all());
    }
  });

  test("inside a commit", async () => {
    const query: SharedQuery = {
      source: `commit source ${first}`,
      target: `commit sink ${first}`,
      checkpoint: `commit checkpoint ${first}`,
      sourceOptions: { maxFilesPerTrigger: "5", startingVersion: "1" },
    };
    await makeSource(query.source);
    await run(lake, first, query);
    expect(await lake.rows(query.target)).toEqual(all());
    const ends = [0, 1, 2, 3, 4, 5].map((batch) => endOffset(lake, query.checkpoint, batch));
    expect(ends.map((end) => [end["reservoirVersion"], end["index"], end["isStartingVersion"]])).toEqual([
      ...[
        [1, 4],
        [2, 2],
        [3, 0],
        [3, 5],
        [4, 3],
      ].map((position) => [...position, false]),
      [5, -1, false],
    ]);
    for (const last of [0, 2, 4]) {
      const stopped = asAfterBatch(query, last);
      await run(lake, second, { ...stopped, sourceOptions: { maxFilesPerTrigger: "3" } });
      expect(await lake.rows(stopped.target), `stopped after batch ${last}`).toEqual(all());
    }
  });

  test("by bytes, after commits that came while it stood still", async () => {
    const query: SharedQuery = {
      source: `bytes source ${first}`,
      target: `bytes sink ${first}`,
      checkpoint: `bytes checkpoint ${first}`,
      sourceOptions: { maxBytesPerTrigger: "1b" },
    };
    await lake.create(query.source, { schema: "id BIGINT, city STRING", partitionBy: ["city"] });
    await lake.append(query.source, rows(0));
    await run(lake, first, query);
    const stopped = asAfterBatch(query, 2);
    expect(endOffset(lake, stopped.checkpoint, 2)).toMatchObject({
      reservoirVersion: 1,
      index: 2,
      isStartingVersion: true,
    });
    await lake.append(query.source, rows(10));
    await run(lake, second, { ...stopped, sourceOptions: { maxBytesPerTrigger: "1g" } });
    expect(await lake.rows(stopped.target)).toEqual(sorted([...rows(0), ...rows(10)]));
  });
});
