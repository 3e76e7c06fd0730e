// stream/operator/watermark.ts: how far event time has come, by what each batch has seen. streaming.md, "Watermark".
import { readSetting, wordSetting } from "../../format/text/read-setting.ts";
import type { EventTimeStats } from "./stream-operator.ts";

/** Which of several watermarks a query goes by: the slowest, or the fastest. Pinned in the checkpoint. */
export type WatermarkPolicy = "min" | "max";

/** Spark's setting of the policy. */
export const watermarkPolicySetting = "spark.sql.streaming.multipleWatermarkPolicy";

/**
 * Follows the watermark operators of a query for one run. What each of them has seen is not kept over a restart, as in Spark: the
 * query's watermark is, and never falls.
 */
export class WatermarkTracker {
  /** By operator; 0 for one that has seen nothing. */
  readonly #reached: Map<number, number>;
  readonly #delaysMs: readonly number[];

  /** @param delaysMs of the operators, by index */
  constructor(delaysMs: readonly number[]) {
    this.#delaysMs = delaysMs;
    this.#reached = new Map(delaysMs.map((_, index) => [index, 0]));
  }

  /**
   * Takes in what a batch has seen.
   * @param currentMs the query's watermark in that batch
   * @returns the query's watermark after it, milliseconds since the Unix epoch
   */
  advance(seen: ReadonlyMap<number, EventTimeStats>, currentMs: number, policy: WatermarkPolicy): number {
    for (const [index, { maxMs }] of seen) {
      const reached = maxMs - (this.#delaysMs[index] ?? 0);
      this.#reached.set(index, Math.max(this.#reached.get(index) ?? 0, reached));
    }
    const all = [...this.#reached.values()];
    if (all.length === 0) return currentMs;
    return Math.max(currentMs, policy === "min" ? Math.min(...all) : Math.max(...all));
  }
}

/** The pinned policy; Spark's default where a checkpoint names none. */
export function watermarkPolicy(conf: ReadonlyMap<string, string>): WatermarkPolicy {
  return readSetting(conf, watermarkPolicySetting, wordSetting("min", "max")) ?? "min";
}
