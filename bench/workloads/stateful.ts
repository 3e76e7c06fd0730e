// bench/workloads/stateful.ts: streams that remember, beside Spark's of the same queries.
import type { Floor, Workload } from "../contest.ts";
import { type Setting, type Words, alluvium, spark } from "./setting.ts";

/** All of them; their names begin with "Stateful", for `--only stateful`. */
export function stateful(setting: Setting): readonly Workload[] {
  const { large } = setting;
  const size = `${large.rowCount / 1e6} M`;
  return [
    overAllRows(setting, `GROUP BY user of ${size} rows in one batch, complete mode`, {
      operation: "stream_complete",
      floors: [{ than: "Spark", factor: 10 }],
    }),
    smallBatches(setting),
    overAllRows(setting, `groups of ${size} rows upserted by key in four batches, update mode`, {
      operation: "stream_upsert",
      floors: [],
      words: { max_files: Math.ceil(large.fileCount / 4) },
    }),
    overAllRows(setting, `tumbling windows of ${size} rows, append mode`, { operation: "stream_window", floors: [] }),
    overAllRows(setting, `de-duplication of ${size} ids`, { operation: "stream_dedupe", floors: [] }),
  ];
}

/** Batches of 1,000 rows against so much state that the stream remembers, beside the same batches against little. */
export function growingState(setting: Setting): readonly Workload[] {
  const held = setting.large.rowCount / 10;
  return [
    stateOf(setting, held, { kind: "groups", what: "groups, their keys near each other", near: 1 }),
    stateOf(setting, held, { kind: "groups", what: "groups, their keys anywhere" }),
    stateOf(setting, held, { kind: "ids", what: "ids of a de-duplication" }),
    stateOf(setting, held, { kind: "sessions", what: "session windows" }),
    stateOf(setting, held, { kind: "join", what: "rows of each side of a join, found near each other", near: 1 }),
    stateOf(setting, held, { kind: "join", what: "rows of each side of a join, found anywhere" }),
    {
      name: "Stateful: a committed row shown by live()",
      figure: "p50_ms",
      better: "low",
      contestants: [alluvium(setting, "live_latency", { work: setting.work })],
      floors: [{ atMost: 100 }, { atMost: 100, figure: "p99_ms" }],
    },
  ];
}

interface Question {
  readonly operation: string;
  readonly floors: readonly Floor[];
  readonly words?: Words;
}

interface HeldState {
  readonly kind: string;
  readonly what: string;
  readonly near?: number;
}

function stateOf(setting: Setting, held: number, { kind, what, near = 0 }: HeldState): Workload {
  const words = { work: setting.work, kind, near };
  const few = `${littleState.toLocaleString("en")} of them`;
  return {
    name: `Stateful: 100 batches of 1,000 rows against ${held.toLocaleString("en")} ${what}`,
    figure: "batch_p50_ms",
    better: "low",
    contestants: [
      alluvium(setting, "stream_state", { ...words, held }),
      { ...alluvium(setting, "stream_state", { ...words, held: littleState }), name: few },
    ],
    // A thousand times the state: a scan of it would cost many times a batch.
    floors: [{ than: few, factor: 0.5 }],
  };
}

const littleState = 1000;

function overAllRows(setting: Setting, name: string, { operation, floors, words: more = {} }: Question): Workload {
  const { large, work } = setting;
  const words = { src: large.path, work, ...more };
  return {
    name: `Stateful: ${name}`,
    figure: "rows_per_s",
    better: "high",
    contestants: [
      alluvium(setting, operation, { ...words, repeat: 3 }),
      ...spark(setting, operation, { ...words, rows: large.rowCount, repeat: 2 }),
    ],
    floors,
  };
}

/** Batches of one small file each. Spark has its first ones to warm up, and the middle ones, whose state is smaller, to be compared. */
function smallBatches(setting: Setting): Workload {
  const { small, work } = setting;
  const words = { src: small.path, work, max_files: 1 };
  return {
    name: "Stateful: 100 micro-batches of 1,000 rows, GROUP BY user, complete mode",
    figure: "batch_p50_ms",
    better: "low",
    contestants: [
      alluvium(setting, "stream_complete", { ...words, repeat: 2 }),
      ...spark(setting, "stream_complete", { ...words, rows: small.rowCount, repeat: 1, batches: 50, skip: 20 }),
    ],
    floors: [{ than: "Spark", factor: 20 }],
  };
}
