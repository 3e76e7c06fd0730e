// engine/base/bounded.ts: many asynchronous calls, few at once.

/**
 * Calls `work` for each item, at most `atOnceMax` at a time. After a failure no new call starts; the calls that run are
 * waited for, and the first failure is thrown.
 */
export async function forEachBounded<T>(
  items: readonly T[],
  atOnceMax: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const item = items[next] as T; // below the length
      next += 1;
      try {
        await work(item);
      } catch (cause) {
        failures.push(cause);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
