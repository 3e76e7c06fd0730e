// format/feature/allow-column-defaults.ts: the table feature allowColumnDefaults. PROTOCOL.md, "Default Columns".
import type { TableFeature } from "./table-feature.ts";
import { hasFieldSetting } from "./in-use.ts";

/** Enabled by delta.feature.allowColumnDefaults = supported. */
export const allowColumnDefaults: TableFeature = {
  name: "allowColumnDefaults",
  section: "Default Columns",
  kind: "writer",
  enabledBy: "delta.feature.allowColumnDefaults = supported",
  readers: "nothing: what they read is the same",
  writers: "give rows that lack a column the value of its default (the field setting CURRENT_DEFAULT)",
  canRead: true,
  canWrite: true,
  isInUse: hasFieldSetting("CURRENT_DEFAULT"),
};
