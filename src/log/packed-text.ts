// log/packed-text.ts: very many texts out of DuckDB: those of a stretch of rows are joined to one, and split here. A text on its own
// costs a call into the engine, more than all else that is done with it.
import type { SqlConnection } from "../engine/engine.ts";
import { sqlIdentifier, sqlLiteral } from "../engine/sql-quote.ts";

/** What to read. */
export interface TextRows {
  /** SELECT of the named columns, as text and never null, and of the whole number `row_number`. */
  readonly select: string;
  readonly names: readonly string[];
}

/** The columns, stretch by stretch of rows, in the order of `names`; rows stand in the order of the relation where one thread reads it. */
export async function* readTexts(
  connection: SqlConnection,
  { select, names }: TextRows,
): AsyncGenerator<readonly (readonly string[])[]> {
  const stretch = `row_number // ${rowsPerStretch}`;
  const joined = names.map((name) => {
    const column = sqlIdentifier(name);
    return `string_agg(${column}, ${sqlLiteral(separator)}) AS ${column}`;
  });
  const rows = await connection.rows(
    `SELECT (${stretch})::DOUBLE AS stretch, count(*)::DOUBLE AS row_count, ${joined.join(", ")} FROM (${select}) GROUP BY ALL ORDER BY stretch`,
  );
  for (const row of rows) {
    const columns = names.map((name) => String(row[name]).split(separator));
    if (columns.every((texts) => texts.length === row["row_count"])) yield columns;
    else
      yield await readOneByOne(connection, { select: `${select} AND ${stretch} = ${Number(row["stretch"])}`, names });
  }
}

/** For texts that hold the separator. */
async function readOneByOne(
  connection: SqlConnection,
  { select, names }: TextRows,
): Promise<readonly (readonly string[])[]> {
  const rows = await connection.rows(select);
  return names.map((name) => rows.map((row) => String(row[name])));
}

/** How many rows are joined. A text that was split off keeps the joined one in memory: so that is no larger than it must be. */
export const rowsPerStretch = 512;

// No path and no JSON holds it unescaped.
const separator = "\u001f";
