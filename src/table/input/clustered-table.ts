// table/input/clustered-table.ts: which columns a table may be clustered by. PROTOCOL.md, "Writer Requirements for Clustered Table".
import type { DomainMetadata, Metadata } from "../../format/action/action.ts";
import { clusteringAction } from "../../format/protocol/clustering.ts";
import { type ColumnPath, fieldAt, pathText } from "../../format/schema/edit-schema.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { statsColumns } from "../../format/value/file-stats.ts";
import { parseSchema } from "../../format/schema/schema-json.ts";
import { tableProperties } from "../../format/property/table-property.ts";

/**
 * The clustering columns, spelled as in the schema.
 * @throws AlluviumError `COLUMN_NOT_FOUND`, `DELTA_CLUSTERING_COLUMN_MISSING_STATS`,
 *   `DELTA_ALTER_TABLE_CLUSTER_BY_ON_PARTITIONED_TABLE_NOT_ALLOWED`
 */
export function checkClustering(metadata: Metadata, paths: readonly ColumnPath[]): readonly ColumnPath[] {
  if (metadata.partitionColumns.length > 0) {
    const message =
      "A partitioned table cannot be clustered as well: make a new table with CLUSTER BY, and copy the rows.";
    throw new AlluviumError("DELTA_ALTER_TABLE_CLUSTER_BY_ON_PARTITIONED_TABLE_NOT_ALLOWED", {}, message);
  }
  const schema = parseSchema(metadata.schemaString);
  const spelled = paths.map((path) => path.map((_, at) => fieldAt(schema, path.slice(0, at + 1)).name));
  const properties = tableProperties(metadata.configuration);
  const known = new Set(statsColumns(schema, [], properties).map((path) => JSON.stringify(path)));
  const missing = spelled.filter((path) => !known.has(JSON.stringify(path)));
  if (missing.length === 0) return spelled;
  const columns = missing.map(pathText).join(", ");
  const message = `Clustering needs statistics of ${columns}, which the files of this table do not have: name the columns in delta.dataSkippingStatsColumns, or choose others.`;
  throw new AlluviumError("DELTA_CLUSTERING_COLUMN_MISSING_STATS", { columns }, message);
}

/** The domain of a new table. @throws AlluviumError as `checkClustering` */
export function clusteringOf(metadata: Metadata, paths: readonly ColumnPath[]): DomainMetadata {
  return clusteringAction(parseSchema(metadata.schemaString), checkClustering(metadata, paths));
}
