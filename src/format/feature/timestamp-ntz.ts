// format/feature/timestamp-ntz.ts: the table feature timestampNtz. PROTOCOL.md, "Timestamp without timezone (TimestampNtz)".
import type { TableFeature } from "./table-feature.ts";
import { hasType } from "./in-use.ts";

/** Enabled by a column of type timestamp_ntz. */
export const timestampNtz: TableFeature = {
  name: "timestampNtz",
  section: "Timestamp without timezone (TimestampNtz)",
  kind: "reader-writer",
  enabledBy: "a column of type timestamp_ntz in a new table; delta.feature.timestampNtz = supported in an existing one",
  readers: "read timestamps without zone",
  writers: "write timestamps without zone as not adjusted to UTC",
  canRead: true,
  canWrite: true,
  isManual: true,
  isInUse: hasType("timestamp_ntz"),
};
