// format/feature/identity-columns.ts: the table feature identityColumns. PROTOCOL.md, "Identity Columns".
import type { TableFeature } from "./table-feature.ts";
import { hasFieldSetting } from "./in-use.ts";

/** Enabled by the field settings delta.identity.*. */
export const identityColumns: TableFeature = {
  name: "identityColumns",
  section: "Identity Columns",
  kind: "writer",
  legacy: { writer: 6 },
  enabledBy: "the field settings delta.identity.*",
  readers: "nothing: what they read is the same",
  writers: "give new rows numbers beyond the high-water mark, and move the mark",
  canRead: true,
  canWrite: true,
  isInUse: hasFieldSetting("delta.identity."),
};
