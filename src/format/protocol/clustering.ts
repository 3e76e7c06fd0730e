// format/protocol/clustering.ts: the columns that a table is clustered by. PROTOCOL.md, "Clustered Table".
import type { DomainMetadata } from "../action/action.ts";
import { physicalName } from "./column-mapping.ts";
import { formatJson, isJsonObject, parseJson } from "../text/json-int64.ts";
import type { JsonValue } from "../text/json.ts";
import type { DataType, StructField, StructType } from "../schema/schema.ts";

/** The metadata domain that names the columns. */
export const clusteringDomain = "delta.clustering";

/** The clustering columns as paths of the schema's own names; those that the schema lacks are left out. */
export function clusteringColumns(
  domains: ReadonlyMap<string, DomainMetadata>,
  schema: StructType,
): readonly (readonly string[])[] {
  return storedPaths(domains.get(clusteringDomain)).flatMap((path) => {
    const own = ownPath(schema, path);
    return own === null ? [] : [own];
  });
}

/** The domain of a table clustered by these columns, physical names where the schema has them; no columns are CLUSTER BY NONE. */
export function clusteringAction(schema: StructType, paths: readonly (readonly string[])[]): DomainMetadata {
  const columns = paths.map((path) => storedPath(schema, path));
  return {
    kind: "domainMetadata",
    domain: clusteringDomain,
    configuration: formatJson({ clusteringColumns: columns, domainName: clusteringDomain }),
    removed: false,
  };
}

function storedPaths(domain: DomainMetadata | undefined): readonly (readonly string[])[] {
  if (domain === undefined) return [];
  let value: JsonValue;
  try {
    value = parseJson(domain.configuration);
  } catch {
    return [];
  }
  const columns = isJsonObject(value) ? value["clusteringColumns"] : undefined;
  if (!Array.isArray(columns)) return [];
  // The protocol's text has names, the reference implementation lists of the names of a path.
  return (columns as readonly JsonValue[]).flatMap((column) => {
    if (typeof column === "string") return [[column]];
    return Array.isArray(column) ? [column.map(String)] : [];
  });
}

function ownPath(schema: StructType, path: readonly string[]): readonly string[] | null {
  const found = fieldsAlong(schema, path, physicalName);
  return found === null ? null : found.map(({ name }) => name);
}

function storedPath(schema: StructType, path: readonly string[]): readonly string[] {
  return fieldsAlong(schema, path, ({ name }) => name)?.map(physicalName) ?? path;
}

function fieldsAlong(
  schema: StructType,
  path: readonly string[],
  nameOf: (field: StructField) => string,
): readonly StructField[] | null {
  let type: DataType | undefined = schema;
  const found: StructField[] = [];
  for (const name of path) {
    const field: StructField | undefined =
      type?.kind === "struct" ? type.fields.find((one) => nameOf(one).toLowerCase() === name.toLowerCase()) : undefined;
    if (field === undefined) return null;
    found.push(field);
    type = field.type;
  }
  return found;
}
