// table/alter/sync-identity.ts: the high-water mark of an identity column, moved behind the values that rows brought themselves. PROTOCOL.md,
// "Identity Columns".
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { computedColumn, withHighWaterMarks } from "../../format/schema/computed-column.ts";
import type { Identity } from "../../format/schema/computed-column.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { quoteName } from "../../format/schema/schema-check.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import { scannedFiles } from "../../reader/scanned-files.ts";
import { scannedTable, scanRelation } from "../../reader/scan-relation.ts";
import type { TableHead } from "../rows/file-changes.ts";

/**
 * The schema after it; the mark is never lowered.
 * @throws AlluviumError `DELTA_IDENTITY_COLUMNS_ALTER_NON_IDENTITY_COLUMN`
 */
export async function withSyncedIdentity(head: TableHead, schema: StructType, field: StructField): Promise<StructType> {
  const column = computedColumn(field);
  if (column?.kind !== "identity") {
    const message = `SYNC IDENTITY is for identity columns, and ${quoteName(field.name)} is none`;
    throw new AlluviumError("DELTA_IDENTITY_COLUMNS_ALTER_NON_IDENTITY_COLUMN", { column: field.name }, message);
  }
  const last = await lastValue(head, field.name, column.identity);
  const mark = last === null ? null : markBehind(last, column.identity);
  return mark === null ? schema : withHighWaterMarks(schema, new Map([[field.name, mark]]));
}

/** The first value of the column's own that is not passed by `last`; null where the mark is there already, or need not be. */
function markBehind(last: bigint, { start, step, highWaterMark }: Identity): bigint | null {
  const isUp = step > 0n;
  if (isUp ? last < start : last > start) return null;
  const size = isUp ? step : -step;
  const distance = isUp ? last - start : start - last;
  const steps = (distance + size - 1n) / size;
  const mark = start + steps * step;
  const isPassed = highWaterMark !== null && (isUp ? highWaterMark >= mark : highWaterMark <= mark);
  return isPassed ? null : mark;
}

/** The value that lies farthest in the direction of the step; null where there is none. */
async function lastValue({ engine, snapshot }: TableHead, name: string, { step }: Identity): Promise<bigint | null> {
  const table = scannedTable(snapshot);
  let last: bigint | null = null;
  await using connection = await engine.sql.connect();
  for await (const chunk of snapshot.files.chunks()) {
    const files = await scannedFiles(engine, table, { files: chunk, columns: [name] });
    const call = `${step > 0n ? "max" : "min"}(${sqlIdentifier(name)})`;
    const [row] = await connection.rows(
      `SELECT ${call} AS last FROM (${scanRelation(table, files, { columns: [name] })})`,
    );
    const value = row?.["last"];
    if (typeof value !== "bigint") continue;
    if (last === null || (step > 0n ? value > last : value < last)) last = value;
  }
  return last;
}
