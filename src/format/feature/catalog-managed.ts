// format/feature/catalog-managed.ts: the table feature catalogManaged. PROTOCOL.md, "Catalog-managed tables".
import { preview, type TableFeature } from "./table-feature.ts";

/** Enabled by delta.feature.catalogManaged = supported. */
export const catalogManaged: TableFeature = {
  name: "catalogManaged",
  section: "Catalog-managed tables",
  kind: "reader-writer",
  requires: ["inCommitTimestamp", "vacuumProtocolCheck"],
  enabledBy: "delta.feature.catalogManaged = supported",
  readers: "ask the catalog for the commits that are ratified",
  writers: "commit through the catalog",
  canRead: false,
  canWrite: false,
};

/** The same under its name from before it was final; never added by itself. */
export const catalogOwnedPreview: TableFeature = preview(catalogManaged, "catalogOwned-preview");
