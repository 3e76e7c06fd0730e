// format/feature/table-feature.ts: what this build knows of one feature. PROTOCOL.md, "Table Features".
import type { Metadata } from "../action/action.ts";
import type { StructType } from "../schema/schema.ts";

/** One feature. A build that learns it changes `canRead` and `canWrite`; docs/PROTOCOL-COVERAGE.md is written from this. */
export interface TableFeature {
  readonly name: string;
  /** Heading in PROTOCOL.md; absent where the protocol's text does not have the feature. */
  readonly section?: string;
  /** Whether readers must know it too. */
  readonly kind: "reader-writer" | "writer";
  /** The protocol versions that had the feature before features were listed by name. */
  readonly legacy?: { readonly reader?: number; readonly writer: number };
  /** Names of features that a table with this one must support too. */
  readonly requires?: readonly string[];
  /** The property, column or statement that brings it. */
  readonly enabledBy: string;
  /** What readers must do; follows "readers". */
  readonly readers: string;
  /** What writers must do; follows "writers". */
  readonly writers: string;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  /** Whether the table's settings or schema use it. Absent: use does not show in the metadata. */
  readonly isInUse?: (metadata: Metadata, schema: StructType) => boolean;
  /** True where use in an existing table does not bring it: it must be asked for by name, for it shuts out others. */
  readonly isManual?: boolean;
}

/** The same feature under the name that it had before it was final: its use does not ask for this name. */
export function preview(feature: TableFeature, name: string): TableFeature {
  const same: { -readonly [key in keyof TableFeature]: TableFeature[key] } = { ...feature, name };
  delete same.isInUse;
  return same;
}
