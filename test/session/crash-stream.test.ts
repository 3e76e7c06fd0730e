// test/session/crash-stream.test.ts: the process dies at every single file operation of streams that a session started, and the
// power fails: laws S1 to S7 and S9 hold at every point, and the restart gives each source row once.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import { Session } from "../../src/session/door/session.ts";
import { crashEngine } from "../engine/crash-engine.ts";
import type { CrashEngine } from "../engine/crash-engine.ts";
import { inLanes } from "../engine/in-lanes.ts";
import { seededRandom } from "../engine/seeded-random.ts";
import { muteWarnings } from "../mute-warnings.ts";
import { createSource, drain, starts, targetIds } from "./streams.ts";
import type { Calls, Lake, Start } from "./streams.ts";

muteWarnings();
const sql = duckdbEngine();
const folder = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(async () => {
  await sql.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One life of a lake: an engine that may die, a session over it. */
interface Life extends CrashEngine, Lake {}

function live(root: string, options: { readonly crashAt?: number; readonly seed?: number } = {}): Life {
  const crash = crashEngine({ root, sql, ...options });
  const conf = { "spark.sql.streaming.minBatchesToRetain": "1" };
  return { ...crash, root, session: Session.over(crash.engine, { warehouse: root, conf }) };
}

const template = join(folder, "template");
beforeAll(async () => {
  mkdirSync(template);
  await createSource(live(template).session);
});

let folderCount = 0;

function prepare(): string {
  const root = join(folder, `run-${(folderCount += 1)}`);
  cpSync(template, root, { recursive: true });
  return root;
}

/** Runs until the process dies or the stream is through; answers whether it died. */
async function run(start: Start, life: Life, calls: Calls): Promise<boolean> {
  try {
    await drain(start, life, calls);
  } catch (error) {
    // Errors of a living process are errors of the test.
    if (!life.disk.hasCrashed) throw error;
  }
  await life.session.streams.stopAll();
  await life.engine.background.finish();
  return life.disk.hasCrashed;
}

interface SourceOffset {
  readonly reservoirVersion: number;
  readonly index: number;
  readonly isStartingVersion: boolean;
}

const namesIn = (path: string): readonly string[] => (existsSync(path) ? readdirSync(path) : []);

const idsIn = (path: string): readonly number[] =>
  namesIn(path)
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);

function endOf(root: string, batchId: number): SourceOffset {
  const lines = readFileSync(join(root, "checkpoint", "offsets", String(batchId)), "utf8").split("\n");
  return JSON.parse(lines[2] ?? "") as SourceOffset;
}

/** Versions of the sink's `txn`, in order of its commits. */
function published(root: string): readonly number[] {
  const log = join(root, "target", "_delta_log");
  const lines = namesIn(log)
    .filter((name) => /^\d{20}\.json$/u.test(name))
    .flatMap((name) => readFileSync(join(log, name), "utf8").trimEnd().split("\n"));
  return lines
    .map((line) => (JSON.parse(line) as { readonly txn?: { readonly version: number } }).txn?.version)
    .filter((version) => version !== undefined);
}

const contiguous = (ids: readonly number[]): readonly number[] => ids.map((_, index) => (ids[0] ?? 0) + index);

/** What must hold whenever nothing runs. */
function checkLaws(root: string): void {
  const promised = idsIn(join(root, "checkpoint", "offsets"));
  const ticked = idsIn(join(root, "checkpoint", "commits"));
  const sunk = published(root);
  const newest = promised.at(-1) ?? -1;
  expect(promised).toEqual(contiguous(promised));
  expect([newest, newest - 1]).toContain(ticked.at(-1) ?? -1);
  // S5: visible once; S4: only what was promised; S6: ticked off only what is visible.
  expect(sunk).toEqual(sunk.map((_, index) => index));
  expect(sunk.at(-1) ?? -1).toBeLessThanOrEqual(newest);
  expect(sunk.at(-1) ?? -1).toBeGreaterThanOrEqual(ticked.at(-1) ?? -1);
  // S1: offsets move forward, and the initial snapshot ends once. S7: no batch is empty.
  const ends = promised.map((id) => endOf(root, id));
  for (const [index, end] of ends.entries()) {
    const before = ends[index - 1];
    if (before === undefined) continue;
    const moved = end.reservoirVersion - before.reservoirVersion || end.index - before.index;
    expect(moved).toBeGreaterThan(0);
    if (!before.isStartingVersion) expect(end.isStartingVersion).toBe(false);
  }
}

/** A healthy life to the end, with more data: each row is there once. */
async function finish(start: Start, root: string, calls: Calls): Promise<void> {
  const life = live(root, { seed: 1_000_000 });
  await (await life.session.deltaTable("source")).append([{ id: 6, text: "c" }]);
  expect(await run(start, life, calls)).toBe(false);
  expect(await targetIds(life)).toEqual([1, 2, 3, 5, 6]);
  checkLaws(root);
}

describe.each(Object.entries(starts))("%s", { timeout: 900_000 }, (_name, start) => {
  test("dying at any operation breaks no law, and each row arrives once", async () => {
    for (let crashAt = 1; ; crashAt += 1) {
      const root = prepare();
      const calls: Calls = new Map();
      const life = live(root, { crashAt, seed: crashAt });
      const hasDied = await run(start, life, calls);
      try {
        if (hasDied) life.disk.powerCut(crashAt);
        checkLaws(root);
        await finish(start, root, calls);
      } catch (cause) {
        throw new Error(`death at operation ${crashAt}: ${life.disk.operations.at(-1)}`, { cause });
      }
      rmSync(root, { recursive: true, force: true });
      if (!hasDied) break;
    }
  });

  test("dying again and again, each row arrives once", async () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const random = seededRandom(seed);
      const root = prepare();
      const calls: Calls = new Map();
      for (let age = 0; ; age += 1) {
        const life = live(root, { crashAt: 1 + random.below(50), seed: seed * 1000 + age });
        if (!(await run(start, life, calls))) break;
        if (random.below(3) > 0) life.disk.powerCut(random.below(1_000_000));
        checkLaws(root);
      }
      await finish(start, root, calls);
    }
  });
});

