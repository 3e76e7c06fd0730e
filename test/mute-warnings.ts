// For tests that make disks fail: what then follows a commit and does not succeed is told as a warning, thousands of times.

/** Keeps Node from printing warnings in this test file's process. */
export function muteWarnings(): void {
  process.removeAllListeners("warning");
}
