// format/feature/variant-shredding.ts: the table feature variantShredding. PROTOCOL.md, "Variant Shredding".
import { preview, type TableFeature } from "./table-feature.ts";
import { isOn } from "./in-use.ts";

/** Enabled by delta.enableVariantShredding = true. */
export const variantShredding: TableFeature = {
  name: "variantShredding",
  section: "Variant Shredding",
  kind: "reader-writer",
  requires: ["variantType"],
  enabledBy: "delta.enableVariantShredding = true",
  readers: "put shredded variants together",
  writers: "may shred only while the property is true",
  canRead: true,
  canWrite: true,
  isInUse: isOn("delta.enableVariantShredding"),
};

/** The same under its name from before it was final; never added by itself. */
export const variantShreddingPreview: TableFeature = preview(variantShredding, "variantShredding-preview");
