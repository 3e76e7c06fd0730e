// stream/state/state-table.ts: one table of a query's state, live in DuckDB: how it changes, how rows are found in it, what it counts.
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { hashSql, isHashed, isNestedType, StateIndex, usualIndexPolicy } from "./state-index.ts";
import type { IndexPolicy } from "./state-index.ts";
import type { StateFile } from "./state-manifest.ts";
import { changeColumn, changeKinds, hashColumn, idColumn } from "../plan/state-spec.ts";
import type { StateTableSpec } from "../plan/state-spec.ts";
import { changeNumberColumn, OutdatedRows } from "./outdated-rows.ts";
import type { StateWriter } from "./state-writer.ts";

/** Where a table lives. */
export interface StateTableOptions {
  readonly writer: StateWriter;
  /** Quoted name of the database of the state. */
  readonly database: string;
  /** Keeps the rows of a SELECT until the next batch begins. @returns the name of the table */
  readonly scratch: (sql: string) => Promise<string>;
  readonly operatorId: number;
  readonly spec: StateTableSpec;
  readonly policy?: IndexPolicy;
  /** Rows from which on replaced ones are taken out later, many at once. */
  readonly outdatedFrom?: number;
}

/** Rows of a table that may belong to some keys. */
export interface SoughtRows {
  /** A relation with all rows that do, and perhaps others; it holds until the table changes. */
  readonly from: string;
  /** It has no others. */
  readonly isExact: boolean;
  /** Condition that the keys of two relations are equal, null being equal to null. @param given alias of what they were sought for */
  readonly on: (live: string, given: string) => string;
}

/** What changes (rows of `__op` and the columns of a table) do, in rows. */
export interface ChangeCounts {
  /** Ids of which rows go, replaced ones among them. */
  readonly goes: number;
  /** Rows that come. */
  readonly comes: number;
  /** Ids of which rows go, and nothing comes for them. */
  readonly removed: number;
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
  readonly #writer: StateWriter;
  readonly #database: string;
  readonly #scratch: StateTableOptions["scratch"];
  /** By what rows are sought, and by what they are replaced and removed. */
  readonly #indexes: { readonly sought: StateIndex; readonly id: StateIndex };
  readonly #outdated: OutdatedRows;
  /** Every batch needs it as a whole, without outdated rows. */
  #isReadWhole = false;
  /** Rows removed since the table was last written anew; DuckDB keeps their place. */
  #deadRowCount = 0;
  /** Until its files are there no index would pay. */
  #isLoading = true;

  constructor(options: StateTableOptions) {
    const { writer, database, scratch, operatorId, spec, policy = usualIndexPolicy } = options;
    this.operatorId = operatorId;
    this.spec = spec;
    this.key = `${operatorId}/${spec.name}`;
    this.name = `${database}.${sqlIdentifier(this.key)}`;
    this.#writer = writer;
    this.#database = database;
    this.#scratch = scratch;
    const { connection } = writer;
    const indexOn = (column: string): StateIndex =>
      new StateIndex({ connection, database, rows: this.#rowsName, column, policy });
    const id = indexOn(idColumn);
    this.#indexes = { sought: isHashed(spec.soughtBy) ? indexOn(hashColumn) : id, id };
    this.#outdated = new OutdatedRows({
      connection,
      rows: this.#rows,
      notes: `${database}.${sqlIdentifier(`${this.key} outdated`)}`,
      rowCountMin: options.outdatedFrom ?? outdatedRowCountMin,
    });
  }

  /** Makes it, without rows. */
  async create(): Promise<void> {
    const columns = this.spec.columns.map(({ name, type }) => `${sqlIdentifier(name)} ${type}`);
    const hash = isHashed(this.spec.soughtBy) ? [`${hashColumn} INTEGER`] : [];
    const all = [...columns, ...hash, `${changeNumberColumn} INTEGER`].join(", ");
    await this.#writer.connection.run(`CREATE TABLE ${this.#rows} (${all})`);
    await this.#outdated.create();
    await this.#writer.connection.run(`CREATE VIEW ${this.name} AS SELECT ${this.#columns} FROM ${this.#rows}`);
  }

