// sql/words/sql-output.ts: DuckDB text as it grows, remembering where in the Spark text each piece came from.

/** The event time of a table, and how late it may be; both as written. */
export interface TableWatermark {
  /** A column, or an expression with a name. */
  readonly column: string;
  readonly delay: string;
  /** Where the column stands in the text. */
  readonly at: number;
}

/** A table, or a query in brackets, of which a query says more than its name; named in the text by a placeholder. */
export interface NamedTable {
  readonly parts: readonly string[];
  readonly version?: number;
  readonly timestamp?: string;
  /** The commits whose changes stand in place of the table's rows. */
  readonly changes?: ChangeSpan;
  /** The text of the query in brackets that stands in place of a name. */
  readonly query?: string;
  readonly isStream: boolean;
  /** Options of the stream. */
  readonly options: ReadonlyMap<string, string>;
  readonly watermark: TableWatermark | null;
}

/** The first and the last commit, by version or by time; to the newest one without a last. */
export interface ChangeSpan {
  readonly from: number | string;
  readonly to?: number | string;
}

/** A query in DuckDB's spelling. */
export interface TranslatedQuery {
  readonly sql: string;
  /** Offset in the source text of what stands at an offset of `sql`. */
  readonly sourceAt: (sqlAt: number) => number;
  /** Tables by their placeholders. */
  readonly named: ReadonlyMap<string, NamedTable>;
}

/** Collects pieces; a blank goes between them. */
export class SqlOutput {
  readonly named: Map<string, NamedTable>;
  readonly #places: { readonly sqlAt: number; readonly at: number }[] = [];
  #sql = "";

  /** @param named tables that have placeholders already, of a text that this one is to be part of */
  constructor(named: Map<string, NamedTable> = new Map()) {
    this.named = named;
  }

  /** Adds a piece that stands for what is at `at` in the source. */
  push(text: string, at: number): void {
    if (text === "") return;
    this.#places.push({ sqlAt: this.#sql.length, at });
    this.#sql += `${text} `;
  }

  /** A new placeholder for a table. */
  name(table: NamedTable): string {
    const name = `alluvium_named_${this.named.size}`;
    this.named.set(name, table);
    return name;
  }

  finish(): TranslatedQuery {
    const places = this.#places;
    const sourceAt = (sqlAt: number): number => {
      const place = places.findLast((one) => one.sqlAt <= sqlAt);
      return place === undefined ? 0 : place.at + Math.min(sqlAt - place.sqlAt, 0);
    };
    return { sql: this.#sql.trimEnd(), sourceAt, named: this.named };
  }
}
