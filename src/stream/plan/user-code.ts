// stream/plan/user-code.ts: knows when a call comes from inside a function that a query runs for its user, so that such a call
// does not wait for itself.
import { AsyncLocalStorage } from "node:async_hooks";

const runs = new AsyncLocalStorage<string>();

/** Runs a user's function on behalf of the run `runId` of a query. */
export function callUserCode<T>(runId: string, work: () => T): T {
  return runs.run(runId, work);
}

/** True inside a function that the run `runId` called, and in whatever that function awaits. */
export function isInsideUserCode(runId: string): boolean {
  return runs.getStore() === runId;
}
