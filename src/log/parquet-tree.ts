// log/parquet-tree.ts: the columns of a Parquet file as a tree, so that checkpoints of any writer can be asked for what they have.
import type { SqlConnection } from "../engine/engine.ts";
import { sqlFilePath } from "../engine/sql-quote.ts";

/** A column, or a field below one. */
export interface ParquetNode {
  readonly name: string;
  readonly physicalType: string;
  /** Both annotations of the type as DuckDB prints them, or "". */
  readonly annotation: string;
  readonly children: readonly ParquetNode[];
}

/**
 * The top-level columns of a Parquet file.
 * @throws AlluviumError when the file cannot be read as Parquet
 */
export async function readParquetTree(connection: SqlConnection, path: string): Promise<readonly ParquetNode[]> {
  const sql = `SELECT name, type, num_children::INTEGER AS child_count, concat_ws(' ', logical_type, converted_type) AS annotation FROM parquet_schema(${sqlFilePath(path)})`;
  const rows = await connection.rows(sql);
  let next = 0;
  const take = (): ParquetNode => {
    const row = rows[next];
    next += 1;
    const childCount = Number(row?.["child_count"] ?? 0);
    const children: ParquetNode[] = [];
    for (let index = 0; index < childCount && next < rows.length; index += 1) children.push(take());
    return {
      name: text(row?.["name"]),
      physicalType: text(row?.["type"]),
      annotation: text(row?.["annotation"]),
      children,
    };
  };
  return rows.length === 0 ? [] : take().children;
}

/** The child of that name, compared as DuckDB does: without regard to case. */
export function childNamed(nodes: readonly ParquetNode[], name: string): ParquetNode | undefined {
  return (
    nodes.find((node) => node.name === name) ?? nodes.find((node) => node.name.toLowerCase() === name.toLowerCase())
  );
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
