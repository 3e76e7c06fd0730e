// format/feature/checkpoint-protection.ts: the table feature checkpointProtection. Of the accepted protocol RFCs.
import type { TableFeature } from "./table-feature.ts";

/** Enabled by a feature was dropped from the table. */
export const checkpointProtection: TableFeature = {
  name: "checkpointProtection",
  kind: "writer",
  enabledBy: "a feature was dropped from the table",
  readers: "nothing: what they read is the same",
  writers: "clean the log before the protected version whole or not at all",
  canRead: true,
  canWrite: true,
};
