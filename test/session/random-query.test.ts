// Random queries over random rows in random commits, streamed with crashes and restarts, against the same SQL over all rows at once.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { duckdbEngine } from "../../src/engine/duckdb.ts";
import { Session } from "../../src/session/session.ts";
import { crashEngine } from "../engine/crash-engine.ts";
import type { CrashEngine } from "../engine/crash-engine.ts";
import { muteWarnings } from "../mute-warnings.ts";
import { roundCount } from "../round-count.ts";
import { type RandomQuery, columns, randomQuery } from "./query-grammar.ts";

muteWarnings();
const sql = duckdbEngine();
afterAll(() => sql.close());

interface Row {
  readonly k: string | null;
  readonly v: number | null;
  readonly d: number;
  /** Seconds. */
  readonly at: number;
}

const row: fc.Arbitrary<Row> = fc.record({
  k: fc.constantFrom("a", "b", "ab", "", null),
  v: fc.option(fc.integer({ min: -2, max: 4 }), { nil: null, freq: 5 }),
  d: fc.integer({ min: -3, max: 8 }),
  at: fc.integer({ min: 0, max: 40 }),
});

/** Rows of one commit to `e`, of one to `f`, then perhaps a life of the stream. */
interface Round {
  readonly e: readonly Row[];
  readonly f: readonly Row[];
  readonly life: { readonly files: number; readonly crashAt: number | null; readonly powerFails: boolean } | null;
}

const round: fc.Arbitrary<Round> = fc.record({
  e: fc.array(row, { maxLength: 5 }),
  f: fc.array(row, { maxLength: 4 }),
  life: fc.option(
    fc.record({
      files: fc.integer({ min: 1, max: 3 }),
      crashAt: fc.option(fc.integer({ min: 1, max: 120 }), { freq: 2 }),
      powerFails: fc.boolean(),
    }),
  ),
});

const valuesOf = (rows: readonly Row[]): string =>
  rows
    .map(({ k, v, d, at }) => {
      const time = `TIMESTAMP '${new Date(Date.UTC(2024, 0, 1) + at * 1000).toISOString()}'`;
      const text = k === null ? "NULL" : `'${k}'`;
      return `(${text}, ${v ?? "NULL"}, ${v === null ? 7 : v * 10}, ${d} / 4, ${d} * 0.5D, ${time}, ${text})`;
    })
    .join(", ");

/** After all there is: every watermark passes, and every window closes but theirs. */
const last: Row = { k: "last", v: 100, d: 0, at: 1000 };

// All share one DuckDB, in which each run names its state at random: no two may have the same chance.
let engineCount = 0;

class World {
  readonly root: string = mkdtempSync(join(tmpdir(), "alluvium-test-"));
  readonly query: RandomQuery;

  constructor(query: RandomQuery) {
    this.query = query;
  }

  open(crashAt: number | null = null): { readonly crash: CrashEngine; readonly spark: Session } {
    engineCount += 1;
    const crash = crashEngine({ root: this.root, sql, seed: engineCount, ...(crashAt !== null && { crashAt }) });
    return { crash, spark: Session.over(crash.engine, { warehouse: this.root }) };
  }

  async create(): Promise<void> {
    const { spark } = this.open();
    for (const name of ["te", "tf"]) await spark.sql(`CREATE TABLE ${name} (${columns})`);
    await spark.sql("CREATE TABLE s (k STRING, z INT)");
    await spark.sql("INSERT INTO s VALUES ('a', 1), ('b', 2), ('b', 3), (NULL, 9)");
  }

  async append(table: "te" | "tf", rows: readonly Row[]): Promise<void> {
    if (rows.length > 0) await this.open().spark.sql(`INSERT INTO ${table} VALUES ${valuesOf(rows)}`);
  }

  /** One life of the stream. */
  async run({ files, crashAt, powerFails }: NonNullable<Round["life"]>): Promise<void> {
    const { crash, spark } = this.open(crashAt);
    try {
      for (const name of ["e", "f"])
        spark.readStream
          .option("maxFilesPerTrigger", files)
          .table(`t${name}`)
          .withWatermark("ts", "100 seconds")
          .createOrReplaceTempView(name);
      const frame = await spark.sql(this.query.sql);
      const writer = frame.writeStream
        .trigger({ availableNow: true })
        .outputMode(this.query.mode)
        .option("checkpointLocation", join(this.root, "checkpoint"));
      const keyed = this.query.keys.length === 0 ? writer : writer.option("keyColumns", this.query.keys.join(","));
      await (await keyed.toTable("target")).awaitTermination();
    } catch (error) {
      if (!crash.disk.hasCrashed) throw error;
    }
    await spark.streams.stopAll();
    await crash.engine.background.finish();
    if (crash.disk.hasCrashed && powerFails) crash.disk.powerCut(engineCount);
  }

  /** What the table holds, and what the query gives over all rows. */
  async results(): Promise<{ readonly streamed: readonly string[]; readonly whole: readonly string[] }> {
    const { spark } = this.open();
    for (const name of ["e", "f"]) spark.table(`t${name}`).where("NOT (k <=> 'last')").createOrReplaceTempView(name);
    const streamed = await (await spark.sql("SELECT * FROM target")).collect();
    const whole = await (await spark.sql(this.query.sql)).collect();
    return { streamed: texts(streamed), whole: texts(whole) };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Rows as sorted texts. */
function texts(rows: readonly object[]): readonly string[] {
  return rows
    .map((one) => JSON.stringify(one, (_, value: unknown) => (typeof value === "bigint" ? `${value}` : value)))
    .toSorted();
}

test("a streamed query gives what the same SQL gives over all rows at once", { timeout: 900_000 }, async () => {
  const scenario = fc.record({ query: randomQuery, rounds: fc.array(round, { minLength: 1, maxLength: 4 }) });
  const property = fc.asyncProperty(scenario, async ({ query, rounds }) => {
    const world = new World(query);
    try {
      await world.create();
      for (const { e, f, life } of rounds) {
        await world.append("te", e);
        await world.append("tf", f);
        if (life !== null) await world.run(life);
      }
      if (query.isClosed) {
        await world.append("te", [last]);
        await world.append("tf", [last]);
      }
      await world.run({ files: 2, crashAt: null, powerFails: false });
      const { streamed, whole } = await world.results();
      // Of no rows DuckDB gives the grand total of a ROLLUP, alone; Spark gives nothing, and so does a stream.
      const isTotalOfNothing = /\b(ROLLUP|CUBE|GROUPING SETS)\b/.test(query.sql) && whole.length === 1;
      // The last rows find each other in joins.
      expect(streamed.filter((text) => !text.includes('"last"'))).toEqual(isTotalOfNothing ? [] : whole);
    } finally {
      world.remove();
    }
  });
  await fc.assert(property, { seed: 20, numRuns: roundCount(25) });
});
