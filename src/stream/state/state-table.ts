// stream/state/state-table.ts: one table of a query's state, live in DuckDB: how it changes, how rows are found in it, what it counts.
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { hashSql, indexedColumns, isHashed, isNestedType, StateIndex, usualIndexPolicy } from "./state-index.ts";
import type { IndexPolicy } from "./state-index.ts";
import type { StateFile } from "./state-manifest.ts";
import { changeColumn, changeKinds, hashColumn, idColumn } from "../plan/state-spec.ts";
import type { StateTableSpec } from "../plan/state-spec.ts";

/** Where a table lives. */
export interface StateTableOptions {
  readonly connection: SqlConnection;
  /** Quoted name of the database of the state. */
  readonly database: string;
  readonly operatorId: number;
  readonly spec: StateTableSpec;
  readonly policy?: IndexPolicy;
}

/** Rows of a table that may belong to some keys. */
export interface SoughtRows {
  /** A relation with all rows that do, and perhaps others; it holds until the table changes. */
  readonly from: string;
  /** Condition that the keys of two relations are equal, null being equal to null. @param given alias of what they were sought for */
  readonly on: (live: string, given: string) => string;
}

/** A table that lives as long as the run. */
export class StateTable {
  readonly operatorId: number;
  readonly spec: StateTableSpec;
  /** `<operator>/<table>`: its folder below the state's. */
  readonly key: string;
  /** Qualified name of its rows, with the columns of `spec`. */
  readonly name: string;
  /** Its files so far, in the order they are applied. */
  files: readonly StateFile[] = [];
  /** Names of the tables that hold the changes of the batch at hand. */
  staged: readonly string[] = [];
  /** Rows in `staged`. */
  stagedRowCount = 0;
  /** The lowest `__id` that no row has or had. */
  nextId = 0n;
  rowCount = 0;
  /** Rows that came in the batch at hand. */
  updatedRowCount = 0;
  /** Rows that went in the batch at hand, and nothing came for them. */
  removedRowCount = 0;
  readonly #connection: SqlConnection;
  readonly #database: string;
  readonly #index: StateIndex;
  /** Rows removed since the table was last written anew; DuckDB keeps their place. */
  #deadRowCount = 0;
  /** Until its files are there no index would pay. */
  #isLoading = true;

  constructor({ connection, database, operatorId, spec, policy = usualIndexPolicy }: StateTableOptions) {
    this.operatorId = operatorId;
    this.spec = spec;
    this.key = `${operatorId}/${spec.name}`;
    this.name = `${database}.${sqlIdentifier(this.key)}`;
    this.#connection = connection;
    this.#database = database;
    const columns = indexedColumns(spec.soughtBy);
    this.#index = new StateIndex({ connection, database, rows: this.#rowsName, columns, policy });
  }

  /** Makes it, without rows. */
  async create(): Promise<void> {
    const columns = this.spec.columns.map(({ name, type }) => `${sqlIdentifier(name)} ${type}`);
    const hash = isHashed(this.spec.soughtBy) ? [`${hashColumn} INTEGER`] : [];
    await this.#connection.run(`CREATE TABLE ${this.#rows} (${[...columns, ...hash].join(", ")})`);
    await this.#connection.run(`CREATE VIEW ${this.name} AS SELECT ${this.#columns} FROM ${this.#rows}`);
  }

