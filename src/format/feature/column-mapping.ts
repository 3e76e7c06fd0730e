// format/feature/column-mapping.ts: the table feature columnMapping. PROTOCOL.md, "Column Mapping".
import type { Metadata } from "../action/action.ts";
import type { TableFeature } from "./table-feature.ts";

const usesColumnMapping = (metadata: Metadata): boolean =>
  (metadata.configuration.get("delta.columnMapping.mode") ?? "none").toLowerCase() !== "none";

/** Enabled by delta.columnMapping.mode = name | id. */
export const columnMapping: TableFeature = {
  name: "columnMapping",
  section: "Column Mapping",
  kind: "reader-writer",
  legacy: { reader: 2, writer: 5 },
  enabledBy: "delta.columnMapping.mode = name | id",
  readers: "find columns by physical name (mode name) or field id (mode id)",
  writers:
    "write physical names and field ids into files, statistics and partition values, and give each new column both",
  canRead: true,
  canWrite: true,
  isInUse: usesColumnMapping,
};