  /** Counts the rows, and finds the first free id: after its files were loaded. */
  async count(): Promise<void> {
    this.#isLoading = false;
    const [row] = await this.#writer.connection.rows(
      `SELECT count(*) AS n, coalesce(max(${idColumn}) + 1, 0) AS next FROM ${this.#rows}`,
    );
    this.rowCount = Number(row?.["n"] ?? 0);
    this.nextId = (row?.["next"] as bigint | undefined) ?? 0n;
  }

  /**
   * Begins to change the table. Its rows are as before until the writer is done; `rowCount` tells already what there will be,
   * and is right where each id that goes has one row.
   * @param changes name of a table of `__op` and the table's columns
   */
  change(changes: string, { goes, comes, removed }: ChangeCounts): void {
    this.updatedRowCount += comes;
    this.removedRowCount += removed;
    this.rowCount += comes - goes;
    const before = this.rowCount;
    const { alias, isCounted, soughtBy } = this.spec;
    // Found by keys that all rows of an id have.
    const mayWait = removed === 0 && !this.#isReadWhole && isCounted && soughtBy.length > 0 && alias === undefined;
    this.#writer.begin(async () => {
      this.#outdated.changeNumber += 1;
      if (goes > 0 && mayWait && this.#outdated.isWorthwhile(before))
        await this.#outdated.note(`SELECT * FROM ${changes} WHERE ${changeColumn} = ${changeKinds.replace}`, goes);
      else {
        // Of an id all rows go.
        if (goes > 0) await this.#removeOutdated();
        const gone = await this.#delete(changes, goes, before);
        this.rowCount += goes - gone;
      }
      await this.#insert(changes, `${changeColumn} <> ${changeKinds.remove}`, comes);
      if (await this.#outdated.isDue(before)) await this.#removeOutdated();
    });
  }

  /** Removes the rows that changes (`__op` and the table's columns) remove or replace. */
  async remove(changes: string, goingCount: number): Promise<void> {
    const gone = await this.#delete(changes, goingCount, this.rowCount);
    this.rowCount -= gone;
  }

  /** Adds rows of a relation. @param where condition on its rows */
  async add(relation: string, where: string, comingCount: number): Promise<void> {
    const come = await this.#insert(relation, where, comingCount);
    this.rowCount += come;
  }

  /** @returns how many rows went */
  async #delete(changes: string, goingCount: number, rowCount: number): Promise<number> {
    if (goingCount === 0) return 0;
    const gone = `(SELECT ${idColumn} FROM ${changes} WHERE ${changeColumn} <> ${changeKinds.insert})`;
    const reached = (): Promise<number> => this.#reached(gone, [idColumn], [idColumn]);
    const isByIndex = !this.#isLoading && (await this.#indexes.id.isUseful(goingCount, rowCount, reached));
    const sql = `DELETE FROM ${this.#rows} AS live USING ${gone} AS gone WHERE live.${idColumn} = gone.${idColumn}`;
    const work = () => this.#writer.connection.rows(sql);
    const [row] = await (isByIndex ? this.#indexes.id.use(work) : work());
    const goneCount = Number(row?.["Count"] ?? 0);
    this.#deadRowCount += goneCount;
    return goneCount;
  }

  /** @returns how many rows came */
  async #insert(relation: string, where: string, comingCount: number): Promise<number> {
    if (comingCount === 0) return 0;
    for (const index of new Set([this.#indexes.sought, this.#indexes.id]))
      await index.expect(comingCount, this.rowCount);
    const { columns, soughtBy, alias = "live" } = this.spec;
    const cast = columns.map(({ name, type }) => `CAST(${sqlIdentifier(name)} AS ${type}) AS ${sqlIdentifier(name)}`);
    const hash = isHashed(soughtBy) ? `, ${hashSql(soughtBy)}` : "";
    const [row] = await this.#writer.connection.rows(
      `INSERT INTO ${this.#rows} SELECT ${this.#columns}${hash}, ${this.#outdated.changeNumber} FROM (SELECT ${cast.join(", ")} FROM ${relation} WHERE ${where}) AS ${alias}`,
    );
    return Number(row?.["Count"] ?? 0);
  }

  /** Name of the table, once all changes so far are in it; for who needs all of it in every batch. */
  async whole(): Promise<string> {
    this.#isReadWhole = true;
    return this.settled();
  }

  /** Name of the table, once all changes so far are in it; until the next. */
  async settled(): Promise<string> {
    this.#writer.begin(() => this.#removeOutdated());
    await this.#writer.done();
    return this.name;
  }

  async #removeOutdated(): Promise<void> {
    const removed = await this.#outdated.remove();
    this.#deadRowCount += removed;
  }

  /** The rows that may have the keys of a relation, which has columns of the names and types of `spec.soughtBy`, or of `columns`. */
  async seek(relation: string, columns: readonly string[] = this.spec.soughtBy): Promise<SoughtRows> {
    await this.#writer.done();
    const equal = (live: string, given: string, isNull: readonly boolean[]): string =>
      this.spec.soughtBy
        .map(
          (name, at) =>
            `${live}.${name} ${isNull[at] === false ? "=" : "IS NOT DISTINCT FROM"} ${given}.${columns[at]}`,
        )
        .join(" AND ") || "true";
    if (this.rowCount < smallRowCount) await this.settled();
    if (this.rowCount < smallRowCount || this.spec.soughtBy.length === 0)
      return { from: this.name, isExact: false, on: (live, given) => equal(live, given, []) };
    // Plain equality lets DuckDB leave out stretches of rows by their least and greatest keys.
    const nulls = columns.map((name) => `coalesce(bool_or(${name} IS NULL), false)`).join(", ");
    const [row] = await this.#writer.connection.rows(`SELECT count(*) AS n, [${nulls}] AS nulls FROM ${relation}`);
    const nullsIn = (row?.["nulls"] ?? []) as readonly boolean[];
    const isNull = this.spec.soughtBy.map((name, at) => this.#isNested(name) || nullsIn[at] === true);
    const on: SoughtRows["on"] = (live, given) => equal(live, given, isNull);
    const keyCount = Number(row?.["n"] ?? 0);
    const reached = (): Promise<number> => this.#reached(relation, this.spec.soughtBy, columns);
    if (keyCount > 0 && !(await this.#indexes.sought.isUseful(keyCount, this.rowCount, reached))) {
      if (this.#outdated.count === 0) return { from: this.name, isExact: false, on };
      const from = `${this.#rows} AS live SEMI JOIN ${relation} AS sought ON ${on("live", "sought")}`;
      return { from: `(${this.#outdated.latest(this.#columns, from)})`, isExact: true, on };
    }
    const [column, key] = isHashed(this.spec.soughtBy) ? [hashColumn, hashSql(columns)] : [idColumn, columns[0]];
    const from = `${this.#rows} AS live SEMI JOIN (SELECT ${key} AS key FROM ${relation}) AS sought ON live.${column} = sought.key`;
    const found = this.#outdated.latest(this.#columns, from);
    return { from: await this.#indexes.sought.use(() => this.#scratch(found)), isExact: false, on };
  }

  /** Begins to write the table anew if most of its place is taken by rows that are gone. */
  compact(): void {
    const { connection } = this.#writer;
    const copy = `${this.#database}.compacted`;
    this.#writer.begin(async () => {
      if (this.#deadRowCount < deadRowCountMin || this.#deadRowCount < this.rowCount) return;
      await this.#indexes.sought.drop();
      await this.#indexes.id.drop();
      await connection.run(`CREATE TABLE ${copy} AS SELECT * FROM ${this.#rows}`);
      await connection.run(`DROP TABLE ${this.#rows}`);
      await connection.run(`ALTER TABLE ${copy} RENAME TO ${sqlIdentifier(this.#rowsName)}`);
      this.#deadRowCount = 0;
    });
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
    const [row] = await this.#writer.connection.rows(
      `SELECT count(*) AS n FROM ${this.#rows} AS ${this.spec.alias ?? "live"}, (SELECT ${ends.join(", ")} FROM ${given}) AS ends WHERE ${between.join(" AND ")}`,
    );
    return Number(row?.["n"] ?? 0);
  }

  /** Fields and elements that are null make `=` unknown in places. */
  #isNested(name: string): boolean {
    const type = this.spec.columns.find((column) => column.name === name)?.type ?? "";
    return isNestedType(type);
  }
}

/** Rows that are scanned in no time. */
const smallRowCount = 20_000;
const deadRowCountMin = 100_000;
/** Rows from which on it costs more to take some out than to leave them out. */
const outdatedRowCountMin = 200_000;