  /** Counts the rows, and finds the first free id: after its files were loaded. */
  async count(): Promise<void> {
    this.#isLoading = false;
    const [row] = await this.#connection.rows(
      `SELECT count(*) AS n, coalesce(max(${idColumn}) + 1, 0) AS next FROM ${this.#rows}`,
    );
    this.rowCount = Number(row?.["n"] ?? 0);
    this.nextId = (row?.["next"] as bigint | undefined) ?? 0n;
  }

  /** Removes the rows that changes (`__op` and the table's columns) remove or replace. */
  async remove(changes: string, goingCount: number): Promise<void> {
    if (goingCount === 0) return;
    const going = `${changeColumn} <> ${changeKinds.insert}`;
    const gone = `(SELECT ${idColumn} FROM ${changes} WHERE ${going})`;
    const reached = (): Promise<number> => this.#reached(gone, [idColumn], [idColumn]);
    const list =
      !this.#isLoading && (await this.#index.isUseful(goingCount, this.rowCount, reached))
        ? await this.#list(`SELECT ${idColumn} AS key FROM ${gone}`)
        : null;
    const [row] = await this.#connection.rows(
      list === null
        ? `DELETE FROM ${this.#rows} AS live USING ${gone} AS gone WHERE live.${idColumn} = gone.${idColumn}`
        : `DELETE FROM ${this.#rows} WHERE ${idColumn} IN (${list})`,
    );
    const goneCount = Number(row?.["Count"] ?? 0);
    this.rowCount -= goneCount;
    this.#deadRowCount += goneCount;
  }

  /** Adds rows of a relation. @param where condition on its rows */
  async add(relation: string, where: string, comingCount: number): Promise<void> {
    if (comingCount === 0) return;
    await this.#index.expect(comingCount, this.rowCount);
    const { columns, soughtBy, alias = "live" } = this.spec;
    const cast = columns.map(({ name, type }) => `CAST(${sqlIdentifier(name)} AS ${type}) AS ${sqlIdentifier(name)}`);
    const hash = isHashed(soughtBy) ? `, ${hashSql(soughtBy)}` : "";
    const [row] = await this.#connection.rows(
      `INSERT INTO ${this.#rows} SELECT ${this.#columns}${hash} FROM (SELECT ${cast.join(", ")} FROM ${relation} WHERE ${where}) AS ${alias}`,
    );
    this.rowCount += Number(row?.["Count"] ?? 0);
  }

  /** The rows that may have the keys of a relation, which has columns of the names and types of `spec.soughtBy`, or of `columns`. */
  async seek(relation: string, columns: readonly string[] = this.spec.soughtBy): Promise<SoughtRows> {
    const equal = (live: string, given: string, isNull: readonly boolean[]): string =>
      this.spec.soughtBy
        .map(
          (name, at) =>
            `${live}.${name} ${isNull[at] === false ? "=" : "IS NOT DISTINCT FROM"} ${given}.${columns[at]}`,
        )
        .join(" AND ") || "true";
    if (this.rowCount < smallRowCount || this.spec.soughtBy.length === 0)
      return { from: this.name, on: (live, given) => equal(live, given, []) };
    // Plain equality lets DuckDB leave out stretches of rows by their least and greatest keys.
    const nulls = columns.map((name) => `coalesce(bool_or(${name} IS NULL), false)`).join(", ");
    const [row] = await this.#connection.rows(`SELECT count(*) AS n, [${nulls}] AS nulls FROM ${relation}`);
    const nullsIn = (row?.["nulls"] ?? []) as readonly boolean[];
    const isNull = this.spec.soughtBy.map((name, at) => this.#isNested(name) || nullsIn[at] === true);
    const on: SoughtRows["on"] = (live, given) => equal(live, given, isNull);
    const keyCount = Number(row?.["n"] ?? 0);
    const reached = (): Promise<number> => this.#reached(relation, this.spec.soughtBy, columns);
    if (keyCount > 0 && !(await this.#index.isUseful(keyCount, this.rowCount, reached))) return { from: this.name, on };
    const isByHash = isHashed(this.spec.soughtBy);
    const list = await this.#list(`SELECT ${isByHash ? hashSql(columns) : columns[0]} AS key FROM ${relation}`);
    const found = list === null ? "false" : `${isByHash ? hashColumn : idColumn} IN (${list})`;
    return { from: `(SELECT ${this.#columns} FROM ${this.#rows} WHERE ${found})`, on };
  }

  /** Writes the table anew once most of its place is taken by rows that are gone. */
  async compact(): Promise<void> {
    if (this.#deadRowCount < deadRowCountMin || this.#deadRowCount < this.rowCount) return;
    await this.#index.drop();
    const copy = `${this.#database}.compacted`;
    await this.#connection.run(`CREATE TABLE ${copy} AS SELECT * FROM ${this.#rows}`);
    await this.#connection.run(`DROP TABLE ${this.#rows}`);
    await this.#connection.run(`ALTER TABLE ${copy} RENAME TO ${sqlIdentifier(this.#rowsName)}`);
    this.#deadRowCount = 0;
  }

  /** Name of the table below the view: it has a hash of the keys, too. */
  get #rowsName(): string {
    return `${this.key} rows`;
  }

  get #rows(): string {
    return `${this.#database}.${sqlIdentifier(this.#rowsName)}`;
  }

  get #columns(): string {
    return this.spec.columns.map(({ name }) => sqlIdentifier(name)).join(", ");
  }

  /** Rows whose keys lie between the least and the greatest that are given. @param columns of `given`, in the order of `keys` */
  async #reached(given: string, keys: readonly string[], columns: readonly string[]): Promise<number> {
    const ends: string[] = [];
    const between: string[] = [];
    for (const [at, key] of keys.entries()) {
      if (this.#isNested(key)) continue;
      ends.push(`min(${columns[at]}) AS least${at}, max(${columns[at]}) AS most${at}`);
      between.push(`${key} BETWEEN least${at} AND most${at}`);
    }
    if (ends.length === 0) return this.rowCount;
    const [row] = await this.#connection.rows(
      `SELECT count(*) AS n FROM ${this.#rows} AS ${this.spec.alias ?? "live"}, (SELECT ${ends.join(", ")} FROM ${given}) AS ends WHERE ${between.join(" AND ")}`,
    );
    return Number(row?.["n"] ?? 0);
  }

  /** Fields and elements that are null make `=` unknown in places. */
  #isNested(name: string): boolean {
    const type = this.spec.columns.find((column) => column.name === name)?.type ?? "";
    return isNestedType(type);
  }

  /** The distinct values of a SELECT of `key` as the list of an IN: DuckDB uses an index for constants only. Null of none. */
  async #list(select: string): Promise<string | null> {
    const [row] = await this.#connection.rows(
      `SELECT string_agg(DISTINCT CAST(key AS VARCHAR), ', ') AS list FROM (${select})`,
    );
    return (row?.["list"] as string | null | undefined) ?? null;
  }
}

/** Rows that are scanned in no time. */
const smallRowCount = 20_000;
const deadRowCountMin = 100_000;
