// test/session/random-stream.test.ts: a table that lives, and a stream over it that is started, stopped, killed at any operation and
// started again with other limits, while the power may fail: each row that was added arrives once. Laws S2, S3, S5 and S9.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import { Session } from "../../src/session/door/session.ts";
import type { TriggerInput } from "../../src/stream/plan/trigger.ts";
import type { StreamingQuery } from "../../src/stream/query/streaming-query.ts";
import { crashEngine } from "../engine/crash-engine.ts";
import type { CrashEngine } from "../engine/crash-engine.ts";
import { roundCount } from "../round-count.ts";
import { muteWarnings } from "../mute-warnings.ts";

muteWarnings();
const sql = duckdbEngine();
afterAll(() => sql.close());

/** What happens next. */
type Event =
  | { readonly kind: "append"; readonly rowCount: number }
  /** Whole files go: the stream does not mind (`ignoreDeletes`). */
  | { readonly kind: "deleteDay"; readonly day: number }
  | { readonly kind: "run"; readonly life: StreamLife };

/** One life of the stream. */
interface StreamLife {
  readonly files: number;
  readonly trigger: "once" | "availableNow";
  /** Number of the operation at which the process dies; null: it lives to its end. */
  readonly crashAt: number | null;
  readonly powerFails: number | null;
}

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("append" as const), rowCount: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deleteDay" as const), day: fc.nat(5) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("run" as const),
      life: fc.record({
        files: fc.integer({ min: 1, max: 3 }),
        trigger: fc.constantFrom<StreamLife["trigger"]>("once", "availableNow"),
        crashAt: fc.option(fc.integer({ min: 1, max: 70 }), { freq: 4 }),
        powerFails: fc.option(fc.nat(1_000_000)),
      }),
    }),
  },
);

const triggers: Readonly<Record<StreamLife["trigger"], TriggerInput>> = {
  once: { once: true },
  availableNow: { availableNow: true },
};

/** A source whose days are its partitions, one commit a day; the stream copies it, changed or as it is. */
class World {
  readonly root: string = mkdtempSync(join(tmpdir(), "alluvium-test-"));
  /** Every row that was added, by day. */
  readonly days: number[][] = [];
  readonly #deleted = new Set<number>();
  readonly #isIdentity: boolean;
  #rowCount = 0;
  #engineCount = 0;

  constructor(isIdentity: boolean) {
    this.#isIdentity = isIdentity;
  }

  /** Every engine has its own chance: ids must differ. */
  engine(crashAt: number | null = null): CrashEngine {
    return crashEngine({ root: this.root, sql, seed: (this.#engineCount += 1), ...(crashAt !== null && { crashAt }) });
  }

  session(crash: CrashEngine = this.engine()): Session {
    return Session.over(crash.engine, {
      warehouse: this.root,
      conf: { "spark.sql.streaming.minBatchesToRetain": "2" },
    });
  }

  async start(): Promise<void> {
    const properties = { "delta.checkpointInterval": "4" };
    await this.session().createTable("source", { schema: "id BIGINT, day INT", partitionBy: ["day"], properties });
  }

  async append(rowCount: number): Promise<void> {
    const day = this.days.length;
    const ids = Array.from({ length: rowCount }, () => (this.#rowCount += 1));
    this.days.push(ids);
    await (await this.session().deltaTable("source")).append(ids.map((id) => ({ id, day })));
  }

  /** Days go only when the stream has them: what is gone before it was read, nobody can read. */
  async deleteDay(day: number): Promise<void> {
    await this.finish();
    if (day >= this.days.length || this.#deleted.has(day)) return;
    this.#deleted.add(day);
    await (await this.session().deltaTable("source")).delete(`day = ${day}`);
  }

  #query(session: Session, life: StreamLife): Promise<StreamingQuery> {
    const source = session.readStream
      .option("maxFilesPerTrigger", life.files)
      .option("ignoreDeletes", true)
      .table("source");
    const frame = this.#isIdentity ? source : source.withColumn("twice", "id * 2");
    return frame.writeStream
      .partitionBy(...(this.#isIdentity ? ["day"] : []))
      .option("checkpointLocation", join(this.root, "checkpoint"))
      .trigger(triggers[life.trigger])
      .toTable("target");
  }

  async run(life: StreamLife): Promise<void> {
    const crash = this.engine(life.crashAt);
    const session = this.session(crash);
    try {
      await (await this.#query(session, life)).awaitTermination();
    } catch (error) {
      if (!crash.disk.hasCrashed) throw error;
    }
    await session.streams.stopAll();
    await crash.engine.background.finish();
    if (crash.disk.hasCrashed && life.powerFails !== null) crash.disk.powerCut(life.powerFails);
  }

  /** A healthy run to the end. */
  async finish(): Promise<void> {
    await this.run({ files: 2, trigger: "availableNow", crashAt: null, powerFails: null });
  }

  async check(): Promise<void> {
    const rows = await this.session().read.table("target").select("id").collect();
    const ids = rows.map(({ id }) => Number(id)).toSorted((a, b) => a - b);
    expect(ids).toEqual(this.days.flat());
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

async function apply(world: World, each: Event): Promise<void> {
  switch (each.kind) {
    case "append":
      return world.append(each.rowCount);
    case "deleteDay":
      return world.deleteDay(each.day);
    case "run":
      return world.run(each.life);
  }
}

test.each([
  { name: "a byte copy", isIdentity: true },
  { name: "a change of the rows", isIdentity: false },
])(
  "$name gives each source row once, whatever happens to the table and to the process",
  { timeout: 600_000 },
  async ({ isIdentity }) => {
    const property = fc.asyncProperty(fc.array(event, { minLength: 2, maxLength: 14 }), async (events) => {
      const world = new World(isIdentity);
      try {
        await world.start();
        for (const each of events) await apply(world, each);
        await world.finish();
        await world.check();
      } finally {
        world.remove();
      }
    });
    await fc.assert(property, { seed: 20, numRuns: roundCount(25) });
  },
);
