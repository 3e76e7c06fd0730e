// test/stream/source-model.test.ts: random tables, limits, restarts and replays against a model that only knows a flat
// list of positions.
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { OffsetJson, Source } from "../../src/stream/plan/source.ts";
import { add, remove, short, TestTable } from "./log-builder.ts";
import type { Line } from "./log-builder.ts";

interface ModelFile {
  readonly name: string;
  readonly time: number;
}

interface ModelCommit {
  readonly adds: readonly ModelFile[];
  readonly removes: readonly string[];
  readonly dataChange: boolean;
}

interface Position {
  readonly version: number;
  readonly index: number;
}

/** What the table holds, and how far the stream has come. `start` is null until the first batch is done. */
interface Model {
  readonly commits: ModelCommit[];
  fileCount: number;
  start: Position | null;
  isInSnapshot: boolean;
  delivered: string[];
}

interface Limits {
  readonly files: number | null;
  readonly versions: number | null;
  readonly wholeCommits: boolean;
}

interface Real {
  readonly table: TestTable;
  source: Source;
  limits: Limits;
  end: OffsetJson | null;
}

const name = (model: Model): string => `f${(model.fileCount += 1)}`;

function liveFiles(model: Model, version: number): ModelFile[] {
  const live = new Map<string, ModelFile>();
  for (const { adds, removes } of model.commits.slice(0, version + 1)) {
    for (const path of removes) live.delete(path);
    for (const file of adds) live.set(file.name, file);
  }
  return [...live.values()].toSorted((a, b) => a.time - b.time || (a.name < b.name ? -1 : 1));
}

function deliverable({ adds, removes, dataChange }: ModelCommit): readonly ModelFile[] {
  return dataChange && removes.length === 0 ? adds : [];
}

/** Names at all positions after `start` up to `end`, when the stream began with the snapshot of `snapshotVersion`. */
function between(model: Model, range: { start: Position; end: Position; snapshotVersion: number }): string[] {
  const found: string[] = [];
  const isInside = (at: Position): boolean => isBefore(range.start, at) && !isBefore(range.end, at);
  for (let version = range.snapshotVersion; version < model.commits.length; version += 1) {
    const commit = model.commits[version];
    const isSnapshot = version === range.snapshotVersion;
    const files = isSnapshot ? liveFiles(model, version) : commit === undefined ? [] : deliverable(commit);
    for (const [index, file] of files.entries()) if (isInside({ version, index })) found.push(file.name);
  }
  return found;
}

const isBefore = (a: Position, b: Position): boolean =>
  a.version < b.version || (a.version === b.version && a.index < b.index);

function positionOf(offset: OffsetJson): Position & { isInSnapshot: boolean } {
  return {
    version: Number(offset["reservoirVersion"]),
    index: Number(offset["index"]),
    isInSnapshot: offset["isStartingVersion"] === true,
  };
}

async function reopen(real: Real): Promise<void> {
  const { files, versions, wholeCommits } = real.limits;
  real.source = await real.table.source({
    skipChangeCommits: "true",
    wholeCommits: String(wholeCommits),
    ...(files === null ? {} : { maxFilesPerTrigger: String(files) }),
    ...(versions === null ? {} : { maxVersionsPerTrigger: String(versions) }),
  });
}

const namesOf = async (source: Source, start: OffsetJson | null, end: OffsetJson): Promise<string[]> =>
  (await source.getBatch(start, end)).files.map((file) => file.path);

