// stream/query/query-state.ts: the life of a query as a table of transitions, and how its status reads. Pure.

/** `stopped` is also the end of a query that had nothing more to do. */
export type QueryState = "waiting" | "planning" | "running" | "stopping" | "stopped" | "failed";

/** `finished`: the trigger is over; `ended`: there is nothing more to do. */
export type QueryEvent = "triggered" | "planned" | "finished" | "stopAsked" | "ended" | "threw";

/** What an event makes of a state. */
export const nextQueryState: Readonly<Record<QueryState, Readonly<Record<QueryEvent, QueryState>>>> = {
  waiting: {
    triggered: "planning",
    planned: "waiting",
    finished: "waiting",
    stopAsked: "stopping",
    ended: "stopped",
    threw: "failed",
  },
  planning: {
    triggered: "planning",
    planned: "running",
    finished: "waiting",
    stopAsked: "stopping",
    ended: "stopped",
    threw: "failed",
  },
  running: {
    triggered: "running",
    planned: "running",
    finished: "waiting",
    stopAsked: "stopping",
    ended: "stopped",
    threw: "failed",
  },
  // An error while stopping is an error of the batch that was waited for: it is kept, not hidden.
  stopping: {
    triggered: "stopping",
    planned: "stopping",
    finished: "stopping",
    stopAsked: "stopping",
    ended: "stopped",
    threw: "failed",
  },
  stopped: {
    triggered: "stopped",
    planned: "stopped",
    finished: "stopped",
    stopAsked: "stopped",
    ended: "stopped",
    threw: "stopped",
  },
  failed: {
    triggered: "failed",
    planned: "failed",
    finished: "failed",
    stopAsked: "failed",
    ended: "failed",
    threw: "failed",
  },
};

/** What a query does at this moment. */
export interface StreamingQueryStatus {
  readonly message: string;
  /** True while a trigger that found something works on it. */
  readonly isDataAvailable: boolean;
  /** True while a trigger runs, be it only to look. */
  readonly isTriggerActive: boolean;
}
