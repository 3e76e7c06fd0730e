// log/state/packed-text.ts: very many texts out of DuckDB: those of a stretch of rows are joined to one, and split here. A text on its own
// costs a call into the engine, more than all else that is done with it.
import type { SqlConnection, SqlRow } from "../../engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";

/** What to read. */
interface TextRows {
  /** SELECT of the named columns, as text and never null, and of the whole number `row_number`. */
  readonly select: string;
  readonly names: readonly string[];
}

/**
 * The columns, stretch by stretch of rows, in the order of `names`; rows stand in the order of the relation where one thread reads it. While
 * the rows of one selection are worked on, the next one is asked for.
 * @param selects SELECTs as of `TextRows`
 */
export async function* readTexts(
  connection: SqlConnection,
  { selects, names }: { readonly selects: readonly string[]; readonly names: readonly string[] },
): AsyncGenerator<readonly (readonly string[])[]> {
  const ask = (select: string | undefined): Promise<readonly SqlRow[]> => {
    const rows = select === undefined ? Promise.resolve([]) : connection.rows(joinedTexts({ select, names }));
    rows.catch(() => undefined); // nobody may be left to hear of it
    return rows;
  };
  let ahead = ask(selects[0]);
  for (const [index, select] of selects.entries()) {
    const rows = await ahead;
    ahead = ask(selects[index + 1]);
    for (const row of rows) {
      const columns = names.map((name) => String(row[name]).split(separator));
      if (columns.every((texts) => texts.length === row["row_count"])) yield columns;
      else {
        const stretch = `${select} AND row_number // ${rowsPerStretch} = ${Number(row["stretch"])}`;
        yield await readOneByOne(connection, { select: stretch, names });
      }
    }
  }
}

function joinedTexts({ select, names }: TextRows): string {
  const joined = names.map((name) => {
    const column = sqlIdentifier(name);
    return `string_agg(${column}, ${sqlLiteral(separator)}) AS ${column}`;
  });
  return `SELECT (row_number // ${rowsPerStretch})::DOUBLE AS stretch, count(*)::DOUBLE AS row_count, ${joined.join(", ")} FROM (${select}) GROUP BY ALL ORDER BY stretch`;
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
