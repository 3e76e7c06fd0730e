// log/checkpoint/checkpoint-stats.ts: statistics of files in the typed form of checkpoints. PROTOCOL.md, "Per-file Statistics", "Checkpoints".
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { physicalName } from "../../format/protocol/column-mapping.ts";
import { hasBounds, statsColumns } from "../../format/value/file-stats.ts";
import { isFeatureSupported } from "../../format/protocol/table-feature.ts";
import type { DataType, StructField } from "../../format/schema/schema.ts";
import type { ColumnShape } from "./checkpoint-columns.ts";
import type { Snapshot } from "../state/snapshot.ts";

/** `stats_parsed`: its type, and the JSON it is made of. */
export interface StatsShape {
  readonly shape: ColumnShape;
  readonly hasDecimals: boolean;
  /** JSON text for a file's statistics; null when there are none that can be read. */
  json(stats: string | undefined): string | null;
}

/** The typed statistics of a table's files. */
export function statsShape({ schema, metadata, properties, protocol }: Snapshot): StatsShape {
  const columns = statsColumns(schema, metadata.partitionColumns, properties);
  const bounds = shapeOf(schema.fields, columns, (type) => (hasBounds(type) ? duckdbType(type) : null));
  const counts = shapeOf(schema.fields, columns, () => "BIGINT");
  const hasVectors = isFeatureSupported(protocol, "deletionVectors");
  const shape = {
    numRecords: "BIGINT",
    ...(bounds && { minValues: bounds, maxValues: bounds }),
    ...(counts && { nullCount: counts }),
    ...(hasVectors && { tightBounds: "BOOLEAN" }),
  };
  const hasDecimals = JSON.stringify(bounds ?? "").includes("DECIMAL");
  return {
    shape,
    hasDecimals,
    json: (stats) => (stats === undefined || !isJson(stats) ? null : hasDecimals ? quoteNumbers(stats) : stats),
  };
}

type LeafShape = (type: DataType) => string | null;

/** The shape of the fields that some paths lead to; null when none of them has a leaf. */
function shapeOf(
  fields: readonly StructField[],
  paths: readonly (readonly string[])[],
  leafShape: LeafShape,
): { readonly [name: string]: ColumnShape } | null {
  const entries = fields.flatMap((field): [string, ColumnShape][] => {
    const below = paths.filter((path) => path[0] === field.name).map((path) => path.slice(1));
    if (below.length === 0) return [];
    const shape = field.type.kind === "struct" ? shapeOf(field.type.fields, below, leafShape) : leafShape(field.type);
    return shape === null ? [] : [[physicalName(field), shape]];
  });
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

/** Numbers as text, for DuckDB would read a decimal from JSON through a double. */
function quoteNumbers(json: string): string {
  return json.replace(stringOrNumber, (token) => (token.startsWith('"') ? token : `"${token}"`));
}

const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
