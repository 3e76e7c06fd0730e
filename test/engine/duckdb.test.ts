// DuckDB behind its door: values, errors with codes, streams, interrupts.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { rowsFromBatch } from "../../src/engine/arrow/arrow-rows.ts";
import { sqlErrorClass, sqlErrorMessage } from "../../src/engine/duckdb/duckdb-error.ts";
import { duckdbType } from "../../src/engine/duckdb/duckdb-type.ts";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import { sqlFilePath, sqlFilePaths, sqlIdentifier, sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import { schemas } from "./arbitrary-rows.ts";
import { schemaOf } from "./schema-helpers.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const sql = duckdbEngine();
afterAll(() => sql.close());

async function errorOf(text: string): Promise<unknown> {
  await using connection = await sql.connect();
  return await connection.run(text).then(
    () => "no error",
    (error: unknown) => error,
  );
}

test("rows hold 64-bit integers as bigint, decimals as text, times as microseconds, nested values nested", async () => {
  await using connection = await sql.connect();
  const rows =
    await connection.rows(`SELECT 1::INTEGER AS i, 9007199254740993::BIGINT AS l, 0.5::DOUBLE AS d, 12345678901234567890.12::DECIMAL(38,2) AS dec,
    DATE '1970-01-02' AS day, TIMESTAMPTZ '1970-01-01 00:00:01.000001+00' AS t, '\\x00\\xFF'::BLOB AS b, [1, NULL] AS list, {'a': 'x'} AS s, MAP {'k': 2::BIGINT} AS m, NULL AS n`);
  expect(rows).toEqual([
    {
      i: 1,
      l: 9007199254740993n,
      d: 0.5,
      dec: "12345678901234567890.12",
      day: 1,
      t: 1_000_001n,
      b: Uint8Array.of(0, 255),
      list: [1, null],
      s: { a: "x" },
      m: new Map([["k", 2n]]),
      n: null,
    },
  ]);
});

test("the time zone is UTC, whatever the machine's is", async () => {
  await using connection = await sql.connect();
  expect(
    await connection.rows(
      "SELECT CAST(TIMESTAMPTZ '2024-07-01 12:00:00+02' AS VARCHAR) AS t, hour(TIMESTAMPTZ '2024-07-01 12:00:00+02') AS h",
    ),
  ).toEqual([{ t: "2024-07-01 10:00:00+00", h: 10n }]);
});

test("temporary objects belong to one connection", async () => {
  await using first = await sql.connect();
  await using second = await sql.connect();
  await first.run("CREATE TEMP TABLE mine AS SELECT 1 AS x");
  await expect(second.rows("SELECT * FROM mine")).rejects.toThrow(/mine/);
});

test("batches stream a result of many chunks with nulls, text long and short, and nested values", async () => {
  await using connection = await sql.connect();
  const schema = schemaOf({
    id: "long",
    text: "string",
    flag: "boolean",
    list: { kind: "array", elementType: { kind: "primitive", name: "string" }, containsNull: true },
    dec: { kind: "decimal", precision: 9, scale: 3 },
  });
  const query = `SELECT range AS id, CASE WHEN range % 5 = 0 THEN NULL WHEN range % 2 = 0 THEN 's' || range ELSE repeat('lönger ', 5) || range END AS text,
    CASE WHEN range % 11 = 0 THEN NULL ELSE range % 3 = 0 END AS flag, CASE WHEN range % 7 = 0 THEN NULL WHEN range % 7 = 1 THEN [] ELSE ['e' || range, NULL] END AS list,
    (range - 5000)::DECIMAL(9,3) / 8 AS dec FROM range(80000) WHERE range % 13 <> 0`;
  let index = 0;
  let batchCount = 0;
  for await (const batch of connection.batches(
    `SELECT id, text, flag, list, dec::DECIMAL(9,3) AS dec FROM (${query}) ORDER BY id`,
    schema,
  )) {
    batchCount += 1;
    for (const row of rowsFromBatch(batch, schema)) {
      if (index % 13 === 0) index += 1;
      const text = index % 5 === 0 ? null : index % 2 === 0 ? `s${index}` : `${"lönger ".repeat(5)}${index}`;
      const list = index % 7 === 0 ? null : index % 7 === 1 ? [] : [`e${index}`, null];
      expect(row).toEqual({
        id: BigInt(index),
        text,
        flag: index % 11 === 0 ? null : index % 3 === 0,
        list,
        dec: ((index - 5000) / 8).toFixed(3),
      });
      index += 1;
    }
  }
  expect(index).toBe(80_000);
  expect(batchCount).toBeGreaterThan(1);
});

test("a stream may be left early, and the connection used again", async () => {
  await using connection = await sql.connect();
  for await (const batch of connection.batches("SELECT range AS id FROM range(100000000)", schemaOf({ id: "long" }))) {
    expect(batch.numRows).toBeGreaterThan(0);
    break;
  }
  expect(await connection.rows("SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("rows without columns are as many as the query gives", async () => {
  await using connection = await sql.connect();
  const counts: number[] = [];
  for await (const batch of connection.batches("SELECT 1 FROM range(3)", schemaOf({}))) {
    expect(batch.numCols).toBe(0);
    counts.push(batch.numRows);
  }
  expect(counts).toEqual([3]);
});

test("a query whose columns are not of the schema's types is refused", async () => {
  await using connection = await sql.connect();
  const batches = connection.batches("SELECT 1::INTEGER AS id", schemaOf({ id: "long" }))[Symbol.asyncIterator]();
  await expect(batches.next()).rejects.toMatchObject({
    code: "INTERNAL_ERROR",
    message: expect.stringContaining("INTEGER") as unknown,
  });
});

test("every Delta type has a DuckDB type that DuckDB prints back as it was given", async () => {
  await using connection = await sql.connect();
  await fc.assert(
    fc.asyncProperty(schemas(), async (schema) => {
      const columns = schema.fields
        .map((field) => `CAST(NULL AS ${duckdbType(field.type)}) AS ${sqlIdentifier(field.name)}`)
        .join(", ");
      for await (const batch of connection.batches(`SELECT ${columns}`, schema)) expect(batch.numRows).toBe(1);
    }),
    { seed: 4, numRuns: 100 },
  );
});

test("errors carry the code that says what to do, and the file they are about", async () => {
  const folder = temporaryFolder();
  const absent = join(folder, "absent.parquet");
  expect(await errorOf(`SELECT * FROM read_parquet(${sqlFilePaths([absent])})`)).toMatchObject({
    code: "FILE_NOT_FOUND",
    context: { path: absent },
  });
  const empty = join(folder, "empty.parquet");
  writeFileSync(empty, "");
  expect(await errorOf(`SELECT * FROM read_parquet(${sqlFilePath(empty)})`)).toMatchObject({
    code: "CORRUPT_FILE",
    context: { path: empty },
  });
  expect(await errorOf("SELECT CAST('abc' AS INTEGER)")).toMatchObject({ code: "CAST_INVALID_INPUT" });
  expect(await errorOf("SELECT CAST(300 AS TINYINT)")).toMatchObject({ code: "CAST_INVALID_INPUT" });
  expect(await errorOf("COPY (SELECT range FROM range(100000)) TO '/dev/full' (FORMAT parquet)")).toMatchObject({
    code: "DISK_FULL",
  });
  expect(await errorOf("SELECT * FROM 'https://example.invalid/f.parquet'")).toMatchObject({ code: "INTERNAL_ERROR" });
});

test("errors of the statement itself can be told apart, with DuckDB's own words", async () => {
  for (const text of [
    "SELECT nothing",
    "SELEC 1",
    "SELECT nosuch(1)",
    "SELECT * FROM nosuch",
    "SELECT 'a' + INTERVAL 1 DAY + TRUE",
  ]) {
    const error = await errorOf(text);
    expect([text, sqlErrorClass(error)]).toEqual([text, "statement"]);
    expect(sqlErrorMessage(error)).not.toContain("LINE 1");
  }
  expect(sqlErrorClass(await errorOf("SELECT CAST('x' AS DATE)"))).toBe("value");
  expect(sqlErrorClass(new Error("other"))).toBeUndefined();
});

test("a damaged Parquet file is CORRUPT_FILE wherever the damage is, and never rows of another type of error", async () => {
  const path = join(temporaryFolder(), "damaged.parquet");
  await using connection = await sql.connect();
  await connection.run(
    `COPY (SELECT range AS id, 'text ' || range AS text FROM range(2000)) TO ${sqlFilePath(path)} (FORMAT parquet)`,
  );
  const bytes = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      async (damages) => {
        const damaged = Buffer.from(bytes);
        for (const [at, byte] of damages) damaged[at] = byte;
        writeFileSync(path, damaged);
        const code = await connection.rows(`SELECT * FROM read_parquet(${sqlFilePath(path)})`).then(
          () => "no error",
          (error: unknown) => (error as { code?: unknown }).code,
        );
        expect(["no error", "CORRUPT_FILE"]).toContain(code);
      },
    ),
    { seed: 6, numRuns: 300 },
  );
});

test("an interrupted statement rejects with CLOSED, and the connection works on", async () => {
  await using connection = await sql.connect();
  const running = connection.rows("SELECT count(*) FROM range(10000000000) a, range(1000) b");
  setTimeout(() => connection.interrupt(), 50);
  await expect(running).rejects.toMatchObject({ code: "CLOSED" });
  expect(await connection.rows("SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("closing the engine stops what runs, and nothing can be asked afterwards", async () => {
  const own = duckdbEngine({ threads: 1 });
  const connection = await own.connect();
  const running = connection
    .rows("SELECT count(*) FROM range(10000000000) a, range(1000) b")
    .catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await own.close();
  expect(await running).toMatchObject({ code: "CLOSED" });
  await expect(connection.run("SELECT 1")).rejects.toMatchObject({ code: "CLOSED" });
  await expect(own.connect()).rejects.toMatchObject({ code: "CLOSED" });
});

test("a statement that needs more memory than allowed spills, or fails with OUT_OF_MEMORY", async () => {
  const own = duckdbEngine({ threads: 1, memoryLimitBytes: 40 * 2 ** 20 });
  await using connection = await own.connect();
  const outcome = await connection.rows("SELECT list(range ORDER BY hash(range)) AS l FROM range(20000000)").then(
    () => "no error",
    (error: unknown) => (error as { code?: unknown }).code,
  );
  expect(["OUT_OF_MEMORY", "DISK_FULL"]).toContain(outcome);
  await connection[Symbol.asyncDispose]();
  await own.close();
});

test("text, bytes, numbers and names survive quoting, whatever they hold", async () => {
  await using connection = await sql.connect();
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: fc.constantFrom("'", '"', "\\", "\0", "\n", "x", "é", "$", ";") }),
  );
  const name = text.filter((found) => found !== "" && !found.includes("\0"));
  const number = fc.oneof(fc.double({ noNaN: true }), fc.integer());
  const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  await fc.assert(
    fc.asyncProperty(fc.tuple(text, name, fc.uint8Array(), number, long, fc.boolean()), async ([t, n, b, d, l, f]) => {
      const literals = [t, b, l, f].map((value) => sqlLiteral(value));
      const rows = await connection.rows(
        `SELECT ${literals[0]} AS ${sqlIdentifier(n)}, ${literals[1]} AS b_, ${literals[2]}::BIGINT AS l_, ${literals[3]} AS f_, ${sqlLiteral(d)}::DOUBLE AS d_, ${sqlLiteral(null)} AS n_`,
      );
      expect(Object.values(rows[0] ?? {})).toEqual([t, b, l, f, d, null]);
      expect(Object.keys(rows[0] ?? {})[0]).toBe(n);
    }),
    {
      seed: 8,
      numRuns: 300,
      examples: [
        [["", "a", new Uint8Array(), -0, -(2n ** 63n), true]],
        [["'", '"', Uint8Array.of(39, 92, 0), 5e-324, 2n ** 63n - 1n, false]],
      ],
    },
  );
});

test("characters of file patterns in a path mean themselves", async () => {
  const folder = temporaryFolder();
  await using connection = await sql.connect();
  for (const [index, name] of ["a*b", "a[1]b", "a?b", "axb", "a1b", "a'b%41"].entries()) {
    await connection.run(
      `COPY (SELECT ${index} AS i) TO ${sqlLiteral(join(folder, `${name}.parquet`))} (FORMAT parquet)`,
    );
  }
  for (const [index, name] of ["a*b", "a[1]b", "a?b", "axb", "a1b", "a'b%41"].entries()) {
    expect(
      await connection.rows(`SELECT i FROM read_parquet(${sqlFilePath(join(folder, `${name}.parquet`))})`),
    ).toEqual([{ i: index }]);
  }
  await expect(
    connection.rows(`SELECT i FROM read_parquet(${sqlFilePath(join(folder, "a?.parquet"))})`),
  ).rejects.toMatchObject({ code: "FILE_NOT_FOUND", context: { path: join(folder, "a?.parquet") } });
});
