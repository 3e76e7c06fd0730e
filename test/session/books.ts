// A session over a warehouse of its own, with a table of books, for tests.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { AlluviumError } from "../../src/format/text/error.ts";
import { Session } from "../../src/session/door/session.ts";

/** Opens a session; it and its folder go with the test. */
export async function bookSession(): Promise<Session> {
  const warehouse = mkdtempSync(join(tmpdir(), "alluvium-books-"));
  const spark = await Session.open({ warehouse });
  onTestFinished(async () => {
    await spark.close();
    rmSync(warehouse, { recursive: true, force: true });
  });
  await spark.sql("CREATE TABLE books (book_id STRING, title STRING, author STRING, price DOUBLE)");
  await spark.sql(
    "INSERT INTO books VALUES ('B1', 'Emma', 'Austen', 8), ('B2', 'Dracula', 'Stoker', 10.5), ('B3', 'Persuasion', 'Austen', 7)",
  );
  return spark;
}

/** Rows of a query. */
export async function rowsOf(spark: Session, text: string): Promise<readonly unknown[]> {
  return (await spark.sql(text)).collect();
}

/** The error of a promise, as `CODE: message`. */
export async function errorOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof AlluviumError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
}
