// bench/suite.ts: `npm run bench [-- --peers --rows N --turns N --only WORD --output FILE]`: every comparison in one run.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Workload, hold } from "./contest.ts";
import { type FloorOutcome, floorOutcome, machineLine, workloadTable } from "./report.ts";
import { tableWithDeletedRows } from "./deleted-rows.ts";
import { manyCommits, manyFiles } from "./long-log.ts";
import type { Options } from "./options.ts";
import { benchHome, sourceTable } from "./tables.ts";
import { appends, concurrentAppends } from "./workloads/appends.ts";
import { deletions } from "./workloads/changes.ts";
import { latencyFromOthers, latencyWithin } from "./workloads/latency.ts";
import { type LongLogs, snapshots } from "./workloads/snapshots.ts";
import { type ThinnedTables, scansOfThinned } from "./workloads/scans.ts";
import type { Setting } from "./workloads/setting.ts";
import { growingState, stateful } from "./workloads/stateful.ts";
import { filteredMicroBatches, filterStream, identityStream, microBatches, startUp } from "./workloads/streams.ts";

/** Runs it all and prints it as Markdown. Returns 1 when a floor that could be measured is not met. */
export async function runSuite(options: Options): Promise<number> {
  const lines: string[] = [];
  const tell = (text: string): void => {
    console.log(text);
    lines.push(text);
  };
  const machine = machineLine();
  const setting = await prepare(options);
  tell(`${machine}\n\n${new Date().toISOString().slice(0, 10)}; ${describe(setting)}\n`);
  const outcomes: FloorOutcome[] = [];
  for (const workload of workloadsOf(setting, longLogs(options), thinned(setting)).filter(({ name }) =>
    name.toLowerCase().includes(options.only),
  )) {
    const standings = await hold(workload);
    tell(workloadTable(workload, standings));
    outcomes.push(...workload.floors.map((floor) => floorOutcome(workload, standings, floor)));
  }
  const head = "| workload | figure | against | at least | measured | |\n|---|---|---|---|---|---|";
  tell(`## Floors\n\n${head}\n${outcomes.map(({ line }) => line).join("\n")}`);
  rmSync(setting.work, { recursive: true, force: true });
  if (options.output !== null) writeFileSync(options.output, `${lines.join("\n")}\n`);
  return outcomes.some(({ isMet }) => isMet === false) ? 1 : 0;
}

const rowsPerFile = 50_000;

async function prepare({ hasPeers, rowCount, turns }: Options): Promise<Setting> {
  const work = join(benchHome(), `work-${process.pid}`);
  mkdirSync(work, { recursive: true });
  process.stderr.write("preparing the source tables\n");
  const commitCount = Math.max(1, Math.round(rowCount / rowsPerFile));
  const large = await sourceTable({ commitCount, rowsPerCommit: rowsPerFile });
  const small = await sourceTable({ commitCount: 100, rowsPerCommit: 1000 });
  return {
    large: { path: large, fileCount: commitCount, rowCount: commitCount * rowsPerFile },
    small: { path: small, rowCount: 100_000 },
    work,
    turns,
    peers: hasPeers ? findPeers() : null,
  };
}

function workloadsOf(setting: Setting, logs: LongLogs, tables: ThinnedTables): readonly Workload[] {
  return [
    identityStream(setting),
    filterStream(setting),
    microBatches(setting),
    filteredMicroBatches(setting),
    ...stateful(setting),
    ...growingState(setting),
    appends(setting, 1),
    appends(setting, 1000),
    concurrentAppends(setting),
    latencyFromOthers(setting),
    latencyWithin(setting),
    startUp(setting),
    ...scansOfThinned(setting, tables),
    ...deletions(setting, tables.whole),
    ...snapshots(setting, logs),
  ];
}

function thinned({ large }: Setting): ThinnedTables {
  const of = (percent: number) => ({ table: tableWithDeletedRows(large.path, percent), percent });
  return { whole: of(0).table, thinned: [of(1), of(10), of(50)] };
}

/** Of sizes that go with the rows asked for. */
function longLogs({ rowCount }: Options): LongLogs {
  const [less, more, commitCount] = [rowCount / 100, rowCount / 10, Math.max(200, rowCount / 1000)].map(Math.round) as [
    number,
    number,
    number,
  ];
  const ofFiles = (fileCount: number) => ({ table: manyFiles(fileCount), fileCount });
  return {
    manyFiles: [ofFiles(less), ofFiles(more)],
    manyCommits: { table: manyCommits(commitCount), commitCount },
  };
}

function describe({ large, turns, peers }: Setting): string {
  const size = `${large.rowCount.toLocaleString("en")} rows in ${large.fileCount} files`;
  const others = peers === null ? "without peers" : "with Spark 4.2.0, Delta 4.4.0 and delta-rs 1.6.6";
  return `${size}, ${turns} turns, ${others}`;
}

/** The scripts lie beside the sources; the environment is that of the interoperability tests, made where it is not there. */
function findPeers(): NonNullable<Setting["peers"]> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const scripts = join(root, "bench", "peers");
  const setup = join(root, "test", "interop", "setup.sh");
  if (!existsSync(scripts) || !existsSync(setup)) throw new Error(`no scripts in ${scripts}: run this from a checkout`);
  const printed = execFileSync("bash", [setup], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  const python = printed.trim().split("\n").at(-1) ?? "";
  if (!existsSync(python)) throw new Error(`${setup} did not say where its Python is`);
  return { python, scripts };
}
