// format/feature/invariants.ts: the table feature invariants. PROTOCOL.md, "Column Invariants".
import type { TableFeature } from "./table-feature.ts";
import { hasFieldSetting } from "./in-use.ts";

/** Enabled by the field setting delta.invariants. */
export const invariants: TableFeature = {
  name: "invariants",
  section: "Column Invariants",
  kind: "writer",
  legacy: { writer: 2 },
  enabledBy: "the field setting delta.invariants",
  readers: "nothing: what they read is the same",
  writers: "refuse rows that break the expression of a column",
  canRead: true,
  canWrite: true,
  isInUse: hasFieldSetting("delta.invariants"),
};
