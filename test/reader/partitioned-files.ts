// test/reader/partitioned-files.ts: files of a table with partition columns.
import type { StructType } from "../../src/format/schema/schema.ts";
import { field, struct } from "../expression/all-types.ts";
import type { FileSpec } from "./table-of-files.ts";

export const partitioned: StructType = struct(field("p", "string"), field("id", "integer"), field("day", "date"));

/** One row; the file has a column `p` of its own, which must not count. */
export function partitionedFile(p: string | null, day: string | null, id: number): FileSpec {
  return { path: `${id}.parquet`, sql: `SELECT ${id} AS id, 'wrong' AS p`, partitionValues: { p, day } };
}
