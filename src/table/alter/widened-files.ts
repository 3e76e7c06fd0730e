// table/alter/widened-files.ts: which data files hold a column in a type that it had before it was made wider. The log does not tell; the files
// do. PROTOCOL.md, "Type Widening".
import type { ParquetNode } from "../../engine/parquet/parquet-tree.ts";
import { columnMappingMode } from "../../format/protocol/column-mapping.ts";
import type { AddFile } from "../../format/action/action.ts";
import type { ColumnMappingMode } from "../../format/protocol/column-mapping.ts";
import { resolveDataPath } from "../../format/value/partition-path.ts";
import { formatType } from "../../format/schema/schema-type.ts";
import type { DataType, StructField } from "../../format/schema/schema.ts";
import { elementOf, findColumn } from "../../reader/stored-column.ts";
import type { TableHead } from "../rows/file-changes.ts";

/**
 * The files with a column, or a field or part of one, that is not of the schema's type.
 * @throws AlluviumError `FILE_NOT_FOUND` or `CORRUPT_FILE` when one cannot be read
 */
export async function filesOfOtherTypes(
  { engine, snapshot }: TableHead,
  files: readonly AddFile[],
): Promise<readonly AddFile[]> {
  if (files.length === 0) return files;
  const { tablePath, schema, protocol, metadata } = snapshot;
  const mode = columnMappingMode(protocol, metadata);
  const partitions = new Set(metadata.partitionColumns.map((name) => name.toLowerCase()));
  const fields = schema.fields.filter(({ name }) => !partitions.has(name.toLowerCase()));
  const columns = await engine.parquet.columns(files.map((file) => resolveDataPath(tablePath, file.path)));
  return files.filter((_, index) => holdsOther(fields, columns[index] ?? [], mode));
}

function holdsOther(fields: readonly StructField[], columns: readonly ParquetNode[], mode: ColumnMappingMode): boolean {
  return fields.some((field) => {
    const column = findColumn(field, mode, columns);
    return column !== undefined && isOther(field.type, column, mode);
  });
}

function isOther(type: DataType, column: ParquetNode, mode: ColumnMappingMode): boolean {
  switch (type.kind) {
    case "primitive":
    case "decimal":
      return widens(type) && column.type !== formatType(type);
    case "struct":
      return holdsOther(type.fields, column.children, mode);
    case "array": {
      const element = elementOf(column);
      return element !== undefined && isOther(type.elementType, element, mode);
    }
    case "map": {
      const [key, value] = column.children[0]?.children ?? [];
      return [key && isOther(type.keyType, key, mode), value && isOther(type.valueType, value, mode)].includes(true);
    }
  }
}

/** Types that a column can have come to. */
const widens = (type: DataType): boolean =>
  type.kind === "decimal" ||
  (type.kind === "primitive" && ["short", "integer", "long", "double", "timestamp_ntz"].includes(type.name));
