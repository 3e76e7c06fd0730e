// stream/state/state-index.ts: when the rows of a state table are found by an index rather than by a scan. Decision 12.
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { idColumn } from "../plan/state-spec.ts";

/** When an index pays. DuckDB scans a row in some five nanoseconds, and finds one by index in some five microseconds. */
export interface IndexPolicy {
  /** Rows below which a table is scanned. */
  readonly rowCountMin: number;
  /** Rows of the table for each key that is sought, below which a scan is quicker. */
  readonly rowsPerKeyMin: number;
  /** Scans, one a batch, that an index might have spared before it is made: together they cost about what making it does. */
  readonly scanCount: number;
}

/** What queries use. */
export const usualIndexPolicy: IndexPolicy = { rowCountMin: 500_000, rowsPerKeyMin: 2000, scanCount: 32 };

/** Keys in one statement. */
const keyCountMax = 10_000;
/**
 * Distinct values of the smaller side of a join up to which DuckDB hands them to the scan of the other as a list, from which alone it finds
 * rows by index; by itself up to 50.
 */
const listSetting = "dynamic_or_filter_threshold";
/** What an index takes in memory for each row; it cannot spill to disk. */
const bytesPerRow = 20;
/** Part of DuckDB's memory that one index may take. */
const memoryShare = 0.125;

/** Of which table. */
export interface StateIndexOptions {
  readonly connection: SqlConnection;
  readonly database: string;
  /** Unquoted name of the table. */
  readonly rows: string;
  /** By which rows are found. */
  readonly column: string;
  readonly policy: IndexPolicy;
}

/** The index of one column of a table: made when scans have cost as much, dropped when a batch would make it dear. */
export class StateIndex {
  readonly #options: StateIndexOptions;
  #isMade = false;
  #scanCount = 0;
  #memoryBytes: number | undefined;

  constructor(options: StateIndexOptions) {
    this.#options = options;
  }

  /**
   * Whether rows of so many keys are to be found by index now; makes it when its time has come.
   * @param reached says how many rows lie between the least and the greatest of the keys: DuckDB leaves out the others by itself
   */
  async isUseful(keyCount: number, rowCount: number, reached: () => Promise<number>): Promise<boolean> {
    const { policy } = this.#options;
    const pays =
      rowCount >= policy.rowCountMin && keyCount <= keyCountMax && keyCount * policy.rowsPerKeyMin <= rowCount;
    if (!pays || this.#isMade) return pays;
    this.#scanCount += 1;
    if (this.#scanCount <= policy.scanCount) return false;
    this.#scanCount = 0;
    if (keyCount * policy.rowsPerKeyMin > (await reached()) || !(await this.#fits(rowCount))) return false;
    await this.#make();
    return true;
  }

  /** Runs a statement that joins the table with few keys, on the connection of the index, so that it uses the index. */
  async use<T>(statement: () => Promise<T>): Promise<T> {
    const { connection } = this.#options;
    await connection.run(`SET ${listSetting} = ${keyCountMax}`);
    try {
      return await statement();
    } finally {
      await connection.run(`RESET ${listSetting}`);
    }
  }

  /** Told before rows come: many of them come quicker without an index, and more than memory holds are not indexed. */
  async expect(comingRowCount: number, rowCount: number): Promise<void> {
    if (!this.#isMade) return;
    const isMany = comingRowCount > keyCountMax && comingRowCount * 10 > rowCount;
    if (isMany || !(await this.#fits(rowCount + comingRowCount))) await this.drop();
  }

  /** Drops it; the next use makes it anew after as many scans. */
  async drop(): Promise<void> {
    const { connection, database } = this.#options;
    if (this.#isMade) await connection.run(`DROP INDEX ${database}.${this.#name}`);
    this.#isMade = false;
    this.#scanCount = 0;
  }

  async #make(): Promise<void> {
    const { connection, database, rows, column } = this.#options;
    await connection.run(`CREATE INDEX ${this.#name} ON ${database}.${sqlIdentifier(rows)} (${column})`);
    this.#isMade = true;
  }

  get #name(): string {
    return sqlIdentifier(`${this.#options.rows} by ${this.#options.column}`);
  }

  async #fits(rowCount: number): Promise<boolean> {
    return rowCount * bytesPerRow <= memoryShare * (this.#memoryBytes ??= await this.#memoryLimit());
  }

  async #memoryLimit(): Promise<number> {
    const limit = "parse_formatted_bytes(current_setting('memory_limit'))";
    const [row] = await this.#options.connection.rows(`SELECT CAST(${limit} AS DOUBLE) AS bytes`);
    return Number(row?.["bytes"] ?? 0);
  }
}

/** SQL of the hash that rows are sought by. */
export function hashSql(columns: readonly string[]): string {
  return `CAST(hash(${columns.join(", ")}) >> 33 AS INTEGER)`;
}

/** Whether values of a type of DuckDB have parts, which may be null by themselves. */
export const isNestedType = (type: string): boolean => /^(?:STRUCT|MAP|UNION|VARIANT)|\]$/.test(type);

/** Whether rows are sought by a hash; by their id otherwise. */
export const isHashed = (soughtBy: readonly string[]): boolean => soughtBy.length > 0 && soughtBy[0] !== idColumn;
