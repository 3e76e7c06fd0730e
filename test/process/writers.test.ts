// Four processes write to one table and are killed at random moments: nothing is lost, nothing is doubled, no commit is half
// visible. Laws L1-L3.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { seededRandom } from "../engine/seeded-random.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { killCount } from "../round-count.ts";
import { Child, pause } from "./child.ts";
import { groupRows } from "./programs/group.ts";

const names = ["a", "b", "c", "d"];
/** Kills per table: a fresh one now and then keeps the reading of it short. */
const roundsPerTable = 25;
const tables = Array.from({ length: Math.ceil(killCount(roundsPerTable) / roundsPerTable) }, (_, index) => index + 1);

/** What one writer was told, over all its lives. */
class Writer {
  readonly name: string;
  readonly #path: string;
  appendedCount = 0;
  readonly thinned: Set<number> = new Set();
  #child: Child;

  constructor(path: string, name: string) {
    this.#path = path;
    this.name = name;
    this.#child = this.#start();
  }

  async ready(): Promise<void> {
    await this.#child.said("ready");
  }

  async kill(): Promise<void> {
    await this.#child.kill();
    for (const line of this.#child.lines) {
      const [word, group] = line.split(" ");
      if (word === "appended") expect(Number(group)).toBe(this.appendedCount);
      if (word === "appended") this.appendedCount += 1;
      if (word === "thinned") this.thinned.add(Number(group));
    }
  }

  /** The next life goes on with the group that was not reported: it may be there or not. */
  restart(): void {
    this.#child = this.#start();
  }

  dispose(): void {
    this.#child[Symbol.dispose]();
  }

  #start(): Child {
    return Child.start("writer", this.#path, this.name, String(this.appendedCount));
  }
}

/** Items by writer and group; each row is there once. */
async function groupsOf(table: DeltaTable): Promise<ReadonlyMap<string, readonly number[]>> {
  const groups = new Map<string, number[]>();
  for await (const { writer, grp, item } of table.rows()) {
    const key = `${String(writer)} ${String(grp)}`;
    groups.set(key, [...(groups.get(key) ?? []), Number(item)]);
  }
  return groups;
}

/** Every group that is there is whole; one row of it may have been taken away again, where that is due. */
function checkWhole(groups: ReadonlyMap<string, readonly number[]>): void {
  for (const [key, items] of groups) {
    const [name = "", group] = key.split(" ");
    const whole = groupRows(name, Number(group)).map((row) => row.item);
    const found = items.toSorted((a, b) => a - b);
    const isThinned = Number(group) % 4 === 1 && found.length === whole.length - 1;
    expect(found, key).toEqual(isThinned ? whole.slice(1) : whole);
  }
}

/** What was reported is there; beyond it at most the one commit that was under way. */
function checkReported(groups: ReadonlyMap<string, readonly number[]>, writers: readonly Writer[]): void {
  for (const { name, appendedCount, thinned } of writers) {
    const found = [...groups.keys()].filter((key) => key.startsWith(`${name} `)).map((key) => Number(key.slice(2)));
    const expected = Array.from({ length: found.length }, (_, index) => index);
    expect(
      found.toSorted((a, b) => a - b),
      name,
    ).toEqual(expected);
    expect(found.length - appendedCount, name).toBeGreaterThanOrEqual(0);
    expect(found.length - appendedCount, name).toBeLessThanOrEqual(1);
    for (const group of thinned) expect(groups.get(`${name} ${group}`), name).not.toContain(0);
  }
}

/** L1: the commits have no gap; and each is a whole one: every line parses, and its rows are of one group. */
function checkCommits(path: string): number {
  const log = join(path, "_delta_log");
  const files = readdirSync(log).filter((name) => /^\d{20}\.json$/u.test(name));
  expect(files.map((name) => Number(name.slice(0, 20)))).toEqual(files.map((_, index) => index));
  for (const name of files) {
    const text = readFileSync(join(log, name), "utf8");
    expect(text.endsWith("\n"), name).toBe(true);
    const kinds = text
      .trimEnd()
      .split("\n")
      .map((line) => Object.keys(JSON.parse(line) as object)[0]);
    expect(
      kinds.filter((kind) => kind === "commitInfo"),
      name,
    ).toHaveLength(1);
  }
  return files.length;
}

const name = `four writers killed ${roundsPerTable} times lose nothing, double nothing, and show no half of a commit (table %i)`;

test.each(tables)(name, { timeout: 600_000 }, async (seed) => {
  const random = seededRandom(seed);
  const path = join(temporaryFolder(), "table");
  const schema = "writer STRING, grp BIGINT, item INT, size INT";
  // Partitions by item: each commit has several files, and the deletes of all writers meet in one partition.
  await using table = await DeltaTable.create(path, { schema, partitionBy: ["item"] });
  const writers = names.map((name) => new Writer(path, name));
  // Also when the time is up and the test does not come to its end.
  onTestFinished(() => {
    for (const writer of writers) writer.dispose();
  });
  try {
    for (let round = 0; round < roundsPerTable; round += 1) {
      const victim = writers[random.below(writers.length)];
      if (victim === undefined) throw new Error("there are writers");
      // Some die while they start.
      if (random.below(8) > 0) await victim.ready();
      await pause(random.below(250));
      await victim.kill();
      // A reader beside the living writers sees whole groups only. Reading all takes longer than many commits.
      if (round % 5 === 4) checkWhole(await groupsOf(await table.refresh()));
      victim.restart();
    }
    await Promise.all(writers.map((writer) => writer.ready()));
    for (const writer of writers) await writer.kill();
  } finally {
    for (const writer of writers) writer.dispose();
  }
  const groups = await groupsOf(await table.refresh());
  checkWhole(groups);
  checkReported(groups, writers);
  expect(checkCommits(path)).toBe(table.version + 1);
  expect(groups.size).toBeGreaterThan(0);
});
