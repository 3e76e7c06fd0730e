// session/statement/located-table.ts: CREATE TABLE name … LOCATION: a table that lies elsewhere, under a name of the warehouse.
import { localPath } from "../../engine/files/local-path.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { formatType, schemaEquals } from "../../format/schema/schema-type.ts";
import { loadSnapshot, tableExists } from "../../log/snapshot/load-snapshot.ts";
import type { CreateTableStatement } from "../../sql/statement/statement.ts";
import type { FrameContext } from "../plan/frame-context.ts";

/** The path that LOCATION names; null where the table lies where its name says. */
export function locationOf({ location, name }: CreateTableStatement): string | null {
  if (location === null) return null;
  const isPath = name.length === 2 && name[0]?.toLowerCase() === "delta";
  const path = localPath(location);
  if (!isPath || localPath(name[1] ?? "") === path) return isPath ? null : path;
  const message = `CREATE TABLE delta.\`${name[1] ?? ""}\` lies at that path; leave LOCATION out`;
  throw new AlluviumError("INVALID_ARGUMENT", { location }, message);
}

/**
 * Whether a table is at the location already, for the name to be given to.
 * @throws AlluviumError `DELTA_CREATE_TABLE_SCHEMA_MISMATCH` when it is not as the statement says,
 * `DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION` for AS SELECT
 */
export async function isTableAt(
  { engine }: FrameContext,
  location: string,
  statement: CreateTableStatement,
): Promise<boolean> {
  if (!(await tableExists(engine, location))) return false;
  if (statement.orReplace) return false;
  const name = statement.name.join(".");
  if (statement.query !== null) {
    const message = `there is a table at ${location} already; CREATE TABLE ${name} … AS SELECT needs an empty location: leave AS SELECT out, or say CREATE OR REPLACE TABLE`;
    throw new AlluviumError("DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION", { table: location }, message);
  }
  const { schema, metadata } = await loadSnapshot(engine, location);
  const { partitionBy } = statement;
  const isOther =
    (statement.schema !== null && !schemaEquals(statement.schema, schema)) ||
    (partitionBy.length > 0 && partitionBy.join().toLowerCase() !== metadata.partitionColumns.join().toLowerCase());
  if (!isOther) return true;
  const message = `the table at ${location} has the columns ${formatType(schema)}, partitioned by (${metadata.partitionColumns.join(", ")}), not those of CREATE TABLE ${name}; leave columns and partitioning out to take it as it is`;
  throw new AlluviumError("DELTA_CREATE_TABLE_SCHEMA_MISMATCH", { table: location }, message);
}
