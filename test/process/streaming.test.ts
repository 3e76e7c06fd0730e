// A streaming process is killed at random moments and started again, while its source grows: each row arrives once. Laws S5, S8, S9.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { seededRandom } from "../engine/seeded-random.ts";
import type { SeededRandom } from "../engine/seeded-random.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { killCount } from "../round-count.ts";
import { Child, pause } from "./child.ts";

const rounds = killCount(24);

/** The table that is streamed; its ids count up from 0. */
class Source {
  readonly #table: DeltaTable;
  rowCount = 0;

  private constructor(table: DeltaTable) {
    this.#table = table;
  }

  static async create(lake: string): Promise<Source> {
    return new Source(await DeltaTable.create(join(lake, "source"), { schema: "id BIGINT, text STRING" }));
  }

  async append(count: number): Promise<void> {
    const rows = Array.from({ length: count }, (_, index) => ({ id: this.rowCount + index, text: `t${index}` }));
    await this.#table.append(rows);
    this.rowCount += count;
  }

  close(): Promise<void> {
    return this.#table.close();
  }
}

async function idsOf(path: string): Promise<readonly number[]> {
  await using table = await DeltaTable.open(path);
  const ids: number[] = [];
  for await (const { id } of table.rows({ columns: ["id"] })) ids.push(Number(id));
  return ids.toSorted((a, b) => a - b);
}

/** Batch ids of the sink's commits, in their order. */
function publishedBatches(path: string): readonly number[] {
  const log = join(path, "_delta_log");
  const ids: number[] = [];
  for (const name of readdirSync(log).filter((file) => /^\d{20}\.json$/u.test(file))) {
    for (const line of readFileSync(join(log, name), "utf8").trimEnd().split("\n")) {
      const { txn } = JSON.parse(line) as { readonly txn?: { readonly version: number } };
      if (txn !== undefined) ids.push(txn.version);
    }
  }
  return ids;
}

/** Runs the stream until it has worked off its source. */
async function drain(lake: string, kind: string): Promise<void> {
  using child = Child.start("streamer", lake, kind, "drain");
  expect(await child.ended(), child.errors + child.lines.join("\n")).toBe(0);
}

/** One life of the stream, ended by a kill. */
async function live(
  lake: string,
  kind: string,
  { source, random }: { source: Source; random: SeededRandom },
): Promise<void> {
  using child = Child.start("streamer", lake, kind, "run");
  await source.append(1 + random.below(5));
  // Some die while they start.
  if (random.below(8) > 0) await child.said("started");
  if (random.below(3) === 0) await child.said("batch");
  for (let commit = random.below(4); commit > 0; commit -= 1) await source.append(1 + random.below(3));
  await pause(random.below(120));
  await child.kill();
}

describe.each(["copy", "change", "each"])("a stream of the kind %s", (kind) => {
  test("that is killed at random and restarted gives each row once", { timeout: 60_000 + rounds * 5_000 }, async () => {
    const random = seededRandom(rounds + kind.length);
    const lake = temporaryFolder();
    const source = await Source.create(lake);
    await source.append(3);
    for (let round = 0; round < Math.ceil(rounds / 3); round += 1) {
      await live(lake, kind, { source, random });
    }
    await source.append(2);
    await drain(lake, kind);
    await source.close();
    const expected = Array.from({ length: source.rowCount }, (_, index) => index);
    const targets = ["target", ...(kind === "each" ? ["other"] : [])].map((name) => join(lake, name));
    for (const target of targets) {
      expect(await idsOf(target)).toEqual(expected);
      const batches = publishedBatches(target);
      expect(batches).toEqual(batches.map((_, index) => index));
    }
  });
});

test(
  "of two processes on one checkpoint one is refused by name, and no row is doubled",
  { timeout: 120_000 },
  async () => {
    const lake = temporaryFolder();
    const source = await Source.create(lake);
    await source.append(5);
    using first = Child.start("streamer", lake, "copy", "run");
    await first.said("started");
    using second = Child.start("streamer", lake, "copy", "run");
    expect(await second.said("failed")).toBe("failed CONCURRENT_QUERY");
    expect(await second.ended()).toBe(1);
    // The one that runs is not disturbed; and when it is dead, its checkpoint is free at once.
    await source.append(5);
    await first.said("batch 1");
    await first.kill();
    await drain(lake, "copy");
    await source.close();
    expect(await idsOf(join(lake, "target"))).toEqual(Array.from({ length: 10 }, (_, index) => index));
  },
);

test(
  "two processes started at the same moment on a fresh checkpoint: one runs, one is refused",
  { timeout: 120_000 },
  async () => {
    const lake = temporaryFolder();
    const source = await Source.create(lake);
    await source.append(5);
    await source.close();
    const both = [Child.start("streamer", lake, "copy", "drain"), Child.start("streamer", lake, "copy", "drain")];
    const statuses = await Promise.all(both.map((child) => child.ended()));
    for (const [index, child] of both.entries()) {
      if (statuses[index] !== 0) expect(child.lines).toEqual(["failed CONCURRENT_QUERY"]);
    }
    // The loser may also come when the winner is done already.
    expect(statuses).toContain(0);
    expect(await idsOf(join(lake, "target"))).toEqual([0, 1, 2, 3, 4]);
    expect(existsSync(join(lake, "checkpoint", "metadata"))).toBe(true);
  },
);

test("SIGTERM's default and a restart are no more than a kill: each row once", { timeout: 120_000 }, async () => {
  const lake = temporaryFolder();
  const source = await Source.create(lake);
  for (let commit = 0; commit < 6; commit += 1) await source.append(2);
  await source.close();
  using child = Child.start("streamer", lake, "change", "run");
  await child.said("batch 0");
  child.signal("SIGTERM");
  await child.ended();
  await drain(lake, "change");
  expect(await idsOf(join(lake, "target"))).toEqual(Array.from({ length: 12 }, (_, index) => index));
});
