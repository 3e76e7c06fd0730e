// examples/bookstore.ts: the notebook of a bookstore: a table read as a stream, a view on it, SQL on the view, its result in a table.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AlluviumError, Session } from "../src/index.ts";

const books: readonly (readonly [string, string, string, string, number])[] = [
  ["B01", "The Soul of a New Machine", "Tracy Kidder", "Computer Science", 49],
  ["B02", "Learning JavaScript Design Patterns", "Addy Osmani", "Computer Science", 28],
  ["B03", "Make Your Own Neural Network", "Tariq Rashid", "Computer Science", 35],
  ["B04", "Robot Dynamics and Control", "Mark W. Spong", "Computer Science", 20],
  ["B05", "Soft Computing and Its Applications", "Kumar S. Ray", "Computer Science", 27],
  ["B06", "Structure and Interpretation of Computer Programs", "Harold Abelson", "Computer Science", 55],
  ["B07", "Pride and Prejudice", "Jane Austen", "Fiction", 9],
  ["B08", "Emma", "Jane Austen", "Fiction", 8],
  ["B09", "Frankenstein", "Mary Shelley", "Fiction", 7],
  ["B10", "Dracula", "Bram Stoker", "Fiction", 10],
];

const folder = await mkdtemp(join(tmpdir(), "bookstore-"));
const spark = await Session.open({ warehouse: join(folder, "warehouse") });
try {
  await spark.sql("CREATE TABLE books (book_id STRING, title STRING, author STRING, category STRING, price DOUBLE)");
  const values = books.map(
    ([id, title, author, category, price]) => `("${id}", "${title}", "${author}", "${category}", ${price})`,
  );
  await spark.sql(`INSERT INTO books VALUES ${values.join(", ")}`);
  await notebook(spark, join(folder, "checkpoints"));
} finally {
  await spark.close();
  await rm(folder, { recursive: true, force: true });
}

async function notebook(session: Session, checkpoints: string): Promise<void> {
  session.readStream.table("books").createOrReplaceTempView("books_streaming_tmp_vw");
  for await (const shown of (await session.sql("SELECT * FROM books_streaming_tmp_vw")).live()) {
    console.log(`live: ${shown.rows.length} books in batch ${shown.batchId}`);
    break;
  }
  const counts = await session.sql(
    "SELECT author, count(book_id) AS total_books FROM books_streaming_tmp_vw GROUP BY author",
  );
  counts.createOrReplaceTempView("author_counts_tmp_vw");
  const first = await session
    .table("author_counts_tmp_vw")
    .writeStream.trigger({ processingTime: "4 seconds" })
    .outputMode("complete")
    .option("checkpointLocation", join(checkpoints, "author_counts"))
    .table("author_counts");
  await first.processAllAvailable();
  await first.stop();
  await session.sql(
    "INSERT INTO books VALUES ('B19', 'Introduction to Modeling and Simulation', 'Mark W. Spong', 'Computer Science', 25)",
  );
  const again = await session
    .table("author_counts_tmp_vw")
    .writeStream.trigger({ availableNow: true })
    .outputMode("complete")
    .option("checkpointLocation", join(checkpoints, "author_counts"))
    .table("author_counts");
  await again.awaitTermination();
  await (await session.sql("SELECT * FROM author_counts ORDER BY total_books DESC, author LIMIT 4")).show();
  for (const query of session.streams.active) {
    await query.stop();
    await query.awaitTermination();
  }
  try {
    await session.sql("SELECT * FROM books_streaming_tmp_vw ORDER BY author");
  } catch (error) {
    if (error instanceof AlluviumError) console.log(`refused: ${error.message}`);
  }
}
