// format/feature/variant-type.ts: the table feature variantType. PROTOCOL.md, "Variant Data Type".
import { preview, type TableFeature } from "./table-feature.ts";
import { hasType } from "./in-use.ts";

/** Enabled by a column of type variant. */
export const variantType: TableFeature = {
  name: "variantType",
  section: "Variant Data Type",
  kind: "reader-writer",
  enabledBy: "a column of type variant",
  readers: "read variants",
  writers: "write variants as their two binaries, without statistics of their values",
  canRead: true,
  canWrite: true,
  isInUse: hasType("variant"),
};

/** The same under its name from before it was final; never added by itself. */
export const variantTypePreview: TableFeature = preview(variantType, "variantType-preview");
