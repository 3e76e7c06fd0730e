// log/publish/cleaning-day.ts: what expires does so in whole days, so that a log need be gone through once a day by each process.
import type { Engine } from "../../engine/base/engine.ts";
import { remembered } from "../../format/text/remembered.ts";
import { startOfDay } from "./clean-log.ts";
import type { Snapshot } from "../state/snapshot.ts";

interface Look {
  readonly day: number;
  /** With another retention, other files may have expired. */
  readonly retentionMs: number;
}

const looksOf = remembered((_engine: Engine) => new Map<string, Look>());

/**
 * Cleans the log of a table, unless that was done on this day already; a cleaning that fails is tried again at the next call.
 * @param clean as `cleanLog`; rejects as it does
 */
export async function oncePerDay(engine: Engine, snapshot: Snapshot, clean: () => Promise<unknown>): Promise<void> {
  const looks = looksOf(engine);
  const { tablePath, properties } = snapshot;
  const now = { day: startOfDay(engine.clock.nowMs()), retentionMs: properties.logRetentionMs };
  const last = looks.get(tablePath);
  if (last?.day === now.day && last.retentionMs === now.retentionMs) return;
  await clean();
  if (properties.enableExpiredLogCleanup) looks.set(tablePath, now);
}
