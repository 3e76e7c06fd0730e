// test/engine/in-lanes.ts: what runs side by side, told one after the other.

/**
 * The syncing of data files overlaps with the staging of the log entry, in any order of time: the operations before the first link
 * into the log, those on data files first. What must be over before the link is before it all the same.
 */
export function inLanes(operations: readonly string[]): readonly string[] {
  const link = operations.findIndex((operation) => operation.startsWith("link") && operation.includes("_delta_log"));
  const before = operations.slice(0, link);
  const isOfLog = (operation: string): boolean => operation.includes("_delta_log/.tmp");
  return [...before.filter((one) => !isOfLog(one)), ...before.filter(isOfLog), ...operations.slice(link)];
}
