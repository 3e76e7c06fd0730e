// stream/state/outdated-rows.ts: rows of a live table that were replaced and are still there. To take few rows out of very many costs a look at all of
// them, so that it is done for many batches at once; until then the latest row of an id counts. Decision 12.
import type { SqlConnection } from "../../engine/base/engine.ts";
import { idColumn } from "../plan/state-spec.ts";

/** Name of the column of a live table that numbers the changes that brought its rows. */
export const changeNumberColumn = "__alluvium_change";

/** Which table, and where its outdated rows are noted. */
export interface OutdatedRowsOptions {
  readonly connection: SqlConnection;
  /** Qualified name of the table. */
  readonly rows: string;
  /** Qualified name of the table of notes. */
  readonly notes: string;
  /** Rows of the table from which on outdated ones are left in it. */
  readonly rowCountMin: number;
}

/** The outdated rows of one table. */
export class OutdatedRows {
  /** Of the rows that come next. */
  changeNumber = 0;
  /** How many there are. */
  count = 0;
  readonly #options: OutdatedRowsOptions;
  /** Notes at which to look whether few rows were replaced again and again. */
  #lookAt = 0;

  constructor(options: OutdatedRowsOptions) {
    this.#options = options;
  }

  /** Whether rows of a table of so many may be left in it. */
  isWorthwhile(rowCount: number): boolean {
    return rowCount >= this.#options.rowCountMin;
  }

  /** Makes the table of notes. */
  async create(): Promise<void> {
    await this.#options.connection.run(`CREATE TABLE ${this.#options.notes} (id BIGINT, change INTEGER)`);
  }

  /** Notes that the rows of some ids are outdated by those that come next. @param ids SELECT of so many ids */
  async note(ids: string, count: number): Promise<void> {
    const { connection, notes } = this.#options;
    await connection.run(`INSERT INTO ${notes} SELECT ${idColumn}, ${this.changeNumber} FROM (${ids})`);
    if (this.count === 0) this.#lookAt = notesPerRow * count;
    this.count += count;
  }

  /**
   * Whether they are to be taken out: when they are a good part of all, or when who asks for a row finds many of them.
   * @param rowCount rows of the table that count
   */
  async isDue(rowCount: number): Promise<boolean> {
    if (this.count === 0 || this.count < this.#lookAt) return false;
    const { connection, notes } = this.#options;
    const [row] = await connection.rows(`SELECT count(DISTINCT id) AS n FROM ${notes}`);
    this.#lookAt = this.count * 2;
    return this.count > notesPerIdMax * Number(row?.["n"] ?? 0) || this.count * 4 > rowCount;
  }

  /** Takes them out. @returns how many there were */
  async remove(): Promise<number> {
    if (this.count === 0) return 0;
    const { connection, notes, rows } = this.#options;
    const last = `SELECT id, max(change) AS change FROM ${notes} GROUP BY id`;
    await connection.run(
      `DELETE FROM ${rows} AS live USING (${last}) AS last WHERE live.${idColumn} = last.id AND live.${changeNumberColumn} < last.change`,
    );
    await connection.run(`TRUNCATE ${notes}`);
    const { count } = this;
    this.count = 0;
    return count;
  }

  /**
   * SELECT of columns of rows of the table, without outdated ones.
   * @param from FROM clause that holds all rows of an id, or none
   */
  latest(columns: string, from: string): string {
    if (this.count === 0) return `SELECT ${columns} FROM ${from}`;
    // Set apart, lest DuckDB look for the last of each id in the whole table.
    return `WITH found AS MATERIALIZED (SELECT ${columns}, ${changeNumberColumn} FROM ${from}) SELECT ${columns} FROM found QUALIFY row_number() OVER (PARTITION BY ${idColumn} ORDER BY ${changeNumberColumn} DESC) = 1`;
  }
}

/** Times that the rows of a batch may have been replaced before one looks. */
const notesPerRow = 16;
const notesPerIdMax = 2;
