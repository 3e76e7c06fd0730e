// sql/sql-output.ts: DuckDB text as it grows, remembering where in the Spark text each piece came from.

/** A table at a time in its past, named in the text by a placeholder. */
export interface TimeTravel {
  readonly parts: readonly string[];
  readonly version?: number;
  readonly timestamp?: string;
}

/** A query in DuckDB's spelling. */
export interface TranslatedQuery {
  readonly sql: string;
  /** Offset in the source text of what stands at an offset of `sql`. */
  readonly sourceAt: (sqlAt: number) => number;
  /** Placeholders in place of tables at a version or a time. */
  readonly travels: ReadonlyMap<string, TimeTravel>;
}

/** Collects pieces; a blank goes between them. */
export class SqlOutput {
  readonly travels: Map<string, TimeTravel> = new Map();
  readonly #places: { readonly sqlAt: number; readonly at: number }[] = [];
  #sql = "";

  /** Adds a piece that stands for what is at `at` in the source. */
  push(text: string, at: number): void {
    if (text === "") return;
    this.#places.push({ sqlAt: this.#sql.length, at });
    this.#sql += `${text} `;
  }

  /** A new placeholder for a table of the past. */
  travel(travel: TimeTravel): string {
    const name = `alluvium_past_${this.travels.size}`;
    this.travels.set(name, travel);
    return name;
  }

  finish(): TranslatedQuery {
    const places = this.#places;
    const sourceAt = (sqlAt: number): number => {
      const place = places.findLast((one) => one.sqlAt <= sqlAt);
      return place === undefined ? 0 : place.at + Math.min(sqlAt - place.sqlAt, 0);
    };
    return { sql: this.#sql.trimEnd(), sourceAt, travels: this.travels };
  }
}
