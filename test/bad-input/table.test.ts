// test/bad-input/table.test.ts: tables that are none, or that are damaged, and rows that do not fit: each is refused by its code, and
// nothing on the disk changes.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import type { RowObject } from "../../src/table/input/table-input.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { sessionOver, sharedEngine } from "../table/life.ts";
import { expectRefused, fingerprint } from "./fingerprint.ts";

const engine = sharedEngine();

const open = (root: string, version?: number): Promise<DeltaTable> =>
  sessionOver(engine, root).deltaTable("books", version === undefined ? {} : { version });

/** A table of three versions in `root/books`: empty, ids 1 and 2, id 3. */
async function books(root: string = temporaryFolder()): Promise<{ readonly root: string; readonly table: DeltaTable }> {
  const table = await sessionOver(engine, root).createTable("books", {
    schema: "id BIGINT NOT NULL, day DATE, n INT, price DECIMAL(4,2)",
    partitionBy: ["day"],
  });
  const day = new Date("2026-01-02");
  await table.append([1, 2].map((id) => ({ id, day, n: id })));
  await table.append([{ id: 3, day, n: 3 }]);
  return { root, table };
}

const commitFile = (root: string, version: number): string =>
  join(root, "books", "_delta_log", `${String(version).padStart(20, "0")}.json`);

async function readAll(root: string): Promise<readonly RowObject[]> {
  const rows: RowObject[] = [];
  for await (const row of (await open(root)).rows()) rows.push(row);
  return rows;
}

/** Rewrites the commit that added the rows, line by line. */
function editCommit(root: string, version: number, edit: (line: string) => string): void {
  const path = commitFile(root, version);
  writeFileSync(path, readFileSync(path, "utf8").split("\n").map(edit).join("\n"));
  rmSync(path.replace(/json$/u, "crc"), { force: true });
}

describe("what is not a table", () => {
  const places: readonly [string, (root: string) => void][] = [
    ["a folder that is not there", () => {}],
    ["an empty folder", (root) => mkdirSync(join(root, "books"))],
    ["a folder with an empty log", (root) => mkdirSync(join(root, "books", "_delta_log"), { recursive: true })],
    ["a file", (root) => writeFileSync(join(root, "books"), "id\n1\n")],
    [
      "a folder of other files",
      (root) => {
        mkdirSync(join(root, "books"));
        writeFileSync(join(root, "books", "part-0.parquet"), "PAR1");
      },
    ],
  ];
  test.each(places)("%s is refused as TABLE_NOT_FOUND, for reading and for writing", async (_name, make) => {
    const root = temporaryFolder();
    make(root);
    const error = await expectRefused(root, "TABLE_NOT_FOUND", () => open(root));
    expect(error.message).toContain(join(root, "books"));
    await expectRefused(root, "TABLE_NOT_FOUND", () => sessionOver(engine, root).table("books").count());
  });

  test("a version that is not there is refused, and so is a table without protocol or metadata", async () => {
    const { root } = await books();
    await expectRefused(root, "VERSION_NOT_FOUND", () => open(root, 3));
    editCommit(root, 0, (line) => (line.startsWith('{"metaData"') ? "" : line));
    await expectRefused(root, "CORRUPT_LOG", () => open(root));
  });
});

