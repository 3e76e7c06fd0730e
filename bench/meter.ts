// bench/meter.ts: readings of time, memory and processor, and how a result is told: one line, `RESULT {json}`.
import { readFileSync, writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** Named figures of one run; units stand in the names. */
export type Figures = Readonly<Record<string, string | number | boolean | null>>;

/** Prints one result; numbers are rounded to five significant places after the point. */
export function emit(figures: Figures): void {
  const rounded = Object.entries(figures).map(([name, value]) => [name, roundedValue(value)]);
  console.log(`RESULT ${JSON.stringify(Object.fromEntries(rounded))}`);
}

/** Highest resident memory of this process so far, in MB; 0 where the system does not tell. */
export function peakMemoryMb(): number {
  try {
    const line = readFileSync("/proc/self/status", "utf8").match(/^VmHWM:\s+(\d+) kB$/m);
    return Math.round(Number(line?.[1] ?? 0) / 1024);
  } catch {
    return Math.round(process.resourceUsage().maxRSS / 1024);
  }
}

/** What of the peak is this process's own, in MB: without what it maps of files, such as the code of libraries. */
export function ownPeakMemoryMb(): number {
  return peakMemoryMb() - fileMemoryMb();
}

function fileMemoryMb(): number {
  try {
    const line = readFileSync("/proc/self/status", "utf8").match(/^RssFile:\s+(\d+) kB$/m);
    return Math.round(Number(line?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

/** Resident memory of this process now, in MB. */
export function residentMemoryMb(): number {
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}

/** Starts the peak of resident memory afresh, where the system can. */
export function resetPeakMemory(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch {
    // The peak then holds what came before, which is to our own disadvantage.
  }
}

/** What a piece of work took. */
export interface Reading {
  readonly wallS: number;
  readonly cpuS: number;
  readonly peakRssMb: number;
}

/** Does the work once and measures it. */
export async function measured<T>(work: () => Promise<T>): Promise<Reading & { readonly value: T }> {
  resetPeakMemory();
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const value = await work();
  const wallS = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { value, wallS, cpuS: (user + system) / 1e6, peakRssMb: peakMemoryMb() };
}

/** The value below which `p` percent lie; null of nothing. */
export function percentile(values: readonly number[], p: number): number | null {
  const sorted = [...values].toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.round((p / 100) * (sorted.length - 1)))] ?? null;
}

/** A way of handling rows that is measured run by run, as streams are: the first is cold. */
export interface RowWork {
  readonly peer: string;
  readonly workload: string;
  readonly repeat: number;
  readonly rowCount: number;
  readonly work: () => Promise<void>;
}

/** Runs something several times and tells each run on its own. */
export async function emitEach({ peer, workload, repeat, rowCount, work }: RowWork): Promise<void> {
  for (let run = 0; run < repeat; run += 1) {
    const { wallS, cpuS, peakRssMb } = await measured(work);
    emit({
      peer,
      workload,
      run: run === 0 ? "cold" : "warm",
      rows: rowCount,
      rows_per_s: rowCount / wallS,
      wall_s: wallS,
      cpu_s: cpuS,
      peak_rss_mb: peakRssMb,
    });
  }
}

/** What is repeated, and what is told of it. */
export interface Repetition<T> {
  readonly workload: string;
  readonly repeat: number;
  readonly work: () => Promise<T>;
  /** Rows that one run handles, for a rate. */
  readonly rows?: (value: T) => number;
  readonly figures?: (value: T) => Figures;
}

/**
 * Runs something several times and tells the least, the median and the first; the first is cold. Memory is told at its peak, and as what
 * of that is the process's own, and as what came on top of the process with its modules loaded, before the first run: native libraries
 * that a run loads are in it.
 */
export async function emitRepeated<T>({ workload, repeat, work, rows, figures }: Repetition<T>): Promise<void> {
  const walls: number[] = [];
  const idleRssMb = residentMemoryMb();
  let last: Awaited<ReturnType<typeof measured<T>>> | null = null;
  let [peakRssMb, peakOwnMb] = [0, 0];
  for (let run = 0; run < repeat; run += 1) {
    last = await measured(work);
    walls.push(last.wallS);
    peakRssMb = Math.max(peakRssMb, last.peakRssMb);
    peakOwnMb = Math.max(peakOwnMb, ownPeakMemoryMb());
  }
  if (last === null) throw new Error("repeat is at least 1");
  const leastS = Math.min(...walls);
  const rowCount = rows?.(last.value);
  emit({
    peer: "alluvium",
    workload,
    ...(rowCount === undefined ? {} : { rows: rowCount, rows_per_s: rowCount / leastS }),
    min_s: leastS,
    median_s: percentile(walls, 50),
    first_s: walls[0] ?? null,
    cpu_s: last.cpuS,
    peak_rss_mb: peakRssMb,
    peak_own_mb: peakOwnMb,
    growth_mb: peakRssMb - idleRssMb,
    repeat,
    ...figures?.(last.value),
  });
}

function roundedValue(value: Figures[string]): Figures[string] {
  return typeof value === "number" ? Math.round(value * 1e5) / 1e5 : (value ?? null);
}
