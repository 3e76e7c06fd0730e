// format/feature/generated-columns.ts: the table feature generatedColumns. PROTOCOL.md, "Generated Columns".
import type { TableFeature } from "./table-feature.ts";
import { hasFieldSetting } from "./in-use.ts";

/** Enabled by the field setting delta.generationExpression. */
export const generatedColumns: TableFeature = {
  name: "generatedColumns",
  section: "Generated Columns",
  kind: "writer",
  legacy: { writer: 4 },
  enabledBy: "the field setting delta.generationExpression",
  readers: "nothing: what they read is the same",
  writers: "compute the columns, or refuse rows whose values differ from the expression",
  canRead: true,
  canWrite: true,
  isInUse: hasFieldSetting("delta.generationExpression"),
};
