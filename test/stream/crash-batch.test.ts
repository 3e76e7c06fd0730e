// The process dies at every single file operation of a query's batches, and the power fails: laws S4 to S6 and S9 hold at every point,
// and the restart gives each source row once.
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import { offsetLogCodec } from "../../src/stream/checkpoint/offset-log.ts";
import { crashEngine } from "../engine/crash-engine.ts";
import type { CrashEngine } from "../engine/crash-engine.ts";
import { seededRandom } from "../engine/seeded-random.ts";
import { Lake } from "./lake.ts";
import { temporaryFolder } from "./query-doubles.ts";

const sql = duckdbEngine();
afterAll(() => sql.close());

const allIds = [1, 2, 3, 4, 5];

const template = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A source of two commits; its copy does not exist yet. */
beforeAll(async () => {
  const { lake } = lakeOn(template);
  await lake.create("books");
  for (const ids of [
    [1, 2],
    [3, 4],
  ])
    await lake.append("books", ids);
});

/** A folder of its own with that source. */
function prepare(): string {
  const root = temporaryFolder();
  cpSync(template, root, { recursive: true });
  return root;
}

function lakeOn(root: string, options: { crashAt?: number; seed?: number } = {}): CrashEngine & { lake: Lake } {
  const crash = crashEngine({ root, sql, ...options });
  return { ...crash, lake: new Lake(crash.engine, root) };
}

/** One batch a file: batch 0 creates the sink's table, the next ones append. */
const drain = (lake: Lake): Promise<unknown> => lake.drain({ source: { maxFilesPerTrigger: "1" } });

/** Runs until the process dies; answers whether it did. */
async function runToCrash(crashed: CrashEngine & { lake: Lake }): Promise<boolean> {
  try {
    await drain(crashed.lake);
  } catch (error) {
    // Errors of a living process are errors of the test.
    if (!crashed.disk.hasCrashed) throw error;
  }
  await crashed.lake.manager.stopAll();
  return crashed.disk.hasCrashed;
}

async function finish(root: string): Promise<void> {
  const { lake } = lakeOn(root);
  await lake.append("books", [5]);
  await drain(lake);
  expect(await lake.ids("copy")).toEqual(allIds);
  checkLaws(root, lake);
}

const idsIn = (folder: string): number[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^\d+$/u.test(name))
        .map(Number)
        .toSorted((a, b) => a - b)
    : [];

/** What must hold whenever nothing runs. */
function checkLaws(root: string, lake: Lake): void {
  const checkpoint = join(root, "checkpoint");
  const promised = idsIn(join(checkpoint, "offsets"));
  const ticked = idsIn(join(checkpoint, "commits"));
  const published: number[] = [];
  for (let version = 0; version <= lake.version("copy"); version += 1) {
    for (const line of lake.commit("copy", version))
      if (line["txn"] !== undefined) published.push(Number(line["txn"]["version"]));
  }
  // Promises are whole, come one by one, and at most one is not ticked off.
  for (const id of promised)
    offsetLogCodec.parse(
      readFileSync(join(checkpoint, "offsets", String(id)), "utf8")
        .split("\n")
        .slice(1),
      `offsets/${id}`,
    );
  expect(promised).toEqual(promised.map((_, index) => index));
  expect(ticked).toEqual(ticked.map((_, index) => index));
  expect(promised.length - ticked.length).toBeGreaterThanOrEqual(0);
  expect(promised.length - ticked.length).toBeLessThanOrEqual(1);
  // S5: a batch is published at most once; S4: only after its promise; S6: ticked off only after it.
  expect(published).toEqual(published.map((_, index) => index));
  for (const id of published) expect(promised).toContain(id);
  for (const id of ticked) expect(published).toContain(id);
}

/** The operations of an undisturbed run. */
async function undisturbed(): Promise<readonly string[]> {
  const root = prepare();
  const whole = lakeOn(root);
  await drain(whole.lake);
  return whole.disk.operations;
}

describe("a process that dies at any operation of two batches", () => {
  for (const power of ["and the disk keeps everything", "and the power fails"] as const) {
    test(`${power}: no law is broken and each row arrives once`, { timeout: 300_000 }, async () => {
      const operations = await undisturbed();
      for (let crashAt = 1; crashAt <= operations.length; crashAt += 1) {
        const root = prepare();
        const crashed = lakeOn(root, { crashAt, seed: crashAt });
        try {
          expect(await runToCrash(crashed)).toBe(true);
          if (power === "and the power fails") crashed.disk.powerCut(crashAt);
          checkLaws(root, crashed.lake);
          await finish(root);
        } catch (cause) {
          throw new Error(`crash at operation ${crashAt}: ${operations[crashAt - 1]}`, { cause });
        }
      }
    });
  }

  test("again and again, at random: each row arrives once", { timeout: 300_000 }, async () => {
    for (let seed = 1; seed <= 25; seed += 1) {
      const random = seededRandom(seed);
      const root = prepare();
      for (let life = 0; ; life += 1) {
        const crashed = lakeOn(root, { crashAt: 1 + random.below(60), seed: seed * 1000 + life });
        if (!(await runToCrash(crashed))) break;
        crashed.disk.powerCut(random.below(1_000_000));
        checkLaws(root, crashed.lake);
      }
      await finish(root);
    }
  });
});

test("a batch does its work in the order of the laws: promise, data, commit, tick", async () => {
  const operations = await undisturbed();
  const second = operations.slice(
    operations.findLastIndex((operation) => operation.startsWith("link") && operation.includes("checkpoint/offsets/")),
  );
  const stations = second
    .filter((operation) => operation.startsWith("link") || operation === "sql.copy")
    .map((operation) => operation.split(" ").at(-1));
  expect(stations.filter((path) => !path?.endsWith(".crc"))).toEqual([
    "checkpoint/offsets/1",
    "sql.copy",
    "copy/_delta_log/00000000000000000001.json",
    "checkpoint/commits/1",
  ]);
  for (const name of ["checkpoint/offsets", "copy/_delta_log", "checkpoint/commits"])
    expect(second).toContain(`syncDirectory ${name}`);
});
