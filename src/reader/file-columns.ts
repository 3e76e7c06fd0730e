// reader/file-columns.ts: the columns that data files really have, with their field ids.
import type { Engine } from "../engine/engine.ts";
import { sqlFilePaths } from "../engine/sql-quote.ts";

/** A column of a Parquet file, or a field or level below one. */
export interface FileColumn {
  readonly name: string;
  readonly fieldId: number | null;
  readonly children: readonly FileColumn[];
}

/**
 * The top-level columns of files, by path. One statement for all.
 * @param paths absolute
 * @throws AlluviumError `FILE_NOT_FOUND` or `CORRUPT_FILE` when one of them cannot be read
 */
export async function readFileColumns(
  engine: Engine,
  paths: readonly string[],
): Promise<ReadonlyMap<string, readonly FileColumn[]>> {
  const sql = `SELECT file_name, name, num_children::INTEGER AS child_count, field_id::INTEGER AS field_id FROM parquet_schema(${sqlFilePaths(paths)})`;
  await using connection = await engine.sql.connect();
  const byPath = new Map<string, Element[]>();
  for (const row of await connection.rows(sql)) {
    const path = String(row["file_name"]);
    const elements = byPath.get(path) ?? [];
    byPath.set(path, elements);
    elements.push({
      name: String(row["name"]),
      childCount: Number(row["child_count"] ?? 0),
      fieldId: typeof row["field_id"] === "number" ? row["field_id"] : null,
    });
  }
  return new Map([...byPath].map(([path, elements]) => [path, rootColumns(elements)]));
}

/** A schema element as it stands in the footer: parents before their children. */
interface Element {
  readonly name: string;
  readonly childCount: number;
  readonly fieldId: number | null;
}

function rootColumns(elements: readonly Element[]): readonly FileColumn[] {
  let next = 0;
  const take = (): FileColumn => {
    const { name = "", childCount = 0, fieldId = null } = elements[next] ?? {};
    next += 1;
    const children: FileColumn[] = [];
    while (children.length < childCount && next < elements.length) children.push(take());
    return { name, fieldId, children };
  };
  return take().children;
}
