// test/table/inputs.test.ts: everything that a table takes as rows.
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type RecordBatch, Table, tableFromArrays, tableToIPC, vectorFromArray } from "apache-arrow";
import { afterAll, describe, expect, test, vi } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import { readInputFiles } from "../../src/writer/read-input.ts";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { inputFiles } from "../../src/table/input/input-files.ts";
import { writeParquetFile } from "../../src/table/rows/parquet-file.ts";
import type { InputPortion, RowObject, TableInput } from "../../src/table/input/table-input.ts";
import { sessionOver, sharedEngine } from "./life.ts";

const engine = sharedEngine();
const folder = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let tableCount = 0;

function books(schema = "id BIGINT, name STRING"): Promise<DeltaTable> {
  return sessionOver(engine, folder).createTable(`books${(tableCount += 1)}`, { schema });
}

async function rowsOf(table: DeltaTable): Promise<readonly RowObject[]> {
  const found: RowObject[] = [];
  for await (const row of table.rows()) found.push(row);
  return found.toSorted((a, b) => Number((a["id"] as bigint) - (b["id"] as bigint)));
}

const arrow = (): Table => new Table({ id: vectorFromArray([1n, 2n]), name: vectorFromArray(["one", null]) });

const batchOf = (table: Table): RecordBatch => {
  const [batch] = table.batches;
  if (batch === undefined) throw new Error("the table has a batch");
  return batch;
};

const expected = [
  { id: 1n, name: "one" },
  { id: 2n, name: null },
];

async function* later<T>(...items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) {
    await new Promise((resolve) => setImmediate(resolve));
    yield item;
  }
}

const inputs: Readonly<Record<string, () => TableInput>> = {
  "an array of row objects": () => [{ id: 1, name: "one" }, { id: 2n }],
  "an iterable of row objects": () =>
    new Set([
      { id: 1, name: "one" },
      { id: 2, name: null },
    ]),
  "an async iterable of row objects": () => later({ id: 1, name: "one" }, { id: 2, name: null }),
  "an Arrow table": () => arrow(),
  "an Arrow record batch": () => batchOf(arrow()),
  "an async iterable of Arrow batches": () => later(batchOf(arrow()).slice(0, 1), batchOf(arrow()).slice(1, 2)),
  "an Arrow table and a row object, one after the other": () =>
    later<InputPortion>(arrow().slice(0, 1), { id: 2, name: null }),
};

describe("a table takes", () => {
  test.each(Object.entries(inputs))("%s", async (_name, make) => {
    const table = await books();
    expect((await table.append(make())).rowCount).toBe(2);
    expect(await rowsOf(table)).toEqual(expected);
  });

  test("one row object alone", async () => {
    const table = await books();
    await table.append({ id: 1, name: "one" });
    expect(await rowsOf(table)).toEqual([{ id: 1n, name: "one" }]);
  });

  test("a DataFrame", async () => {
    const session = Session.over(engine, { warehouse: folder });
    const source = await books();
    await source.append(arrow());
    const target = await books();
    await target.append(session.read.load(source.path).where("id = 2"));
    expect(await rowsOf(target)).toEqual([{ id: 2n, name: null }]);
  });

  test("no row at all: an empty commit", async () => {
    const table = await books();
    expect(await table.append([])).toMatchObject({ version: 1, rowCount: 0, addedFileCount: 0 });
  });
});

describe("what is not rows is refused, and nothing is written", () => {
  test.each([
    ["a number among the rows", [1], "INVALID_ARGUMENT"],
    ["a text", "rows", "INVALID_ARGUMENT"],
    ["a null among the rows", [null], "INVALID_ARGUMENT"],
    ["rows without columns", [{}], "INVALID_ARGUMENT"],
    ["text in a number's place", [{ id: "one" }], "INVALID_ARGUMENT"],
  ])("%s", async (_name, input, code) => {
    const table = await books();
    await expect((async () => table.append(input as TableInput))()).rejects.toMatchObject({ code });
    expect((await table.refresh()).version).toBe(0);
  });

  test("an iterable that fails in the middle leaves no row and no file", async () => {
    const table = await books();
    const failing = async function* (): AsyncGenerator<RowObject> {
      for (let id = 0; id < 20_000; id += 1) yield { id, name: "n" };
      throw new Error("the socket closed");
    };
    await expect(table.append(failing())).rejects.toThrow("the socket closed");
    expect(await rowsOf(await table.refresh())).toEqual([]);
    expect(table.version).toBe(0);
  });
});

