// Random queries over random columns and rows in random commits, streamed with crashes and restarts, against the same SQL over all rows at once.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import { Session } from "../../src/session/door/session.ts";
import { crashEngine } from "../engine/crash-engine.ts";
import type { CrashEngine } from "../engine/crash-engine.ts";
import { muteWarnings } from "../mute-warnings.ts";
import { roundCount } from "../round-count.ts";
import { type RandomQuery, randomQuery } from "./query-grammar.ts";
import { columnsSql, inColumns, lastRow, randomRow, randomSchema, roles } from "./random-schema.ts";
import type { RandomRow, RandomSchema } from "./random-schema.ts";

muteWarnings();
const sql = duckdbEngine();
afterAll(() => sql.close());

/** Rows of one commit to `e`, of one to `f`, then perhaps a life of the stream. */
interface Round {
  readonly e: readonly RandomRow[];
  readonly f: readonly RandomRow[];
  readonly life: { readonly files: number; readonly crashAt: number | null; readonly powerFails: boolean } | null;
}

const roundOf = (schema: RandomSchema): fc.Arbitrary<Round> =>
  fc.record({
    e: fc.array(randomRow(schema), { maxLength: 5 }),
    f: fc.array(randomRow(schema), { maxLength: 4 }),
    life: fc.option(
      fc.record({
        files: fc.integer({ min: 1, max: 3 }),
        crashAt: fc.option(fc.integer({ min: 1, max: 120 }), { freq: 2 }),
        powerFails: fc.boolean(),
      }),
    ),
  });

const scenario = randomSchema.chain((schema) =>
  fc.record({
    schema: fc.constant(schema),
    query: randomQuery,
    rounds: fc.array(roundOf(schema), { minLength: 1, maxLength: 4 }),
  }),
);

// All share one DuckDB, in which each run names its state at random: no two may have the same chance.
let engineCount = 0;

class World {
  readonly root: string = mkdtempSync(join(tmpdir(), "alluvium-test-"));
  readonly schema: RandomSchema;
  readonly query: RandomQuery;

  constructor(schema: RandomSchema, query: RandomQuery) {
    this.schema = schema;
    this.query = query;
  }

  open(crashAt: number | null = null): { readonly crash: CrashEngine; readonly spark: Session } {
    engineCount += 1;
    const crash = crashEngine({ root: this.root, sql, seed: engineCount, ...(crashAt !== null && { crashAt }) });
    return { crash, spark: Session.over(crash.engine, { warehouse: this.root }) };
  }

  async create(): Promise<void> {
    const { spark } = this.open();
    const mapped = this.schema.isMapped ? " TBLPROPERTIES ('delta.columnMapping.mode' = 'name')" : "";
    for (const name of ["te", "tf"]) await spark.sql(`CREATE TABLE ${name} (${columnsSql(this.schema)})${mapped}`);
    await spark.sql("CREATE TABLE s (sk STRING, sz INT)");
    await spark.sql("INSERT INTO s VALUES ('a', 1), ('b', 2), ('b', 3), (NULL, 9)");
  }

  async append(table: "te" | "tf", rows: readonly RandomRow[]): Promise<void> {
    if (rows.length === 0) return;
    const named = rows.map((row) =>
      Object.fromEntries(roles.map((role) => [this.schema.columns[role].name, row[role]] as const)),
    );
    await (await this.open().spark.deltaTable(table)).append(named);
  }

  /** One life of the stream. */
  async run({ files, crashAt, powerFails }: NonNullable<Round["life"]>): Promise<void> {
    const { crash, spark } = this.open(crashAt);
    try {
      for (const name of ["e", "f"])
        spark.readStream
          .option("maxFilesPerTrigger", files)
          .table(`t${name}`)
          .withWatermark(this.schema.columns.ts.name, "100 seconds")
          .createOrReplaceTempView(name);
      const frame = await spark.sql(inColumns(this.query.sql, this.schema));
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
    const { sql: text, whole: asked = text, mode } = this.query;
    const first = inColumns("NOT ($k <=> 'last')", this.schema);
    for (const name of ["e", "f"]) spark.table(`t${name}`).where(first).createOrReplaceTempView(name);
    const streamed = await (await spark.sql("SELECT * FROM target")).collect();
    const whole = await (await spark.sql(inColumns(asked, this.schema))).collect();
    // Of equal zeros an aggregate, or a key, is either.
    const isExact = mode === "append" && !/DISTINCT|GROUP BY/.test(text);
    return { streamed: texts(streamed, isExact), whole: texts(whole, isExact) };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Rows as sorted texts. */
function texts(rows: readonly object[], isExact: boolean): readonly string[] {
  const text = (_: string, value: unknown): unknown => {
    if (typeof value === "bigint") return `${value}`;
    if (value instanceof Map) return [...value];
    if (isExact && Object.is(value, -0)) return "-0";
    return typeof value === "number" && !Number.isFinite(value) ? `${value}` : value;
  };
  return rows.map((one) => JSON.stringify(one, text)).toSorted();
}

test("a streamed query gives what the same SQL gives over all rows at once", { timeout: 900_000 }, async () => {
  const property = fc.asyncProperty(scenario, async ({ schema, query, rounds }) => {
    const world = new World(schema, query);
    try {
      await world.create();
      for (const { e, f, life } of rounds) {
        await world.append("te", e);
        await world.append("tf", f);
        if (life !== null) await world.run(life);
      }
      if (query.isClosed) {
        await world.append("te", [lastRow]);
        await world.append("tf", [lastRow]);
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