describe("a damaged log", () => {
  test("cut at any byte is CORRUPT_LOG, or its checksum says what is missing; never other rows", async () => {
    const { root } = await books();
    const path = commitFile(root, 2);
    const whole = readFileSync(path);
    for (let length = 0; length < whole.length - 1; length += 1) {
      writeFileSync(path, whole.subarray(0, length));
      const error = await expectRefused(root, "CORRUPT_LOG", () => open(root)).catch((cause: unknown) => {
        throw new Error(`cut at ${length} of ${whole.length}`, { cause });
      });
      expect(error.message).toContain(join(root, "books"));
    }
    // The line break at the end is no part of the last action.
    writeFileSync(path, whole.subarray(0, -1));
    expect(await readAll(root)).toHaveLength(3);
  });

  test("with a byte that no text has, at any place, is CORRUPT_LOG", async () => {
    const { root } = await books();
    const path = commitFile(root, 1);
    const whole = readFileSync(path);
    const before = fingerprint(root);
    for (let at = 0; at < whole.length - 1; at += 1) {
      for (const byte of [0x00, 0xff]) {
        const broken = Uint8Array.from(whole);
        broken[at] = byte;
        writeFileSync(path, broken);
        await expect(open(root), `byte ${at}`).rejects.toMatchObject({ code: "CORRUPT_LOG", kind: "corrupt" });
      }
    }
    writeFileSync(path, whole);
    expect(fingerprint(root)).toEqual(before);
  });

  test("with a commit missing is CORRUPT_LOG naming it, for readers and writers; versions before it stay readable", async () => {
    const { root, table } = await books();
    const behind = await open(root, 0);
    rmSync(commitFile(root, 1));
    const error = await expectRefused(root, "CORRUPT_LOG", () => open(root));
    expect(error.context).toMatchObject({ missingVersion: 1 });
    expect((await open(root, 0)).version).toBe(0);
    // A handle from before the hole does not write into it; one from beyond does not need the commit any more.
    await expectRefused(root, "CORRUPT_LOG", () => behind.append([{ id: 9 }]));
    expect((await table.append([{ id: 9 }])).version).toBe(3);
  });

  test("with a data file missing names it as FILE_NOT_FOUND; with a damaged one as CORRUPT_FILE", async () => {
    const { root } = await books();
    const folder = join(root, "books", "day=2026-01-02");
    const [first = "", second = ""] = readdirSync(folder);
    renameSync(join(folder, first), join(root, "away"));
    const missing = await expectRefused(root, "FILE_NOT_FOUND", () => readAll(root));
    expect(missing.message).toContain(first);
    copyFileSync(join(root, "away"), join(folder, first));
    writeFileSync(join(folder, second), readFileSync(join(folder, second)).subarray(0, 40));
    const damaged = await expectRefused(root, "CORRUPT_FILE", () => readAll(root));
    expect(damaged.message).toContain(second);
  });

  test.each([
    ["a partition value that is no date", '"day":"2026-01-02"', '"day":"soon"'],
    ["a partition value that is no text", '"day":"2026-01-02"', '"day":7'],
    ["a path that leads out of the table", '"path":"day', '"path":"../../day'],
    ["a path with a broken escape", '"path":"day', '"path":"%zzday'],
    ["a size that is no number", '"size":', '"size":"x","sizee":'],
  ])("with %s is CORRUPT_LOG", async (_name, from, to) => {
    const { root } = await books();
    editCommit(root, 2, (line) => line.replace(from, to));
    await expectRefused(root, "CORRUPT_LOG", () => readAll(root));
  });

  test("with a path on another file system is refused by the name of what is missing", async () => {
    const { root } = await books();
    editCommit(root, 2, (line) => line.replace('"path":"', '"path":"s3://bucket/'));
    await expectRefused(root, "UNSUPPORTED_FEATURE", () => readAll(root));
  });

  test("that needs a feature this build does not have is refused by its name", async () => {
    const { root } = await books();
    editCommit(root, 0, (line) =>
      line.startsWith('{"protocol"')
        ? '{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["quantumRows"],"writerFeatures":["quantumRows"]}}'
        : line,
    );
    const error = await expectRefused(root, "UNSUPPORTED_FEATURE", () => open(root));
    expect(error.message).toContain("quantumRows");
  });
});

