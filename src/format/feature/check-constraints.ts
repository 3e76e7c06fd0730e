// format/feature/check-constraints.ts: the table feature checkConstraints. PROTOCOL.md, "CHECK Constraints".
import type { Metadata } from "../action/action.ts";
import type { TableFeature } from "./table-feature.ts";

const hasConstraints = (metadata: Metadata): boolean =>
  [...metadata.configuration.keys()].some((key) => key.toLowerCase().startsWith("delta.constraints."));

/** Enabled by delta.constraints.NAME = an expression. */
export const checkConstraints: TableFeature = {
  name: "checkConstraints",
  section: "CHECK Constraints",
  kind: "writer",
  legacy: { writer: 3 },
  enabledBy: "delta.constraints.NAME = an expression",
  readers: "nothing: what they read is the same",
  writers: "refuse rows for which a constraint is not true",
  canRead: true,
  canWrite: true,
  isInUse: hasConstraints,
};
