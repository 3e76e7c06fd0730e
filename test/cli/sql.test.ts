// test/cli/sql.test.ts: `alluvium sql`: statements, queries, and queries that follow their tables; `alluvium cat` of a checkpoint.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Session } from "../../src/session/door/session.ts";
import { Running, alluvium, succeed, text } from "./alluvium.ts";

const folder = mkdtempSync(join(tmpdir(), "alluvium-sql-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
let warehouse = "";

const sql = (query: string, ...more: readonly string[]): Promise<string> =>
  text("sql", query, "--warehouse", warehouse, ...more);

/** Statements done in this process, which is quicker than a command. */
async function done(...statements: readonly string[]): Promise<void> {
  await using spark = await Session.open({ warehouse });
  for (const statement of statements) await spark.sql(statement);
}

beforeEach(async () => {
  warehouse = join(folder, String((count += 1)));
  await done(
    "CREATE TABLE books (id BIGINT, author STRING, price DECIMAL(8,2))",
    "INSERT INTO books VALUES (9007199254740993, 'Austen', 8.00), (2, 'Stoker', 10.50), (3, 'Austen', 7.25)",
  );
});

describe("sql", () => {
  test("prints a query's rows as a table, as JSON lines and as CSV, and writes them to a file", async () => {
    const query = "SELECT author, sum(id) AS ids, avg(price) AS mean FROM books GROUP BY author ORDER BY author";
    expect(await sql(query)).toContain("Austen");
    expect(await sql(query, "--format", "jsonl")).toBe(
      '{"author":"Austen","ids":9007199254740996,"mean":"7.625000"}\n{"author":"Stoker","ids":2,"mean":"10.500000"}\n',
    );
    expect(await sql(query, "--format", "csv")).toBe(
      "author,ids,mean\nAusten,9007199254740996,7.625000\nStoker,2,10.500000\n",
    );
    const path = join(folder, "out.csv");
    expect(await sql(query, "--format", "csv", "--output", path)).toBe("");
    expect(readFileSync(path, "utf8")).toContain("Stoker,2,10.500000");
  });

  test("each value stands under the name of its column, whatever that name is and how often it comes", async () => {
    const numbers = "SELECT 'x' AS b, 'y' AS `1`, 'z' AS `0`";
    expect(await sql(numbers, "--format", "csv")).toBe("b,1,0\nx,y,z\n");
    expect(await sql(numbers, "--format", "jsonl")).toBe('{"b":"x","1":"y","0":"z"}\n');
    const twice = "SELECT 1 AS a, 2 AS a";
    expect(await sql(twice, "--format", "csv")).toBe("a,a\n1,2\n");
    expect(await sql(twice)).toContain("| 1 | 2 |");
    const refused = await alluvium("sql", twice, "--warehouse", warehouse, "--format", "jsonl");
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("DELTA_DUPLICATE_COLUMNS_FOUND") });
  });

  test("does a statement, and the next command knows its table and its view", async () => {
    expect(await sql("DELETE FROM books WHERE author = 'Stoker'", "--format", "jsonl")).toContain(
      '"num_affected_rows":1',
    );
    await sql("CREATE VIEW austen AS SELECT id FROM books WHERE author = 'Austen'");
    expect(await sql("SELECT count(*) AS n FROM austen", "--format", "jsonl")).toBe('{"n":2}\n');
    expect(await sql("SHOW VIEWS", "--format", "csv")).toContain("austen");
    expect(await sql("SELECT count(*) AS n FROM books VERSION AS OF 0", "--format", "jsonl")).toBe('{"n":0}\n');
  });

  test("a table that lies elsewhere is known by its name to every command", async () => {
    const location = join(folder, `elsewhere-${count}`);
    await done(`CREATE TABLE far LOCATION '${location}' AS SELECT id, author FROM books`);
    expect(await text("cat", "far", "--warehouse", warehouse, "--format", "csv", "--where", "id = 2")).toBe(
      "id,author\n2,Stoker\n",
    );
    const checkpoint = join(folder, `checkpoint-${count}`);
    await done("CREATE VIEW seen AS SELECT 1 AS x");
    const refused = await alluvium(
      "stream",
      "far",
      "seen",
      "--warehouse",
      warehouse,
      "--checkpoint",
      `${checkpoint}-2`,
    );
    expect(refused.stderr).toMatch(/^error: EXPECT_TABLE_NOT_VIEW: seen is a view/);
    await succeed("stream", "far", "near", "--warehouse", warehouse, "--checkpoint", checkpoint, "--trigger", "once");
    expect(await sql("SELECT count(*) AS n FROM near", "--format", "jsonl")).toBe('{"n":3}\n');
  });

  test("a mistake goes to standard error with its place, and the status is 1", async () => {
    const { status, stdout, stderr } = await alluvium("sql", "SELECT athor FROM books", "--warehouse", warehouse);
    expect([status, stdout.toString()]).toEqual([1, ""]);
    expect(stderr).toBe(
      'error: UNRESOLVED_COLUMN: there is no column "athor" at line 1, column 8. Did you mean "author"? The columns are: id, author, price.\n',
    );
    expect((await alluvium("sql")).status).toBe(2);
  });
});

