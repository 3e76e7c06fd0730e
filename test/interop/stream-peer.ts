// One streaming query that this engine and Spark run in turn from one checkpoint.
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DataFrame } from "../../src/index.ts";
import type { Lake } from "./lake.ts";
import { sharedPeer } from "./peer.ts";

/** Who runs the query. */
export type Runner = "we" | "spark";

/** A query from table `source` to table `target`; both engines understand its expressions. */
export interface SharedQuery {
  readonly source: string;
  readonly target: string;
  readonly checkpoint: string;
  readonly where?: string;
  /** All columns when absent. */
  readonly select?: readonly string[];
  readonly sourceOptions?: Readonly<Record<string, string>>;
  readonly partitionBy?: readonly string[];
}

/** Runs it over all there is (`availableNow`) to its end. */
export async function run(lake: Lake, runner: Runner, query: SharedQuery): Promise<void> {
  await (runner === "we" ? runOurs(lake, query) : runSpark(lake, query));
}

async function runOurs(lake: Lake, query: SharedQuery): Promise<void> {
  const running = await frameOf(lake, query)
    .writeStream.option("checkpointLocation", lake.path(query.checkpoint))
    .partitionBy(...(query.partitionBy ?? []))
    .trigger({ availableNow: true })
    .start(lake.path(query.target));
  await running.awaitTermination();
}

function frameOf(lake: Lake, { source, where, select, sourceOptions = {} }: SharedQuery): DataFrame {
  const all = lake.session.readStream.options(sourceOptions).load(lake.path(source));
  const kept = where === undefined ? all : all.where(where);
  return select === undefined ? kept : kept.selectExpr(...select);
}

async function runSpark(lake: Lake, query: SharedQuery): Promise<void> {
  await sharedPeer("spark").execute(
    `
delta_log.clearCache()
rows = spark.readStream.format("delta").options(**args["sourceOptions"]).load(args["source"])
if args["where"]: rows = rows.where(args["where"])
if args["select"]: rows = rows.selectExpr(*args["select"])
writer = rows.writeStream.format("delta").option("checkpointLocation", args["checkpoint"]).trigger(availableNow=True)
if args["partitionBy"]: writer = writer.partitionBy(*args["partitionBy"])
writer.start(args["target"]).awaitTermination()
`,
    {
      source: lake.path(query.source),
      target: lake.path(query.target),
      checkpoint: lake.path(query.checkpoint),
      where: query.where ?? null,
      select: query.select ?? null,
      sourceOptions: query.sourceOptions ?? {},
      partitionBy: query.partitionBy ?? null,
    },
  );
}

/** Batch ids in a log of the checkpoint, ascending. */
export function batchIds(lake: Lake, checkpoint: string, log: "offsets" | "commits"): readonly number[] {
  const folder = join(lake.path(checkpoint), log);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b);
}

/** The source's end offset that a batch promised. */
export function endOffset(lake: Lake, checkpoint: string, batchId: number): Readonly<Record<string, unknown>> {
  const lines = readFileSync(join(lake.path(checkpoint), "offsets", String(batchId)), "utf8").split("\n");
  return JSON.parse(lines[2] ?? "") as Readonly<Record<string, unknown>>;
}

/** As a kill between the sink's commit and the tick would have left the checkpoint: the last batch is not ticked off. */
export function forgetLastTick(lake: Lake, checkpoint: string): number {
  const last = batchIds(lake, checkpoint, "commits").at(-1);
  if (last === undefined) throw new Error("no batch was ticked off");
  removeEntry(lake, checkpoint, "commits", last);
  return last;
}

/** Removes an entry of the checkpoint, and Hadoop's checksum file beside it. */
export function removeEntry(lake: Lake, checkpoint: string, log: "offsets" | "commits", batchId: number): void {
  rmSync(join(lake.path(checkpoint), log, String(batchId)));
  rmSync(join(lake.path(checkpoint), log, `.${batchId}.crc`), { force: true });
}

/** (appId, version) of every commit of the target that has one, in order. */
export async function sinkBatches(lake: Lake, target: string): Promise<readonly unknown[]> {
  const latest = await lake.version(target);
  return Array.from({ length: latest + 1 }, (_, version) => lake.commit(target, version))
    .flat()
    .flatMap(({ txn }) => (txn === undefined ? [] : [`${String(txn["appId"])} ${String(txn["version"])}`]));
}
