// format/feature/type-widening.ts: the table feature typeWidening. PROTOCOL.md, "Type Widening".
import { preview, type TableFeature } from "./table-feature.ts";
import { isOn } from "./in-use.ts";

/** Enabled by delta.enableTypeWidening = true. */
export const typeWidening: TableFeature = {
  name: "typeWidening",
  section: "Type Widening",
  kind: "reader-writer",
  enabledBy: "delta.enableTypeWidening = true",
  readers: "read older files as the wider type",
  writers: "record each change of a type in the field setting delta.typeChanges, and allow only the listed ones",
  canRead: true,
  canWrite: true,
  isInUse: isOn("delta.enableTypeWidening"),
};

/** The same under its name from before it was final; never added by itself. */
export const typeWideningPreview: TableFeature = preview(typeWidening, "typeWidening-preview");
