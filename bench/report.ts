// bench/report.ts: standings as text for people, in Markdown.
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { type Floor, type Limit, type Standing, type Workload, medianOf, valuesOf } from "./contest.ts";

/** The machine, in one line. */
export function machineLine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const load = loadavg().map((value) => value.toFixed(1));
  return `${availableParallelism()} x ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${process.arch}, Node ${process.versions.node}, load before the run ${load.join(" ")}`;
}

/** A table of one workload: a line per contestant, with our ratio to it. */
export function workloadTable(workload: Workload, standings: readonly Standing[]): string {
  const { figure, better } = workload;
  const ours = standings[0];
  const lines = standings.map((standing) => {
    const values = valuesOf(standing, figure);
    const median = medianOf(standing, figure);
    if (median === null) return `| ${standing.name} | – | – | – | – | – | ${standing.failure ?? "no figure"} |`;
    const ratio = ours === undefined ? null : ratioOf(ours, standing, { figure, better });
    const spread = values.length > 1 ? `${short(Math.min(...values))} – ${short(Math.max(...values))}` : "one run";
    const memory = Math.max(0, ...valuesOf(standing, "peak_rss_mb"));
    const growth = medianOf(standing, "growth_mb");
    const processor = medianOf(standing, "cpu_s");
    const cells = [
      standing.name,
      short(median),
      `${spread} (${values.length})`,
      ratio === null ? "–" : times(ratio),
      processor === null ? "–" : `${short(processor)} s`,
      memory === 0 ? "–" : `${memory} MB${growth === null ? "" : ` (+${growth})`}`,
      "",
    ];
    return `| ${cells.join(" | ")} |`;
  });
  const head = `| contestant | median | least – most (runs) | alluvium is | processor time | peak memory | |\n|---|---|---|---|---|---|---|`;
  return `## ${workload.name}\n\n${figure}, ${better === "high" ? "higher" : "lower"} is better.\n\n${head}\n${lines.join("\n")}\n`;
}

/** How a floor came out; `isMet` is null when a side of it was not measured. */
export interface FloorOutcome {
  readonly line: string;
  readonly isMet: boolean | null;
}

/** Compares medians with what is asked. */
export function floorOutcome(workload: Workload, standings: readonly Standing[], floor: Floor): FloorOutcome {
  const [ours] = standings;
  if ("atMost" in floor) return limitOutcome(workload, ours, floor);
  const other = standings.find((standing) => standing.name === floor.than);
  const figure = floor.figure ?? workload.figure;
  const better = floor.better ?? workload.better;
  const ratio = ours === undefined || other === undefined ? null : ratioOf(ours, other, { figure, better });
  const isMet = ratio === null ? null : ratio >= floor.factor;
  const cells = [
    workload.name,
    figure,
    floor.than,
    times(floor.factor),
    ratio === null ? "–" : times(ratio),
    verdictOf(isMet),
  ];
  return { isMet, line: `| ${cells.join(" | ")} |` };
}

function limitOutcome(workload: Workload, ours: Standing | undefined, { atMost, figure }: Limit): FloorOutcome {
  const name = figure ?? workload.figure;
  const measured = ours === undefined ? null : medianOf(ours, name);
  const isMet = measured === null ? null : measured <= atMost;
  const cells = [
    workload.name,
    name,
    "–",
    `at most ${atMost}`,
    measured === null ? "–" : short(measured),
    verdictOf(isMet),
  ];
  return { isMet, line: `| ${cells.join(" | ")} |` };
}

const verdictOf = (isMet: boolean | null): string => (isMet === null ? "not measured" : isMet ? "met" : "NOT MET");

interface Comparison {
  readonly figure: string;
  readonly better: "high" | "low";
}

function ratioOf(ours: Standing, other: Standing, { figure, better }: Comparison): number | null {
  const [mine, theirs] = [medianOf(ours, figure), medianOf(other, figure)];
  if (mine === null || theirs === null || mine === 0 || theirs === 0) return null;
  return better === "high" ? mine / theirs : theirs / mine;
}

const times = (ratio: number): string =>
  `${ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)}x`;

/** Three digits that count, with thousands and millions as words. */
function short(value: number): string {
  if (Math.abs(value) >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  if (Math.abs(value) >= 1e4) return `${(value / 1e3).toPrecision(3)} k`;
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