class Commit implements fc.AsyncCommand<Model, Real> {
  readonly #change: { readonly adds: readonly number[]; readonly removes: number; readonly dataChange: boolean };
  constructor(change: { readonly adds: readonly number[]; readonly removes: number; readonly dataChange: boolean }) {
    this.#change = change;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, { table }: Real): Promise<void> {
    const { dataChange } = this.#change;
    const adds = this.#change.adds.map((time) => ({ name: name(model), time }));
    const removes = liveFiles(model, model.commits.length - 1)
      .slice(0, this.#change.removes)
      .map((file) => file.name);
    model.commits.push({ adds, removes, dataChange });
    const lines: Line[] = removes.map((path) => remove(path, { dataChange }));
    for (const file of adds) lines.push(add(file.name, { modificationTime: file.time, dataChange }));
    table.commit(lines);
  }
  toString(): string {
    return `commit(${JSON.stringify(this.#change)})`;
  }
}

class Restart implements fc.AsyncCommand<Model, Real> {
  readonly #limits: Limits;
  constructor(limits: Limits) {
    this.#limits = limits;
  }
  check(): boolean {
    return true;
  }
  async run(_model: Model, real: Real): Promise<void> {
    real.limits = this.#limits;
    await reopen(real);
  }
  toString(): string {
    return `restart(${JSON.stringify(this.#limits)})`;
  }
}

class Batch implements fc.AsyncCommand<Model, Real> {
  readonly #isReplayed: boolean;
  constructor(isReplayed: boolean) {
    this.#isReplayed = isReplayed;
  }
  check(): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    await runBatch(model, real, this.#isReplayed);
  }
  toString(): string {
    return this.#isReplayed ? "batch, crash, batch again" : "batch";
  }
}

/** One batch: held against the model, maybe asked for again by a source that knows nothing of it. */
async function runBatch(model: Model, real: Real, isReplayed: boolean): Promise<boolean> {
  const start = real.end;
  const end = await real.source.latestOffset(start, "limited");
  if (end === null || real.source.equals(start, end)) {
    expect(model.start, "only a stream at the head has nothing new").toEqual({
      version: model.commits.length,
      index: -1,
    });
    return false;
  }
  const to = positionOf(end);
  // Until the first batch is done the snapshot is the one right before its end.
  const snapshotVersion = model.start === null ? (to.isInSnapshot ? to.version : to.version - 1) : snapshotOf(model);
  const from = model.start ?? { version: snapshotVersion, index: -1 };
  expect(isBefore(from, to), `${short(start)} to ${short(end)} goes forward`).toBe(true);
  const names = await namesOf(real.source, start, end);
  expect(names).toEqual(between(model, { start: from, end: to, snapshotVersion }));
  if (model.start !== null) checkLimits(model, { names, to, limits: real.limits });
  if (isReplayed) {
    await reopen(real);
    expect(await namesOf(real.source, start, end)).toEqual(names);
  }
  await real.source.commit(end);
  model.delivered.push(...names);
  model.start = { version: to.version, index: to.index };
  model.isInSnapshot = to.isInSnapshot;
  real.end = end;
  return true;
}

/** While the stream is in its snapshot that is the version it stands in; afterwards there is none any more. */
function snapshotOf(model: Model): number {
  return model.isInSnapshot && model.start !== null ? model.start.version : -1;
}

interface Outcome {
  readonly names: readonly string[];
  readonly to: Position;
  readonly limits: Limits;
}

function checkLimits(model: Model, { names, to, limits }: Outcome): void {
  const isHead = to.version === model.commits.length && to.index === -1;
  if (!limits.wholeCommits && limits.files !== null) expect(names.length).toBeLessThanOrEqual(limits.files);
  if (limits.wholeCommits && !model.isInSnapshot) expect(to.index, "a commit is never cut").toBe(-1);
  const isFree = !limits.wholeCommits && limits.versions === null && limits.files !== null;
  if (isFree && !isHead) expect(names.length, "a batch is full unless it ends at the head").toBe(limits.files);
}

const limits: fc.Arbitrary<Limits> = fc.record({
  files: fc.option(fc.integer({ min: 1, max: 4 })),
  versions: fc.option(fc.integer({ min: 1, max: 3 })),
  wholeCommits: fc.boolean(),
});

const commit = fc.record({
  adds: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 5 }),
  removes: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 2 })),
  dataChange: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, fc.constant(false)),
});

test("whatever happens to the table, to the limits and to the process, batches go forward and give each file once, in order", async () => {
  const commands = fc.commands<Model, Real, false>(
    [
      commit.map((change) => new Commit(change)),
      limits.map((chosen) => new Restart(chosen)),
      fc.boolean().map((isReplayed) => new Batch(isReplayed)),
    ],
    { maxCommands: 25 },
  );
  await fc.assert(
    fc.asyncProperty(commands, async (chosen) => {
      await using table = TestTable.create();
      const model: Model = {
        commits: [{ adds: [], removes: [], dataChange: true }],
        fileCount: 0,
        start: null,
        isInSnapshot: false,
        delivered: [],
      };
      const real: Real = {
        table,
        source: await table.source(),
        limits: { files: null, versions: null, wholeCommits: false },
        end: null,
      };
      await reopen(real);
      await fc.asyncModelRun(() => ({ model, real }), chosen);
      while (await runBatch(model, real, false));
      expect(new Set(model.delivered).size).toBe(model.delivered.length);
    }),
    { seed: 31, numRuns: 150 },
  );
});
