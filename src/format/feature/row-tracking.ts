// format/feature/row-tracking.ts: the table feature rowTracking. PROTOCOL.md, "Row Tracking".
import type { TableFeature } from "./table-feature.ts";
import { isOn } from "./in-use.ts";

/** Enabled by delta.enableRowTracking = true. */
export const rowTracking: TableFeature = {
  name: "rowTracking",
  section: "Row Tracking",
  kind: "writer",
  requires: ["domainMetadata"],
  enabledBy: "delta.enableRowTracking = true",
  readers: "nothing: what they read is the same",
  writers:
    "give new files baseRowId and defaultRowCommitVersion, keep row ids in rewritten rows, and move the high-water mark",
  canRead: true,
  canWrite: true,
  isInUse: isOn("delta.enableRowTracking"),
};
