// format/feature/append-only.ts: the table feature appendOnly. PROTOCOL.md, "Append-only Tables".
import type { TableFeature } from "./table-feature.ts";
import { isOn } from "./in-use.ts";

/** Enabled by delta.appendOnly = true. */
export const appendOnly: TableFeature = {
  name: "appendOnly",
  section: "Append-only Tables",
  kind: "writer",
  legacy: { writer: 2 },
  enabledBy: "delta.appendOnly = true",
  readers: "nothing: what they read is the same",
  writers: "refuse to remove or change rows while the property is true",
  canRead: true,
  canWrite: true,
  isInUse: isOn("delta.appendOnly"),
};