test("the second batch of a stream is these operations, in this order", async () => {
  const root = prepare();
  const life = live(root);
  await run(starts["steps in SQL and JavaScript"] as Start, life, new Map());
  const { operations } = life.disk;
  const promise = operations.findIndex((operation) => operation.endsWith("checkpoint/offsets/1"));
  expect(inLanes(operations.slice(promise))).toMatchInlineSnapshot(`
    [
      "link checkpoint/offsets/.tmp-<uuid> checkpoint/offsets/1",
      "unlink checkpoint/offsets/.tmp-<uuid>",
      "syncDirectory checkpoint/offsets",
      "parquet.write",
      "sql.copy",
      "syncFile target/part=1/part-00000-<uuid>-c000.snappy.parquet",
      "syncDirectory target/part=1",
      "createFile target/_delta_log/.tmp-<uuid>",
      "syncFile target/_delta_log/.tmp-<uuid>",
      "link target/_delta_log/.tmp-<uuid> target/_delta_log/00000000000000000001.json",
      "unlink target/_delta_log/.tmp-<uuid>",
      "syncDirectory target/_delta_log",
      "createFile target/_delta_log/00000000000000000001.crc",
      "createFile checkpoint/commits/.tmp-<uuid>",
      "syncFile checkpoint/commits/.tmp-<uuid>",
      "link checkpoint/commits/.tmp-<uuid> checkpoint/commits/1",
      "unlink checkpoint/commits/.tmp-<uuid>",
      "syncDirectory checkpoint/commits",
    ]
  `);
});
