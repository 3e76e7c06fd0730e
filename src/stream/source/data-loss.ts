// stream/source/data-loss.ts: commits that a stream needs and that are gone. Each way of missing is its own error.
import { AlluviumError } from "../../format/text/error.ts";
import type { Version } from "../../format/text/ids.ts";

/** A commit is gone while later ones are there: the log was cleaned under the stream, or has a hole. */
export function missingCommit(tablePath: string, needed: Version, earliest: Version): AlluviumError {
  const message = `the stream needs version ${needed} of ${tablePath} next, but the earliest commit from there on in _delta_log is ${earliest}: log files were removed before the stream had read them. Set failOnDataLoss=false to go on at version ${earliest} and lose what lies between, or start again with a new checkpoint location; a longer delta.logRetentionDuration prevents this`;
  const context = { table: tablePath, version: needed, earliestVersion: earliest };
  return new AlluviumError("DELTA_MISSING_FILES_UNEXPECTED_VERSION", context, message);
}

/** A batch was promised up to a commit that is not there any more, nor is any later one. */
export function trailingCommitMissing(tablePath: string, expected: Version, lastSeen: number): AlluviumError {
  const seen = lastSeen < 0 ? "no commit before it was seen" : `the last commit seen is ${lastSeen}`;
  const message = `the checkpoint speaks of version ${expected} of ${tablePath}, which is not in _delta_log: ${seen}. Commits at the end of the log were removed, or the table was replaced by an older copy; put the commit files back, or start again with a new checkpoint location`;
  const context = { table: tablePath, version: expected, lastSeenVersion: lastSeen };
  return new AlluviumError("DELTA_STREAMING_TRAILING_COMMIT_MISSING", context, message);
}