describe("sql --follow", () => {
  const follow = (query: string): Running =>
    new Running(["sql", query, "--follow", "--format", "jsonl", "--warehouse", warehouse]);

  test("shows the rows that are there, then those that come, until it is told to end", async () => {
    using running = follow("SELECT id, author FROM books WHERE price > 8");
    await running.until((said) => said.includes("Stoker"));
    await done("INSERT INTO books VALUES (5, 'Shelley', 9), (6, 'Cheap', 1)");
    await running.until((said) => said.includes("Shelley"));
    running.signal("SIGINT");
    const { status, stdout, stderr } = await running.outcome();
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout.toString()).toBe('{"id":2,"author":"Stoker"}\n{"id":5,"author":"Shelley"}\n');
  });

  test("shows the whole result of an aggregation anew when it changes", async () => {
    using running = follow("SELECT author, count(*) AS n FROM books GROUP BY author ORDER BY author");
    await running.until((said) => said.includes("Stoker"));
    await done("INSERT INTO books VALUES (5, 'Austen', 9)");
    await running.until((said) => said.includes('"n":3'));
    await running.until((said) => said.split("Stoker").length === 3);
    running.signal("SIGTERM");
    const { stdout } = await running.outcome();
    expect(stdout.toString().trimEnd().split("\n")).toEqual([
      '{"author":"Austen","n":2}',
      '{"author":"Stoker","n":1}',
      '{"author":"Austen","n":3}',
      '{"author":"Stoker","n":1}',
    ]);
  });

  test("what would go to a file, or in a format of a whole result, is refused", async () => {
    for (const more of [
      ["--output", join(folder, "followed.jsonl")],
      ["--format", "csv"],
    ]) {
      const { status, stderr } = await alluvium(
        "sql",
        "SELECT * FROM books",
        "--follow",
        ...more,
        "--warehouse",
        warehouse,
      );
      expect([status, stderr]).toEqual([1, expect.stringMatching(/^error: INVALID_ARGUMENT: --follow /u)]);
    }
  });

  test("what a stream cannot do is refused at once", async () => {
    const { status, stderr } = await alluvium(
      "sql",
      "SELECT * FROM books ORDER BY id",
      "--follow",
      "--warehouse",
      warehouse,
    );
    expect(status).toBe(1);
    expect(stderr).toContain("sorting (ORDER BY) is not supported on a stream");
  });
});

describe("cat of a checkpoint", () => {
  test("prints the state of the query, after the last batch or after one before", async () => {
    const checkpoint = join(warehouse, "_checkpoint");
    const stream = ["stream", join(warehouse, "books"), join(warehouse, "counts"), "--checkpoint", checkpoint];
    const query = ["--sql", "SELECT author, count(*) AS n FROM source GROUP BY author", "--output-mode", "complete"];
    await succeed(...stream, ...query, "--trigger", "available-now");
    await done("INSERT INTO books VALUES (7, 'Stoker', 1)");
    await succeed(...stream, ...query, "--trigger", "available-now");
    const state = async (...more: readonly string[]): Promise<readonly string[]> =>
      (await text("cat", checkpoint, "--format", "jsonl", ...more)).trimEnd().split("\n").toSorted();
    expect(await state()).toEqual([
      '{"key":{"k0":"Austen"},"value":{"p0_0":2},"partition_id":0}',
      '{"key":{"k0":"Stoker"},"value":{"p0_0":2},"partition_id":0}',
    ]);
    expect(await state("--version", "0", "--where", "key.k0 = 'Stoker'", "--columns", "value")).toEqual([
      '{"value":{"p0_0":1}}',
    ]);
    const { status, stderr } = await alluvium("cat", checkpoint, "--store", "nothing");
    expect([status, stderr]).toEqual([
      1,
      'error: STDS_INVALID_OPTION_VALUE: option storeName of the state is "nothing", but operator 0 has groups\n',
    ]);
  });
});