describe("a file outside of the table that its log names absolutely", () => {
  /** A table whose newest file lies elsewhere. */
  async function withOutsider(): Promise<{ readonly root: string; readonly outside: string }> {
    const { root } = await books();
    const folder = join(root, "books", "day=2026-01-02");
    const added = /"path":"([^"]*)"/u.exec(readFileSync(commitFile(root, 2), "utf8"))?.[1] ?? "";
    const outside = join(temporaryFolder(), "outsider.parquet");
    renameSync(join(folder, added.slice("day=2026-01-02/".length)), outside);
    editCommit(root, 2, (line) => line.replace(added, outside));
    return { root, outside };
  }

  test("is read, as the protocol allows", async () => {
    const { root } = await withOutsider();
    expect((await readAll(root)).map(({ id }) => id).toSorted((a, b) => Number(a) - Number(b))).toEqual([1n, 2n, 3n]);
  });

  test("is never deleted or changed: not by delete, overwrite, rewriting or cleaning", async () => {
    const { root, outside } = await withOutsider();
    const bytes = readFileSync(outside);
    const table = await open(root);
    await table.overwrite([{ id: 3, day: new Date("2026-01-02"), n: 30 }], { where: "id = 3" });
    await table.delete();
    for (let id = 4; id < 16; id += 1) await table.append([{ id, n: id }]);
    expect(readFileSync(outside).equals(bytes)).toBe(true);
    expect((await open(root, 2)).version).toBe(2);
  });
});

describe("rows that do not fit are refused, and nothing changes", () => {
  const rows: readonly [string, string, RowObject][] = [
    ["an unknown column", "DELTA_METADATA_MISMATCH", { id: 4, pages: 1 }],
    ["text where a number belongs", "INVALID_ARGUMENT", { id: "four" }],
    ["a fraction where a whole number belongs", "INVALID_ARGUMENT", { id: 4.5 }],
    ["a number beyond its type", "INVALID_ARGUMENT", { id: 4, n: 2 ** 31 }],
    ["a decimal with too many digits", "INVALID_ARGUMENT", { id: 4, price: "123.45" }],
    ["a null where none may be", "DELTA_NOT_NULL_CONSTRAINT_VIOLATED", { id: null }],
    ["no value where one must be", "DELTA_MISSING_NOT_NULL_COLUMN_VALUE", { n: 4 }],
    ["a partition value that is no date", "INVALID_ARGUMENT", { id: 4, day: "soon" }],
  ];
  test.each(rows)("%s: %s", async (_name, code, row) => {
    const { root, table } = await books();
    await expectRefused(root, code, () => table.append([row]));
    await expectRefused(root, code, () => table.overwrite([row]));
  });

  test("also when it is the last of many", async () => {
    const { root, table } = await books();
    const many = Array.from({ length: 20_000 }, (_, id) => ({ id, n: id }));
    await expectRefused(root, "INVALID_ARGUMENT", () => table.append([...many, { id: 1, n: 0.5 }]));
  });

  test.each([
    ["two columns of one name", "DELTA_DUPLICATE_COLUMNS_FOUND", { schema: "id INT, ID INT" }],
    ["a partition column that is not there", "COLUMN_NOT_FOUND", { schema: "id INT", partitionBy: ["day"] }],
    [
      "nothing but partition columns",
      "DELTA_CANNOT_USE_ALL_COLUMNS_FOR_PARTITION",
      { schema: "id INT", partitionBy: ["id"] },
    ],
    [
      "a partition column that is a list",
      "DELTA_INVALID_PARTITION_COLUMN_TYPE",
      { schema: "id INT, l ARRAY<INT>", partitionBy: ["l"] },
    ],
    [
      "an unknown setting of Delta's",
      "DELTA_UNKNOWN_CONFIGURATION",
      { schema: "id INT", properties: { "delta.apendOnly": "true" } },
    ],
    [
      "a setting of no sense",
      "DELTA_ILLEGAL_OPTION",
      { schema: "id INT", properties: { "delta.checkpointInterval": "often" } },
    ],
    ["a schema that is none", "INVALID_ARGUMENT", { schema: "id INTEGRE" }],
  ])("a new table with %s: %s", async (_name, code, options) => {
    const root = temporaryFolder();
    await expectRefused(root, code, () => sessionOver(engine, root).createTable("t", options));
  });
});
