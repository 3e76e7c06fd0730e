// bench/contest.ts: one workload done by several contestants, who take turns so that a machine that slows down slows all.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { percentile } from "./meter.ts";

/** Who does it: this package, the machine itself, or another engine. */
export interface Contestant {
  readonly name: string;
  readonly command: readonly string[];
  /** Turns; an engine that takes minutes has one. */
  readonly turns: number;
}

/** A floor: our figure must be so many times as good as another contestant's, or no higher than a limit. */
export type Floor = RelativeFloor | Limit;

/** Compared with another contestant. */
export interface RelativeFloor {
  readonly than: string;
  readonly factor: number;
  /** The figure compared; the workload's own when absent. */
  readonly figure?: string;
  readonly better?: "high" | "low";
}

/** By itself. */
export interface Limit {
  readonly atMost: number;
  readonly figure?: string;
}

/** What is compared. */
export interface Workload {
  readonly name: string;
  /** Name of the figure in the results. */
  readonly figure: string;
  readonly better: "high" | "low";
  readonly contestants: readonly Contestant[];
  readonly floors: readonly Floor[];
  /** Makes what the contestants need, where it is not there. */
  readonly prepare?: () => Promise<unknown>;
}

/** One result line, by name. */
export type Result = Readonly<Record<string, unknown>>;

/** What a contestant reached. */
export interface Standing {
  readonly name: string;
  readonly results: readonly Result[];
  /** Why there is no result; null when there is one. */
  readonly failure: string | null;
}

/** Runs the contestants in turns: the first turn of each, then the second of each, and so on. */
export async function hold(workload: Workload): Promise<readonly Standing[]> {
  await workload.prepare?.();
  const results = new Map<string, Result[]>(workload.contestants.map(({ name }) => [name, []]));
  const failures = new Map<string, string>();
  const turns = Math.max(...workload.contestants.map((contestant) => contestant.turns));
  for (let turn = 0; turn < turns; turn += 1) {
    for (const { name, command, turns: own } of workload.contestants) {
      if (turn >= own) continue;
      process.stderr.write(`${workload.name}: ${name}, turn ${turn + 1} of ${own}\n`);
      const outcome = await run(command);
      results.get(name)?.push(...outcome.results);
      if (outcome.results.length === 0) failures.set(name, outcome.errorText.trim().slice(-300));
    }
  }
  return workload.contestants.map(({ name }) => ({
    name,
    results: results.get(name) ?? [],
    failure: failures.get(name) ?? null,
  }));
}

/** The values of one figure; a stream's first run in a process is cold and left out where there are warm ones. */
export function valuesOf({ results }: Standing, figure: string): readonly number[] {
  const having = results.filter((result) => typeof result[figure] === "number");
  const warm = having.filter((result) => result["run"] === "warm");
  return (warm.length > 0 ? warm : having).map((result) => Number(result[figure]));
}

/** The middle of a figure; null where there is none. */
export function medianOf(standing: Standing, figure: string): number | null {
  return percentile(valuesOf(standing, figure), 50);
}

/** The command that runs one of this package's own operations. */
export function ownCommand(operation: string, words: Readonly<Record<string, string | number>>): readonly string[] {
  const script = fileURLToPath(new URL("./run.js", import.meta.url));
  return [process.execPath, script, operation, ...Object.entries(words).map(([name, value]) => `${name}=${value}`)];
}

/** Of one turn. */
const timeLimitMs = 15 * 60_000;

interface Outcome {
  readonly results: readonly Result[];
  readonly errorText: string;
}

function run([program = "", ...words]: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    // The time of the start is handed over, for those who measure from there.
    const timed = words.map((word) => (word === "started_ms=now" ? `started_ms=${Date.now()}` : word));
    const child = spawn(program, timed, { stdio: ["ignore", "pipe", "pipe"], timeout: timeLimitMs });
    let [text, errorText] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errorText += chunk.toString()));
    child.on("error", (error) => resolve({ results: [], errorText: error.message }));
    child.on("close", (_, signal) => {
      if (signal !== null) errorText += `ended by ${signal}; the limit is ${timeLimitMs / 60_000} minutes`;
      const lines = text.split("\n").filter((line) => line.startsWith("RESULT "));
      resolve({ results: lines.map((line) => JSON.parse(line.slice(7)) as Result), errorText });
    });
  });
}
