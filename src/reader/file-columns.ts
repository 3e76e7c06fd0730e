// reader/file-columns.ts: the columns that data files really have, with their field ids.
import type { Engine } from "../engine/base/engine.ts";
import { sqlFilePaths } from "../engine/base/sql-quote.ts";

/** A column of a Parquet file, or a field or level below one. */
export interface FileColumn {
  readonly name: string;
  readonly fieldId: number | null;
  readonly children: readonly FileColumn[];
  /** The type that it stands for, spelled as in SQL; only where asked for, and for numbers, dates and times without zone. */
  readonly type?: string | undefined;
}

/**
 * The top-level columns of files, by path. One statement for all.
 * @param paths absolute
 * @param withTypes also gives the types of numbers, dates and times without zone
 * @throws AlluviumError `FILE_NOT_FOUND` or `CORRUPT_FILE` when one of them cannot be read
 */
export async function readFileColumns(
  engine: Engine,
  paths: readonly string[],
  { withTypes = false }: { readonly withTypes?: boolean } = {},
): Promise<ReadonlyMap<string, readonly FileColumn[]>> {
  const sql = `SELECT file_name, name, num_children::INTEGER AS child_count, field_id::INTEGER AS field_id, ${withTypes ? storedTypeSql : "NULL"} AS stored_type FROM parquet_schema(${sqlFilePaths(paths)})`;
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
      type: typeof row["stored_type"] === "string" ? row["stored_type"] : undefined,
    });
  }
  return new Map([...byPath].map(([path, elements]) => [path, rootColumns(elements)]));
}

/** A schema element as it stands in the footer: parents before their children. */
interface Element {
  readonly name: string;
  readonly childCount: number;
  readonly fieldId: number | null;
  readonly type: string | undefined;
}

// What an annotation does not say, the physical type does.
const storedTypeSql = `CASE
  WHEN converted_type = 'DECIMAL' THEN format('decimal({},{})', precision, scale)
  WHEN converted_type = 'DATE' THEN 'date'
  WHEN converted_type = 'INT_8' THEN 'tinyint'
  WHEN converted_type = 'INT_16' THEN 'smallint'
  WHEN contains(logical_type, 'Timestamp') AND contains(logical_type, 'isAdjustedToUTC=0') THEN 'timestamp_ntz'
  WHEN type = 'INT32' AND coalesce(converted_type, 'INT_32') = 'INT_32' THEN 'int'
  WHEN type = 'INT64' AND coalesce(converted_type, 'INT_64') = 'INT_64' THEN 'bigint'
  WHEN type IN ('FLOAT', 'DOUBLE') THEN lower(type) END`;

function rootColumns(elements: readonly Element[]): readonly FileColumn[] {
  let next = 0;
  const take = (): FileColumn => {
    const { name = "", childCount = 0, fieldId = null, type } = elements[next] ?? {};
    next += 1;
    const children: FileColumn[] = [];
    while (children.length < childCount && next < elements.length) children.push(take());
    return type === undefined ? { name, fieldId, children } : { name, fieldId, children, type };
  };
  return take().children;
}
