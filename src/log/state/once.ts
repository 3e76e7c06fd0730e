// log/state/once.ts: work that is done when it is first asked for, and its result kept; a failure is not kept.

/** A function that does the work once, for all who ask. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    if (result === undefined) {
      result = work();
      result.catch(() => (result = undefined));
    }
    return result;
  };
}
