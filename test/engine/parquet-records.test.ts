// Footers, and the rows that are few among nulls, read without DuckDB: they say what DuckDB says, and damage hurts nobody.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { sqlFilePath, sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import { AlluviumError } from "../../src/format/text/error.ts";
import { formatJson, parseJson } from "../../src/format/text/json-int64.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const engine = localEngine();
afterAll(() => engine[Symbol.asyncDispose]());

const text = fc.string({ unit: "grapheme", maxLength: 8 }).filter((value) => !value.includes("\0"));
const optional = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { freq: 2 });
const whole = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => value as bigint | number);

const record = fc.record({
  id: text,
  size: optional(whole),
  flag: optional(fc.boolean()),
  format: optional(fc.record({ provider: optional(text), level: optional(fc.integer()) })),
  names: optional(fc.array(optional(text), { maxLength: 3 })),
  tags: optional(fc.dictionary(text, optional(text), { maxKeys: 3 })),
});

const rowType = `STRUCT(id VARCHAR, size BIGINT, flag BOOLEAN, format STRUCT(provider VARCHAR, level INTEGER), names VARCHAR[], tags MAP(VARCHAR, VARCHAR))`;

/** Absent and null are one and the same. */
function withoutNulls(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, content]) => content !== null);
  return new Map(kept.map(([name, content]): [string, unknown] => [name, withoutNulls(content)]));
}

interface Written {
  readonly path: string;
  readonly rows: readonly unknown[];
}

async function write(name: string, rows: readonly unknown[], options: string): Promise<Written> {
  const path = join(temporaryFolder(), name);
  const lines = rows.map((row) => formatJson({ meta: row, other: null } as never)).join("\n");
  const shape = sqlLiteral(JSON.stringify({ meta: shapeOfRow }));
  await using connection = await engine.sql.connect();
  await connection.run(
    `COPY (SELECT row.meta::${rowType} AS meta, i AS other FROM (SELECT unnest(string_split(${sqlLiteral(lines)}, chr(10))) AS line, generate_subscripts(string_split(${sqlLiteral(lines)}, chr(10)), 1) AS i), LATERAL (SELECT from_json(line, ${shape}) AS row)) TO ${sqlLiteral(path)} (FORMAT parquet, ${options})`,
  );
  return { path, rows };
}

const shapeOfRow = {
  id: "VARCHAR",
  size: "BIGINT",
  flag: "BOOLEAN",
  format: { provider: "VARCHAR", level: "INTEGER" },
  names: ["VARCHAR"],
  tags: "MAP(VARCHAR, VARCHAR)",
};

const readable = ["uncompressed", "snappy", "gzip"].map((codec) => `COMPRESSION ${codec}`);
const layouts = fc.constantFrom(...readable, "COMPRESSION snappy, ROW_GROUP_SIZE 2048");

test("rows that are few among nulls are what was written, however they are packed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(optional(record), { minLength: 1, maxLength: 12 }), layouts, async (rows, options) => {
      // Nulls before and behind, so that row groups without any row are passed over.
      const padding = Array.from({ length: options.includes("2048") ? 3000 : 5 }, () => null);
      const { path } = await write("few.parquet", [...padding, ...rows, ...padding], options);
      const metadata = await engine.parquet.metadata(path);
      const found = await engine.parquet.records(path, { metadata, columns: ["meta"] });
      const expected = rows.flatMap((row, index) =>
        row === null ? [] : [[padding.length + index, withoutNulls(row)]],
      );
      expect(found?.map(({ row, value }) => [row, withoutNulls(value)])).toEqual(expected);
    }),
    { seed: 41, numRuns: 60 },
  );
});

test("what is packed in another way is left to DuckDB", async () => {
  for (const options of ["COMPRESSION zstd", "COMPRESSION lz4_raw", "COMPRESSION brotli"]) {
    const { path } = await write("other.parquet", [{ id: "a" }, null, { id: "b", size: 7 }], options);
    const metadata = await engine.parquet.metadata(path);
    expect(await engine.parquet.records(path, { metadata, columns: ["meta"] })).toBeNull();
  }
});

test("a footer says of columns, rows and nulls what DuckDB reads in it", async () => {
  const rows = Array.from({ length: 5000 }, (_, index) => (index % 7 === 0 ? { id: `id${index}`, size: index } : null));
  const { path } = await write("footer.parquet", rows, "ROW_GROUP_SIZE 2048");
  const { leaves, rowGroups } = await engine.parquet.metadata(path);
  await using connection = await engine.sql.connect();
  const asked = await connection.rows(
    `SELECT row_group_id::INTEGER AS id, row_group_num_rows::INTEGER AS rows, path_in_schema AS path, num_values::INTEGER AS count, stats_null_count::INTEGER AS nulls FROM parquet_metadata(${sqlFilePath(path)}) ORDER BY row_group_id, column_id`,
  );
  const told = rowGroups.flatMap(({ rowCount, chunks }, id) =>
    chunks.map(({ valueCount, nullCount }, leaf) => ({
      id,
      rows: rowCount,
      path: leaves[leaf]?.join(", "),
      count: valueCount,
      nulls: nullCount,
    })),
  );
  expect(told).toEqual(asked);
});

test("whatever byte is damaged, reading ends, in rows, in nothing, or in an error that names the file", async () => {
  const rows = [{ id: "one", size: 1n, names: ["a", null], tags: { k: "v" } }, null, { id: "two", flag: true }];
  const { path } = await write("damaged.parquet", rows, "COMPRESSION snappy");
  const intact = readFileSync(path);
  const copy = `${path}.copy`;
  for (let at = 0; at < intact.length; at += 1) {
    const bytes = Buffer.from(intact);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
    writeFileSync(copy, bytes);
    try {
      const metadata = await engine.parquet.metadata(copy);
      await engine.parquet.records(copy, { metadata, columns: ["meta"] });
    } catch (cause) {
      if (!(cause instanceof AlluviumError)) throw cause;
      expect([cause.code, cause.context["path"]]).toEqual(["CORRUPT_FILE", copy]);
    }
  }
});

test("numbers that a double would round come out whole", async () => {
  const { path } = await write("whole.parquet", [{ id: "a", size: 9223372036854775807n }], "COMPRESSION snappy");
  const metadata = await engine.parquet.metadata(path);
  const [first] = (await engine.parquet.records(path, { metadata, columns: ["meta"] })) ?? [];
  expect(first?.value["size"]).toBe(parseJson("9223372036854775807"));
});
