// Compiled, never run: a project without Node's types that uses the package as published (dist/index.d.ts).
// It fails when the declarations need an ambient type that the consumer may not have.
import * as alluvium from "alluvium";

export const surface: typeof alluvium = alluvium;

/** A row may be typed by an interface, which has no index signature. */
interface Book {
  readonly id: bigint;
  readonly author: string | null;
}

export const append = (table: alluvium.DeltaTable, books: readonly Book[]): Promise<alluvium.WriteResult> =>
  table.append(books);
export const appendOne = (table: alluvium.DeltaTable, book: Book): Promise<alluvium.WriteResult> => table.append(book);
export const frame = (spark: alluvium.Session, books: AsyncIterable<Book> & Iterable<Book>): alluvium.DataFrame =>
  spark.createDataFrame(books);
// @ts-expect-error -- a text is no row
export const refused = (table: alluvium.DeltaTable): Promise<alluvium.WriteResult> => table.append("no row");
