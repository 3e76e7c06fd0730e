// Row groups go from file to file as their bytes are: what DuckDB reads of the whole is what it read of the parts, and what does not fit is refused.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { sqlFilePath, sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import type { GroupSource } from "../../src/engine/parquet/parquet-splice.ts";
import { testEngine } from "../log/table-builder.ts";
import { roundCount } from "../round-count.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const engine = testEngine();

interface Made {
  readonly from: number;
  readonly rowCount: number;
  readonly codec: string;
  readonly mark?: string;
  readonly columns?: string;
}

const usual = "i AS id, CASE WHEN i % 3 > 0 THEN {t: 'x' || i % 5, l: [i, NULL], m: MAP(['k'], [i])} END AS nested";

async function make(path: string, { from, rowCount, codec, mark = "1", columns = usual }: Made): Promise<void> {
  await using connection = await engine.sql.connect();
  await connection.run(
    `COPY (SELECT ${columns} FROM range(${from}, ${from + rowCount}) AS r(i)) TO ${sqlLiteral(path)} (FORMAT parquet, ROW_GROUP_SIZE 2048, CODEC ${codec}, KV_METADATA {mark: '${mark}'})`,
  );
}

async function rowsOf(paths: readonly string[], where = "TRUE"): Promise<unknown> {
  await using connection = await engine.sql.connect();
  const rows = `read_parquet([${paths.map(sqlFilePath).join(", ")}])`;
  return await connection.rows(
    `SELECT count(*)::DOUBLE AS n, to_json(list(r ORDER BY id))::VARCHAR AS rows FROM ${rows} r WHERE ${where}`,
  );
}

async function sourceOf(path: string, isTaken: (group: number) => boolean = () => true): Promise<GroupSource> {
  const metadata = await engine.parquet.metadata(path);
  return { path, metadata, groups: [...metadata.rowGroups.keys()].filter(isTaken) };
}

const codecs = fc.constantFrom("uncompressed", "snappy", "gzip", "zstd");
const sizes = fc.constantFrom(0, 1, 2047, 2048, 5000);

test("a file has its own rows and those of the row groups appended to it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(sizes, codecs, fc.nat(2)), { minLength: 2, maxLength: 4 }), async (made) => {
      const folder = temporaryFolder();
      const paths = made.map((_, index) => join(folder, `${index}.parquet`));
      for (const [index, [rowCount, codec]] of made.entries())
        await make(paths[index] ?? "", { from: index * 10_000, rowCount, codec });
      const [target = "", ...others] = paths;
      const sources: GroupSource[] = [];
      for (const [index, path] of others.entries())
        sources.push(await sourceOf(path, (group) => group !== made[index + 1]?.[2]));
      // A row group has 2,048 rows, so its number follows from the id.
      const left = made.map(
        ([, , group], index) =>
          `id // 10000 = ${index} AND (${index === 0 ? "TRUE" : `(id % 10000) // 2048 <> ${group}`})`,
      );
      const expected = await rowsOf(paths, left.map((sql) => `(${sql})`).join(" OR "));
      expect(await engine.parquet.append(target, sources)).toBe(true);
      expect(await rowsOf([target])).toEqual(expected);
      // What was appended to can be appended to, and from.
      const again = join(folder, "again.parquet");
      await make(again, { from: 90_000, rowCount: 10, codec: "snappy" });
      const both = await rowsOf([target, again]);
      expect(await engine.parquet.append(again, [await sourceOf(target)])).toBe(true);
      expect(await rowsOf([again])).toEqual(both);
    }),
    { numRuns: roundCount(15) },
  );
});

test("row groups of other columns, of another mark, and of a file that has changed are refused, and the file stays as it was", async () => {
  const folder = temporaryFolder();
  const target = join(folder, "target.parquet");
  const source = join(folder, "source.parquet");
  const few = { from: 0, rowCount: 10, codec: "snappy" };
  await make(target, few);
  const before = readFileSync(target);
  for (const other of [
    { mark: "2" },
    { columns: "i::INTEGER AS id, 1 AS nested" },
    { columns: `${usual}, 1 AS more` },
  ]) {
    await make(source, { ...few, ...other });
    expect(await engine.parquet.append(target, [await sourceOf(source)])).toBe(false);
  }
  await make(source, few);
  const asked = await sourceOf(source);
  await make(source, { ...few, rowCount: 11 });
  expect(await engine.parquet.append(target, [asked])).toBe(false);
  writeFileSync(source, readFileSync(source).subarray(0, 20));
  expect(await engine.parquet.append(target, [asked])).toBe(false);
  expect(readFileSync(target).equals(before)).toBe(true);
  await expect(engine.parquet.append(target, [{ ...asked, path: join(folder, "none") }])).rejects.toMatchObject({
    code: "FILE_NOT_FOUND",
  });
});