describe("files", () => {
  const write = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const csv = (): string => write("in.csv", 'id,name\n1,"one"\n2,\n');
  const jsonl = (): string => write("in.jsonl", '{"id":1,"name":"one"}\n{"id":2,"name":null}\n');
  const ipc = (): string => write("in.arrow", tableToIPC(arrow(), "file"));
  const parquet = async (): Promise<string> => {
    const path = join(folder, "in.parquet");
    await writeParquetFile(path, { schema: arrow().schema, batches: later(batchOf(arrow())) });
    return path;
  };

  test.each([
    ["CSV", csv],
    ["JSON lines", jsonl],
    ["Arrow", ipc],
    ["Parquet", parquet],
  ])("%s in the table's types, whatever the folder is called", async (_name, make) => {
    const table = await books();
    const path = await make();
    const lookalike = join(folder, "id=7", "day=1", basename(path));
    mkdirSync(dirname(lookalike), { recursive: true });
    renameSync(path, lookalike);
    await table.append(inputFiles([lookalike]));
    expect(await rowsOf(table)).toEqual(expected);
  });

  test("several files go into one commit", async () => {
    const table = await books();
    const result = await table.append(inputFiles([jsonl(), write("more.jsonl", '{"id":9007199254740993}\n')]));
    expect(result).toMatchObject({ version: 1, rowCount: 3 });
    expect((await rowsOf(table)).at(-1)).toEqual({ id: 9007199254740993n, name: null });
  });

  test("a file that is not there is refused by name", async () => {
    const table = await books();
    const refused = table.append(inputFiles([join(folder, "nowhere.csv")]));
    await expect(refused).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    await expect(refused).rejects.toThrow("nowhere.csv");
  });

  test("a file of no known kind is refused with the kinds there are", async () => {
    const table = await books();
    await expect(table.append(inputFiles([write("in.txt", "x")]))).rejects.toThrow(/parquet.*arrow.*jsonl.*csv/su);
  });
});

test("Arrow data of the same types in another layout is taken as it is", async () => {
  const table = await books("n DOUBLE, name STRING");
  await table.append(tableFromArrays({ n: Float64Array.from([1.5]), name: ["dictionary"] }));
  expect((await table.toArrow()).toArray().map((row: unknown) => JSON.stringify(row))).toEqual([
    '{"n":1.5,"name":"dictionary"}',
  ]);
});

describe("input that is refused unread is let go of", () => {
  const refused = expect.objectContaining({ code: "DELTA_METADATA_MISMATCH" }) as Error;

  test("an iterable of the caller's is ended", async () => {
    let isEnded = false;
    async function* rows(): AsyncGenerator<InputPortion> {
      try {
        for (;;) yield { id: 1n, pages: 5 };
      } finally {
        isEnded = true;
      }
    }
    const table = await books();
    for (const write of [table.append(rows()), table.overwrite(rows())]) {
      isEnded = false;
      await expect(write).rejects.toThrow(refused);
      expect(isEnded).toBe(true);
    }
  });

  test("no file stays open", async ({ skip }) => {
    if (process.platform !== "linux") return skip("only Linux lists the open files of a process under /proc/self/fd");
    const wrong = tableFromArrays({ id: BigInt64Array.from([1n]), pages: ["x"] });
    const paths = [join(folder, "wrong.arrow"), join(folder, "wrong.jsonl")];
    writeFileSync(join(folder, "wrong.arrow"), tableToIPC(wrong, "file"));
    writeFileSync(join(folder, "wrong.jsonl"), '{"id":1,"pages":"x"}\n'.repeat(9000));
    const table = await books();
    for (const some of [...paths.map((path) => [path]), paths])
      await expect(table.append(inputFiles(some))).rejects.toThrow(refused);
    const open = readdirSync("/proc/self/fd").map((name) => {
      try {
        return readlinkSync(`/proc/self/fd/${name}`);
      } catch {
        return ""; // the folder's own
      }
    });
    expect(open.filter((path) => paths.includes(path))).toEqual([]);
  });

  test("no temporary file stays behind", async () => {
    const place = mkdtempSync(join(folder, "temporary-"));
    vi.stubEnv("TMPDIR", place);
    const csv = {
      toTableRows: (own: Engine, tableSchema: StructType | null) =>
        readInputFiles(own, { paths: [new TextEncoder().encode("id,pages\n1,5\n")], tableSchema, format: "csv" }),
    };
    await expect((await books()).append(csv)).rejects.toThrow(refused);
    vi.unstubAllEnvs();
    expect(readdirSync(place)).toEqual([]);
  });
});
