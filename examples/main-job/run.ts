// examples/main-job/run.ts: `npm start`. Three million real flights stream from one Delta table to another, through a
// process that is killed again and again; then every row is accounted for.
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type DataFrame, Session, inputFiles } from "../../src/index.ts";
import { type Fingerprint, fingerprint, hex, plus } from "./fingerprint.ts";
import { targetColumns, transformed } from "./pipeline.ts";
import { chapter, number, tell } from "./story.ts";
import { StreamProcess } from "./streaming.ts";

const directory = resolve(process.argv[2] ?? "main-job");
const warehouse = join(directory, "warehouse");
const checkpoint = join(directory, "checkpoints", "long_haul");
const killCount = 4;
const firstDay = Date.UTC(2001, 0, 1);
const dayCount = 182;
const daysPerCommit = 3;
const dayMs = 86_400_000;
/** Days that are deleted from the source after the stream has copied them. */
const deletedDays = { from: 20, to: 26 };
/** The stream has caught up with the days before this one when the deletion happens. */
const deletionAfterDay = 120;

const columns = "date TIMESTAMP, delay BIGINT, distance BIGINT, origin STRING, destination STRING";

await rm(directory, { recursive: true, force: true });
await using spark = await Session.open({ warehouse });

chapter("1. Three million flights, in a folder");
const file = join(dirname(fileURLToPath(import.meta.resolve("vega-datasets"))), "..", "data", "flights-3m.parquet");
const landing = await spark.createTable("landing", { schema: columns });
const load = await landing.append(inputFiles([file]));
tell(`landing: ${number(load.rowCount)} rows of ${file.split("/").slice(-3).join("/")} in one commit`);
const flights = await spark.createTable("flights", { schema: `${columns}, day DATE`, partitionBy: ["day"] });
tell("flights: an empty table, partitioned by day, that will grow commit by commit");

chapter("2. The table grows while a stream copies it; the stream's process is killed with SIGKILL");
const streaming = new StreamProcess({ warehouse, checkpoint, maxFilesPerTrigger: 6, ignoreDeletes: false });
const killing = killRepeatedly(streaming);
await appendDays(0, deletionAfterDay);
await killing;
await streaming.caughtUpTo(flights.version);
tell(`the stream has caught up with version ${flights.version}; it was killed ${killCount} times`);

chapter("3. Days are deleted from the source");
const beforeDeletion = flights.version;
const deletion = `day >= DATE'${isoDay(deletedDays.from)}' AND day < DATE'${isoDay(deletedDays.to)}'`;
const deleted = await flights.delete(deletion);
tell(`deleted ${number(deleted.deletedRowCount ?? 0)} flights of ${deletedDays.to - deletedDays.from} days, as version ${flights.version}`);
const failure = await streaming.failed();
tell(`the stream stops: ${failure.code}`);
tell(`  ${failure.message}`);
streaming.restart({ ignoreDeletes: true });
tell("it is started again with ignoreDeletes, from the same checkpoint");
await appendDays(deletionAfterDay, dayCount);
await streaming.caughtUpTo(flights.version);
await streaming.stop();
tell(`caught up with version ${flights.version}, stopped`);

chapter("4. Every row, once");
const history = await (await spark.deltaTable("long_haul")).history();
tell(`flights: ${flights.version + 1} commits; long_haul: ${history.length} commits, one for each batch that had rows`);
const expected = plus(
  await ofFrame(transformed(spark.read.table("flights"))),
  await ofFrame(transformed(spark.read.option("versionAsOf", beforeDeletion).table("flights").where(deletion))),
);
const actual = await ofFrame(spark.read.table("long_haul"));
process.exitCode = compare(expected, actual) ? 0 : 1;
tell(`tables, log and checkpoint are in ${directory}: try npx alluvium history long_haul --warehouse ${warehouse}`);

async function appendDays(from: number, to: number): Promise<void> {
  for (let day = from; day < to; day += daysPerCommit) {
    const until = Math.min(day + daysPerCommit, to);
    const rows = spark.read
      .table("landing")
      .where(`date >= TIMESTAMP'${isoDay(day)} 00:00:00' AND date < TIMESTAMP'${isoDay(until)} 00:00:00'`)
      .withColumn("day", "CAST(date AS DATE)");
    const written = await flights.append(rows);
    if (day % 30 === 0) tell(`flights: version ${written.version}, up to ${isoDay(until - 1)}`);
  }
}

async function killRepeatedly(stream: StreamProcess): Promise<void> {
  for (let kill = 1; kill <= killCount; kill += 1) {
    const batch = await stream.killInFlight();
    tell(`SIGKILL number ${kill}, after batch ${batch}; started again`);
    stream.restart({});
  }
}

function isoDay(day: number): string {
  return new Date(firstDay + day * dayMs).toISOString().slice(0, 10);
}

function ofFrame(frame: DataFrame): Promise<Fingerprint> {
  return fingerprint(frame.select(...targetColumns).batches(), targetColumns);
}

function compare(wanted: Fingerprint, found: Fingerprint): boolean {
  const lines = [
    ["rows", number(wanted.rowCount), number(found.rowCount)],
    ...targetColumns.map((name, at) => [name, hex(wanted.columns[at] ?? 0n), hex(found.columns[at] ?? 0n)]),
    ["whole rows", hex(wanted.rows), hex(found.rows)],
  ];
  console.log(`         ${"checksum of".padEnd(14)}${"flights, transformed".padEnd(22)}long_haul`);
  for (const [name = "", left = "", right = ""] of lines) {
    console.log(`         ${name.padEnd(14)}${left.padEnd(22)}${right.padEnd(22)}${left === right ? "equal" : "DIFFERENT"}`);
  }
  const isSame = lines.every(([, left, right]) => left === right);
  tell(isSame ? "nothing lost, nothing doubled" : "THE TABLES DIFFER");
  return isSame;
}
