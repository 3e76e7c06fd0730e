// format/action/commit-timestamp.ts: Delta's rule for the time of a commit.

/**
 * Makes the modification times of consecutive commit files strictly ascending: a time that is not after the one before
 * it becomes that one plus one millisecond, as the reference implementation does. The protocol is silent here.
 * @param fileTimesMs by ascending version
 */
export function adjustTimestamps(fileTimesMs: readonly number[]): readonly number[] {
  let last = Number.NEGATIVE_INFINITY;
  return fileTimesMs.map((time) => {
    last = Math.max(time, last + 1);
    return last;
  });
}
