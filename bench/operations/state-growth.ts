// bench/operations/state-growth.ts: what a small batch costs by how much the stream remembers already.
import { join } from "node:path";
import { type DataFrame, type OutputMode, type Session, sum } from "../../src/index.ts";
import type { Arguments } from "../arguments.ts";
import { emit, percentile } from "../meter.ts";
import { drain, withSession } from "./streamed.ts";

/** A stream that remembers. */
interface Remembering {
  readonly outputMode: OutputMode;
  /** Tables that it reads; rows come to the last of them. */
  readonly tables: readonly string[];
  /** Its frame; `reading` says how tables are read. */
  readonly frame: (spark: Session, reading: () => Session["readStream"]) => Promise<DataFrame>;
  /** SELECT of the rows of a table that make the state, so many. */
  readonly held: (count: number) => string;
  /** SELECT of the rows of a batch, by numbers from 0 on that are keys or near them. @param at a SELECT of `n` */
  readonly rows: (at: string, held: number) => string;
}

const time = "timestamp_micros(1767225600000000 + CAST(n AS BIGINT) * 1000)";
const timed = `SELECT n AS k, ${time} AS ts, 1 AS v`;

const kinds: Readonly<Record<string, Remembering>> = {
  groups: {
    outputMode: "update",
    tables: ["source"],
    frame: async (_, reading) => reading().table("source").groupBy("k").agg(sum("v").as("total")),
    held: (count) => `SELECT id AS k, 1 AS v FROM range(${count})`,
    rows: (at) => `SELECT n AS k, 2 AS v FROM (${at})`,
  },
  ids: {
    outputMode: "append",
    tables: ["source"],
    frame: async (_, reading) => reading().table("source").dropDuplicates(["k"]),
    held: (count) => `SELECT id AS k, 1 AS v FROM range(${count})`,
    // Every other id is new.
    rows: (at, held) => `SELECT n + ${held} * (row_number() OVER () % 2) AS k, 2 AS v FROM (${at})`,
  },
  sessions: {
    outputMode: "append",
    tables: ["source"],
    frame: async (spark, reading) => {
      reading().table("source").withWatermark("ts", "100 days").createOrReplaceTempView("events");
      return spark.sql("SELECT k, session_window(ts, '10 seconds') AS w, sum(v) AS total FROM events GROUP BY 1, 2");
    },
    held: (count) => `${timed} FROM (SELECT id AS n FROM range(${count}))`,
    rows: (at) => `${timed} FROM (${at})`,
  },
  join: {
    outputMode: "append",
    tables: ["lefts", "rights"],
    frame: async (spark, reading) => {
      for (const name of ["lefts", "rights"])
        reading().table(name).withWatermark("ts", "100 days").createOrReplaceTempView(`${name}_s`);
      return spark.sql(
        "SELECT l.k, l.v, r.v AS w FROM lefts_s l LEFT JOIN rights_s r ON l.k = r.k AND r.ts >= l.ts AND r.ts <= l.ts + INTERVAL 1 HOUR",
      );
    },
    held: (count) => `${timed} FROM (SELECT id AS n FROM range(${count}))`,
    rows: (at) => `${timed} FROM (${at})`,
  },
};

/**
 * `stream_state work= [kind=groups|ids|sessions|join] [held=] [batches=] [rows=] [near=0|1]`: batches of so many rows against so many
 * groups, ids, sessions, or rows of each side of a join, whose keys lie near each other or anywhere; then a restart.
 */
export async function streamState(words: Arguments): Promise<void> {
  const name = words.textOr("kind", "groups");
  const kind = kinds[name];
  if (kind === undefined) throw new Error(`kind is one of ${Object.keys(kinds).join(", ")}`);
  await withSession(words, (spark, base) => measure({ spark, base, kind, name, words }));
}

interface Run {
  readonly spark: Session;
  readonly base: string;
  readonly kind: Remembering;
  readonly name: string;
  readonly words: Arguments;
}

async function measure({ spark, base, kind, name, words }: Run): Promise<void> {
  const held = words.number("held", 1_000_000);
  const [batches, rows] = [words.number("batches", 100), words.number("rows", 1000)];
  const isNear = words.number("near", 0) === 1;
  const last = kind.tables.at(-1) ?? "";
  for (const table of kind.tables) await spark.sql(`CREATE OR REPLACE TABLE ${table} AS ${kind.held(held)}`);
  const shape = { outputMode: kind.outputMode };
  const run = async (reading: () => Session["readStream"]) =>
    drain({ spark, frame: await kind.frame(spark, reading), shape, checkpoint: join(base, "checkpoint"), out: null });
  const filled = await run(() => spark.readStream);
  for (let batch = 0; batch < batches; batch += 1) {
    const first = (batch * 7919 * rows) % held;
    const number = isNear
      ? `(${first} + id * 31) % ${held}`
      : `CAST(pmod(hash(CAST(id + ${first} AS BIGINT)), ${held}) AS BIGINT)`;
    await spark.sql(`INSERT INTO ${last} ${kind.rows(`SELECT ${number} AS n FROM range(${rows})`, held)}`);
  }
  const oneByOne = () => spark.readStream.option("maxFilesPerTrigger", 1);
  const done = await run(oneByOne);
  await spark.sql(`INSERT INTO ${last} ${kind.rows("SELECT 1 AS n", held)}`);
  const restarted = await run(oneByOne);
  emit({
    peer: "alluvium",
    workload: `stream_state/kind=${name}/held=${held}/near=${isNear ? 1 : 0}`,
    fill_s: filled.wallS,
    batches: done.batchesMs.length,
    batch_p50_ms: percentile(done.batchesMs.slice(1), 50),
    batch_p99_ms: percentile(done.batchesMs.slice(1), 99),
    batch_cpu_ms: done.batchCpuMs,
    fill_cpu_s: filled.cpuS,
    restart_cpu_s: restarted.cpuS,
    restart_s: restarted.wallS,
    peak_rss_mb: restarted.peakRssMb,
  });
}
