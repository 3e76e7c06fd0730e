// format/feature/change-data-feed.ts: the table feature changeDataFeed. PROTOCOL.md, "Add CDC File".
import type { TableFeature } from "./table-feature.ts";
import { isOn } from "./in-use.ts";

/** Enabled by delta.enableChangeDataFeed = true. */
export const changeDataFeed: TableFeature = {
  name: "changeDataFeed",
  section: "Add CDC File",
  kind: "writer",
  legacy: { writer: 4 },
  enabledBy: "delta.enableChangeDataFeed = true",
  readers: "take the changes of a commit from its cdc files where it has some",
  writers: "tell changed rows in cdc files",
  canRead: true,
  canWrite: true,
  isInUse: isOn("delta.enableChangeDataFeed", "delta.enableChangeDataCapture"),
};
