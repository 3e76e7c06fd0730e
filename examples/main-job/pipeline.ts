// examples/main-job/pipeline.ts: what the stream does to a flight, said once for the stream and for the proof.
import type { DataFrame } from "../../src/index.ts";

/** What the streaming process is told. */
export interface StreamSettings {
  readonly warehouse: string;
  readonly checkpoint: string;
  readonly maxFilesPerTrigger: number;
  readonly ignoreDeletes: boolean;
}

/** Columns of the target, in order. */
export const targetColumns = ["date", "day", "origin", "destination", "delay", "distance", "late", "month"] as const;

/** Flights of more than 500 miles, with what is derived from them. */
export function transformed(flights: DataFrame): DataFrame {
  return flights
    .where("distance > 500")
    .selectExpr(
      "date",
      "day",
      "origin",
      "destination",
      "delay",
      "distance",
      "delay > 15 AS late",
      "month(day) AS month",
    );
}
