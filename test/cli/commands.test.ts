// test/cli/commands.test.ts: the commands about one table, as a child process sees them.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import { Running, alluvium, json, succeed, text } from "./alluvium.ts";

const folder = mkdtempSync(join(tmpdir(), "alluvium-test-"));
const sql = duckdbEngine();
afterAll(async () => {
  await sql.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const books = join(folder, "books");

/** `books`: 3 rows in 2 commits, partitioned by author; `big` is beyond what a double holds. */
beforeAll(async () => {
  const schema = write("schema.txt", "id BIGINT NOT NULL, big BIGINT, author STRING, note STRING, price DOUBLE");
  await succeed(
    "create",
    books,
    "--schema",
    schema,
    "--partition-by",
    "author",
    "--property",
    "delta.checkpointInterval=5",
    "--comment",
    "all books",
  );
  const first = write(
    "a.jsonl",
    '{"id":1,"big":9223372036854775807,"author":"A","note":"plain","price":1.5}\n{"id":2,"big":null,"author":null,"note":"comma, \\"quote\\"\\nline","price":null}\n',
  );
  await succeed("append", books, first);
  await succeed("append", books, write("b.csv", "id,author,note\n3,B,\n"));
});

const sortedLines = (output: string): readonly string[] => output.trimEnd().split("\n").toSorted();

describe("cat", () => {
  test("as JSON lines keeps 64-bit integers whole, and nulls", async () => {
    expect(sortedLines(await text("cat", books, "--format", "jsonl"))).toEqual([
      '{"id":1,"big":9223372036854775807,"author":"A","note":"plain","price":1.5}',
      '{"id":2,"big":null,"author":null,"note":"comma, \\"quote\\"\\nline","price":null}',
      '{"id":3,"big":null,"author":"B","note":null,"price":null}',
    ]);
  });

  test("as CSV quotes what needs it; null is empty", async () => {
    const output = await text("cat", books, "--format", "csv", "--columns", "id,note", "--where", "id < 3");
    expect(output.startsWith("id,note\n")).toBe(true);
    expect(output).toContain("1,plain\n");
    expect(output).toContain('2,"comma, ""quote""\nline"\n');
    expect(await text("cat", books, "--format", "csv", "--columns", "id,note", "--where", "id = 3")).toBe(
      "id,note\n3,\n",
    );
  });

  test("as Arrow is an IPC stream with the table's types, on standard output and in a file", async () => {
    const table = tableFromIPC(await succeed("cat", books, "--format", "arrow"));
    expect(table.numRows).toBe(3);
    expect(table.schema.fields.map(({ name, type }) => `${name} ${String(type)}`)).toEqual([
      "id Int64",
      "big Int64",
      "author Utf8",
      "note Utf8",
      "price Float64",
    ]);
    const output = join(folder, "out.arrow");
    expect(await text("cat", books, "--format", "arrow", "--output", output, "--where", "id = 0")).toBe("");
    expect(tableFromIPC(readFileSync(output)).schema.names).toEqual(table.schema.names);
  });

  test("as Parquet is a file that any reader takes", async () => {
    const output = join(folder, "out.parquet");
    expect(await text("cat", books, "--format", "parquet", "--output", output)).toBe("");
    await using connection = await sql.connect();
    const rows = await connection.rows(`SELECT sum(id) AS ids, max(big) AS big FROM '${output}'`);
    expect([Number(rows[0]?.["ids"]), rows[0]?.["big"]]).toEqual([6, 9223372036854775807n]);
    expect((await alluvium("cat", books, "--format", "parquet")).stderr).toMatch(
      /^error: INVALID_ARGUMENT: .*--output/u,
    );
  });

  test("draws a table for people, and takes version, columns in any case and limit", async () => {
    const output = await text("cat", books, "--version", "1", "--columns", "ID", "--where", "id = 1");
    expect(output).toBe("+----+\n| id |\n+----+\n| 1  |\n+----+\n");
    expect((await text("cat", books, "--format", "jsonl", "--limit", "2")).trimEnd().split("\n")).toHaveLength(2);
    expect(await text("cat", books, "--format", "jsonl", "--limit", "0")).toBe("");
    expect(await text("cat", books, "--format", "jsonl", "--version", "0")).toBe("");
  });

  test("to a reader that has seen enough is no failure", async () => {
    const many = join(folder, "many");
    await succeed("create", many, "--schema", write("n.txt", "n BIGINT"));
    await succeed("append", many, write("n.csv", `n\n${Array.from({ length: 200_000 }, (_, n) => n).join("\n")}\n`));
    const { spawnSync } = await import("node:child_process");
    const command = `set -o pipefail; "${process.execPath}" build/package/cli.js cat "${many}" --format csv | head -n 1`;
    const result = spawnSync("bash", ["-c", command], { encoding: "utf8" });
    expect([result.stdout, result.stderr, result.status]).toEqual(["n\n", "", 0]);
  });
});

describe("describe and history", () => {
  test("describe --json has the fields of the contract", async () => {
    const found = (await json("describe", books, "--json")) as Readonly<Record<string, unknown>>;
    expect(found).toMatchObject({
      name: null,
      description: "all books",
      location: books,
      version: 2,
      numFiles: 3,
      partitionColumns: ["author"],
      properties: { "delta.checkpointInterval": "5" },
      minReaderVersion: 1,
      minWriterVersion: 2,
      readerFeatures: [],
      writerFeatures: [],
      txns: {},
      domainMetadata: {},
    });
    expect(found["schema"]).toMatchObject({
      type: "struct",
      fields: [{ name: "id", type: "long", nullable: false, metadata: {} }, {}, {}, {}, {}],
    });
    expect(await json("describe", books, "--json", "--version", "0")).toMatchObject({ version: 0, numFiles: 0 });
  });

  test("describe for people names the columns", async () => {
    expect(await text("describe", books)).toMatch(/id bigint NOT NULL/iu);
  });

  test("history --json has the commits, newest first", async () => {
    const found = (await json("history", books, "--json")) as readonly Readonly<Record<string, unknown>>[];
    expect(found.map(({ version, operation }) => [version, operation])).toEqual([
      [2, "WRITE"],
      [1, "WRITE"],
      [0, "CREATE TABLE"],
    ]);
    for (const key of [
      "timestamp",
      "operationParameters",
      "operationMetrics",
      "isBlindAppend",
      "userMetadata",
      "engineInfo",
    ])
      expect(found[0]).toHaveProperty(key);
    expect(await json("history", books, "--json", "--limit", "1")).toHaveLength(1);
    expect(await text("history", books)).toContain("CREATE TABLE");
  });
});

describe("append and delete", () => {
  const table = join(folder, "changing");
  beforeAll(() => succeed("create", table, "--schema", write("changing.txt", "id BIGINT, author STRING")));

  test("append takes standard input, reports as JSON, and writes an application's version once", async () => {
    const append = async (...more: readonly string[]): Promise<unknown> => {
      using running = new Running(["append", table, "-", "--input-format", "jsonl", "--json", ...more]);
      running.input('{"id":1,"author":"A"}\n{"id":2,"author":"B"}\n');
      const { status, stdout, stderr } = await running.outcome();
      expect([status, stderr]).toEqual([0, ""]);
      return JSON.parse(stdout.toString());
    };
    expect(await append("--app-id", "x", "--app-version", "3")).toMatchObject({
      status: "committed",
      version: 1,
      rowCount: 2,
    });
    expect(await append("--app-id", "x", "--app-version", "3")).toMatchObject({
      status: "already-committed",
      version: 1,
    });
    expect(await append("--mode", "overwrite")).toMatchObject({ status: "committed", version: 2, rowCount: 2 });
    expect((await text("cat", table, "--format", "jsonl")).trimEnd().split("\n")).toHaveLength(2);
  });

  test("append --merge-schema adds the columns of Parquet files", async () => {
    const file = join(folder, "more.parquet");
    await using connection = await sql.connect();
    await connection.run(
      `COPY (SELECT 3::BIGINT AS id, 'C' AS author, 1.5::DOUBLE AS price) TO '${file}' (FORMAT parquet)`,
    );
    expect((await alluvium("append", table, file)).stderr).toMatch(/^error: DELTA_METADATA_MISMATCH: /u);
    await succeed("append", table, file, "--merge-schema");
    expect(await text("cat", table, "--format", "jsonl", "--where", "price > 1")).toBe(
      '{"id":3,"author":"C","price":1.5}\n',
    );
  });

  test("delete --dry-run counts and changes nothing; delete takes rows away; --all takes all", async () => {
    expect(await json("delete", table, "--where", "author = 'A'", "--dry-run", "--json")).toMatchObject({
      deletedRowCount: 1,
      dryRun: true,
    });
    expect(await json("delete", table, "--where", "author = 'A'", "--json")).toMatchObject({
      deletedRowCount: 1,
      version: 4,
    });
    expect((await alluvium("delete", table)).stderr).toMatch(/^error: INVALID_ARGUMENT: .*--where/u);
    await succeed("delete", table, "--all");
    expect(await text("cat", table, "--format", "jsonl")).toBe("");
  });

  test("alter changes columns, properties and constraints, one commit each", async () => {
    const { version: before } = (await json("describe", table, "--json")) as { version: number };
    const changes = [
      "SET TBLPROPERTIES ('delta.columnMapping.mode' = 'name')",
      "RENAME COLUMN author TO writer",
      "ADD COLUMN pages INT",
    ];
    expect(await json("alter", table, ...changes, "--json")).toEqual({ version: before + 3 });
    expect(await text("describe", table, "--json")).toContain("writer");
    expect((await alluvium("alter", table, "ADD CONSTRAINT")).stderr).toMatch(/^error: PARSE_SYNTAX_ERROR: /u);
    expect(await json("alter", table, "RENAME COLUMN writer TO author", "--json")).toEqual({ version: before + 4 });
  });

  test("a table may be a name in a warehouse, before or after the command", async () => {
    expect(await text("cat", "books", "--warehouse", folder, "--format", "jsonl", "--where", "id = 3")).toContain(
      '"id":3',
    );
    expect(await text("--warehouse", folder, "cat", "books", "--format", "jsonl", "--where", "id = 3")).toContain(
      '"id":3',
    );
  });
});

describe("failures are one line with a code, on standard error alone", () => {
  const cases: readonly [string, number, string, readonly string[]][] = [
    ["no table", 1, "TABLE_NOT_FOUND", ["cat", join(folder, "nowhere")]],
    ["no such version", 1, "VERSION_NOT_FOUND", ["cat", books, "--version", "99"]],
    ["a time before the table", 1, "TIMESTAMP_OUT_OF_RANGE", ["cat", books, "--timestamp", "1999-01-01"]],
    ["a time that is none", 1, "INVALID_ARGUMENT", ["cat", books, "--timestamp", "soon"]],
    ["no such column", 1, "COLUMN_NOT_FOUND", ["cat", books, "--columns", "pages"]],
    ["a broken predicate", 1, "INVALID_PREDICATE", ["cat", books, "--where", "id >"]],
    ["an unknown format", 1, "INVALID_ARGUMENT", ["cat", books, "--format", "xml"]],
    ["a file that is not there", 1, "FILE_NOT_FOUND", ["append", books, join(folder, "no.csv")]],
    [
      "a table that is there",
      1,
      "DELTA_TABLE_ALREADY_EXISTS",
      ["create", books, "--schema", join(folder, "schema.txt")],
    ],
    [
      "an unknown source option",
      1,
      "DELTA_ILLEGAL_OPTION",
      ["stream", books, join(folder, "x"), "--checkpoint", join(folder, "cp"), "--option", "ignoreDelete=true"],
    ],
    ["an unknown command", 2, "INVALID_ARGUMENT", ["cta", books]],
    ["an unknown option", 2, "INVALID_ARGUMENT", ["cat", books, "--verison", "1"]],
    ["a missing argument", 2, "INVALID_ARGUMENT", ["cat"]],
    ["a missing option", 2, "INVALID_ARGUMENT", ["create", join(folder, "x")]],
    ["no command", 2, "INVALID_ARGUMENT", []],
  ];
  const failures = cases.map(([what, status, code, args]) => ({ what, status, code, args }));
  test.each(failures)("$what: status $status, $code", async ({ status, code, args }) => {
    const outcome = await alluvium(...args);
    expect([outcome.status, outcome.stdout.toString()]).toEqual([status, ""]);
    expect(outcome.stderr).toMatch(new RegExp(`^error: ${code}: [^\\n]+\\n$`, "u"));
  });

  test("a slip in an option or command is told what was meant", async () => {
    expect((await alluvium("cat", books, "--verison", "1")).stderr).toContain("--version");
    expect((await alluvium("histroy", books)).stderr).toContain("history");
  });

  test("--verbose adds the stack after the line", async () => {
    const { stderr } = await alluvium("cat", join(folder, "nowhere"), "--verbose");
    expect(stderr.split("\n")[0]).toMatch(/^error: TABLE_NOT_FOUND: /u);
    expect(stderr).toMatch(/\n\s+at /u);
  });

  test("a failed write leaves the table as it was", async () => {
    const before = await text("history", books, "--json");
    expect((await alluvium("append", books, write("bad.jsonl", '{"id":4}\n{"id":"five"}\n'))).status).toBe(1);
    expect(await text("history", books, "--json")).toBe(before);
  });
});

test("help goes to standard output with status 0, for the program and for each command", async () => {
  const program = await text("--help");
  for (const command of ["cat", "describe", "history", "create", "append", "delete", "stream", "tail"]) {
    expect(program).toContain(`  ${command} `);
    expect(await text(command, "--help")).toContain(`Usage: alluvium ${command}`);
  }
  expect(existsSync(join(folder, "x"))).toBe(false);
});
