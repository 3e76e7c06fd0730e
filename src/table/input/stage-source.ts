// table/input/stage-source.ts: rows that are read more than once, kept in a temporary file: they are the same each time.
import { join } from "node:path";
import type { Engine } from "../../engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral, sqlParquetFiles } from "../../engine/base/sql-quote.ts";
import { temporaryDirectory } from "../../engine/files/temporary-directory.ts";
import { stageArrow } from "../../writer/fill-columns.ts";
import type { Rows } from "../../writer/rows.ts";

/** A folder for relations. */
export interface Stage extends AsyncDisposable {
  /** Keeps the rows, and gives a SELECT of them. */
  keep(rows: Rows): Promise<string>;
  /** Keeps the rows of a SELECT. */
  keepRelation(sql: string): Promise<string>;
}

/** Makes the folder; it goes, with all in it, when disposed. */
export async function openStage(engine: Engine): Promise<Stage> {
  const folder = await temporaryDirectory();
  let count = 0;
  const keepRelation = async (sql: string): Promise<string> => {
    const path = join(folder.path, `${(count += 1)}.parquet`);
    await using connection = await engine.sql.connect();
    await connection.run(`COPY (${sql}) TO ${sqlLiteral(path)} (FORMAT parquet)`);
    return `SELECT * FROM ${sqlParquetFiles([path])}`;
  };
  return {
    keepRelation,
    async keep(rows) {
      if (rows.kind === "arrow")
        return await stageArrow(engine, rows, { folder: join(folder.path, `${(count += 1)}`), schema: rows.schema });
      const names = rows.schema.fields.map(({ name }) => sqlIdentifier(name)).join(", ");
      const source = rows.kind === "files" ? rows.relation : rows.sql;
      return await keepRelation(`SELECT ${names} FROM (${source}) AS given(${names})`);
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
