// format/feature/in-commit-timestamp.ts: the table feature inCommitTimestamp. PROTOCOL.md, "In-Commit Timestamps".
import type { TableFeature } from "./table-feature.ts";
import { isOn } from "./in-use.ts";

/** Enabled by delta.enableInCommitTimestamps = true. */
export const inCommitTimestamp: TableFeature = {
  name: "inCommitTimestamp",
  section: "In-Commit Timestamps",
  kind: "writer",
  enabledBy: "delta.enableInCommitTimestamps = true",
  readers: "may take the time of a commit from its commitInfo",
  writers: "begin each commit with a commitInfo that holds a time later than the last",
  canRead: true,
  canWrite: true,
  isInUse: isOn("delta.enableInCommitTimestamps"),
};
