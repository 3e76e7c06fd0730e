// test/table/writes.test.ts: append, overwrite and delete as the contract says, through DeltaTable.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AlluviumError } from "../../src/format/text/error.ts";
import { col } from "../../src/expression/predicate/builder.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { sessionOver, sharedEngine, show } from "./life.ts";

const engine = sharedEngine();

/** A table `id BIGINT, day STRING, text STRING`, partitioned by day, in a folder of its own. */
async function books(options: { readonly properties?: Readonly<Record<string, string>> } = {}): Promise<DeltaTable> {
  const session = sessionOver(engine, temporaryFolder());
  return session.createTable("books", {
    schema: "id BIGINT, day STRING, text STRING",
    partitionBy: ["day"],
    ...options,
  });
}

const rows = (...ids: readonly number[]): readonly { id: number; day: string; text: string }[] =>
  ids.map((id) => ({ id, day: id % 2 === 0 ? "even" : "odd", text: `t${id}` }));

/** A second handle of a table, over the same engine. */
const another = (table: DeltaTable): Promise<DeltaTable> => sessionOver(engine, "/").deltaTableAt(table.path);

/** Actions of a commit, by kind. */
function actions(
  table: DeltaTable,
  version: number,
): readonly { readonly kind: string; readonly value: Record<string, unknown> }[] {
  const path = join(table.path, "_delta_log", `${String(version).padStart(20, "0")}.json`);
  return readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [kind = "", value] = Object.entries(JSON.parse(line) as Record<string, Record<string, unknown>>)[0] ?? [];
      return { kind, value: value ?? {} };
    });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  return (error as AlluviumError | null)?.code ?? "no error";
}

describe("append", () => {
  test("adds rows in one commit and says how much was written", async () => {
    const table = await books();
    const result = await table.append(rows(1, 2, 3));
    expect(result).toMatchObject({
      status: "committed",
      version: 1,
      rowCount: 3,
      addedFileCount: 2,
      removedFileCount: 0,
    });
    expect(result.addedBytes).toBeGreaterThan(0);
    expect(await show(table)).toEqual(["1 odd t1", "2 even t2", "3 odd t3"]);
  });

  test("a missing column is null, and names match in any case", async () => {
    const table = await books();
    await table.append([{ ID: 1, Day: "odd" }]);
    expect(await show(table)).toEqual(["1 odd null"]);
  });

  test("a handle that is behind commits on top of the newest version, and sees it", async () => {
    const table = await books();
    const old = await another(table);
    await table.append(rows(1));
    expect((await old.append(rows(2))).version).toBe(2);
    expect(await show(old)).toEqual(["1 odd t1", "2 even t2"]);
    expect(await show(table)).toEqual(["1 odd t1"]);
    expect(await show(await table.refresh())).toEqual(["1 odd t1", "2 even t2"]);
  });

  test("an idempotent write happens once, and a later one of the application goes on", async () => {
    const table = await books();
    const write = { txnAppId: "app", txnVersion: 7 };
    expect(await table.append(rows(1), write)).toMatchObject({ status: "committed", version: 1 });
    expect(await table.append(rows(1), write)).toMatchObject({ status: "already-committed", version: 1, rowCount: 0 });
    expect(await table.append(rows(2), { ...write, txnVersion: 6 })).toMatchObject({ status: "already-committed" });
    expect(await (await another(table)).append(rows(2), { ...write, txnVersion: 8n })).toMatchObject({ version: 2 });
    expect((await (await table.refresh()).detail()).txns).toEqual({ app: 8n });
    expect(await show(table)).toEqual(["1 odd t1", "2 even t2"]);
  });

  test.each([[{ txnAppId: "app" }], [{ txnVersion: 1 }], [{ txnAppId: "", txnVersion: 1 }]])(
    "only one of the two idempotency options is refused: %o",
    async (options) => {
      expect(await codeOf((await books()).append(rows(1), options))).toBe("DELTA_INVALID_IDEMPOTENT_WRITES_OPTIONS");
    },
  );

  test("userMetadata is kept in the history", async () => {
    const table = await books();
    await table.append(rows(1), { userMetadata: "nightly" });
    expect(await table.history(1)).toMatchObject([{ version: 1, operation: "WRITE", userMetadata: "nightly" }]);
  });
});

describe("schema of what is written", () => {
  test("a new column is refused by name without mergeSchema, and added with it", async () => {
    const table = await books();
    await table.append(rows(1));
    expect(await codeOf(table.append([{ id: 2, day: "even", text: "t2", price: 1.5 }]))).toBe(
      "DELTA_METADATA_MISMATCH",
    );
    expect((await table.refresh()).version).toBe(1);
    await table.append([{ id: 2, day: "even", text: "t2", price: 1.5 }], { mergeSchema: true });
    expect(table.schema.fields.map((field) => field.name)).toEqual(["id", "day", "text", "price"]);
    const prices = new Map<unknown, unknown>();
    for await (const { id, price } of table.rows()) prices.set(id, price);
    expect(prices).toEqual(
      new Map<unknown, unknown>([
        [1n, null],
        [2n, 1.5],
      ]),
    );
  });

  test("overwriteSchema gives the table the columns of the new rows; old versions keep theirs", async () => {
    const table = await sessionOver(engine, temporaryFolder()).createTable("t", { schema: "id BIGINT" });
    await table.append([{ id: 1 }]);
    expect(await codeOf(table.overwrite([{ name: "n" }]))).toBe("DELTA_METADATA_MISMATCH");
    await table.overwrite([{ name: "n" }], { overwriteSchema: true });
    expect(table.schema.fields.map((field) => field.name)).toEqual(["name"]);
    const before = await sessionOver(engine, "/").deltaTableAt(table.path, { version: 1 });
    expect(before.schema.fields.map((field) => field.name)).toEqual(["id"]);
  });

  test("a null in a NOT NULL column is refused, and nothing is written", async () => {
    const table = await sessionOver(engine, temporaryFolder()).createTable("t", {
      schema: "id BIGINT NOT NULL, n INT",
    });
    expect(
      await codeOf(
        table.append([
          { id: 1, n: 1 },
          { id: null, n: 2 },
        ]),
      ),
    ).toBe("DELTA_NOT_NULL_CONSTRAINT_VIOLATED");
    expect((await table.refresh()).version).toBe(0);
  });
});

describe("overwrite", () => {
  test("replaces all rows in one commit; the old ones are in the version before", async () => {
    const table = await books();
    await table.append(rows(1, 2));
    expect(await table.overwrite(rows(3))).toMatchObject({ version: 2, rowCount: 1, removedFileCount: 2 });
    expect(await show(table)).toEqual(["3 odd t3"]);
    expect(await show(await sessionOver(engine, "/").deltaTableAt(table.path, { version: 1 }))).toHaveLength(2);
  });

  test("with where it replaces the rows of the region, also inside of files", async () => {
    const table = await books();
    await table.append(rows(1, 2, 3, 5));
    await table.overwrite([{ id: 3, day: "odd", text: "new" }], { where: "id >= 3" });
    expect(await show(table)).toEqual(["1 odd t1", "2 even t2", "3 odd new"]);
  });

  test("a new row outside of the region is refused, and nothing is changed", async () => {
    const table = await books();
    await table.append(rows(1, 2));
    const refused = table.overwrite(rows(3, 4), { where: "day = 'odd'" });
    await expect(refused).rejects.toMatchObject({ code: "DELTA_REPLACE_WHERE_MISMATCH", kind: "fix-input" });
    expect(await show(await table.refresh())).toEqual(["1 odd t1", "2 even t2"]);
  });

  test("dynamic overwrite replaces the partitions that the rows lie in, null among them", async () => {
    const table = await books();
    await table.append([...rows(1, 2), { id: 9, day: null, text: "none" }]);
    await table.overwrite([{ id: 4, day: "even", text: "t4" }], { partitionOverwriteMode: "dynamic" });
    expect(await show(table)).toEqual(["1 odd t1", "4 even t4", "9 null none"]);
    await table.overwrite([{ id: 8, day: null, text: "again" }], { partitionOverwriteMode: "dynamic" });
    expect(await show(table)).toEqual(["1 odd t1", "4 even t4", "8 null again"]);
  });

  test.each([
    [{ where: "id = 1", overwriteSchema: true }],
    [{ where: "id = 1", partitionOverwriteMode: "dynamic" as const }],
    [{ overwriteSchema: true, partitionOverwriteMode: "dynamic" as const }],
  ])("options that contradict each other are refused: %o", async (options) => {
    expect(await codeOf((await books()).overwrite(rows(1), options))).toBe("DELTA_ILLEGAL_OPTION");
  });
});

describe("delete", () => {
  test("of whole partitions goes by the log alone: no file is added", async () => {
    const table = await books();
    await table.append(rows(1, 2, 3));
    expect(await table.delete("day = 'odd'")).toEqual({
      version: 2,
      deletedRowCount: 2n,
      removedFileCount: 1,
      addedFileCount: 0,
      markedFileCount: 0,
    });
    expect(
      actions(table, 2)
        .map(({ kind }) => kind)
        .toSorted(),
    ).toEqual(["commitInfo", "remove"]);
    expect(await show(table)).toEqual(["2 even t2"]);
  });

  test("of some rows rewrites the files concerned and no other", async () => {
    const table = await books();
    await table.append(rows(1, 2, 3));
    expect(await table.delete("id = 3")).toEqual({
      version: 2,
      deletedRowCount: 1n,
      removedFileCount: 1,
      addedFileCount: 1,
      markedFileCount: 0,
    });
    const removed = actions(table, 2).filter(({ kind }) => kind === "remove");
    expect(removed.map(({ value }) => String(value["path"]).split("/")[0])).toEqual(["day=odd"]);
    expect(await show(table)).toEqual(["1 odd t1", "2 even t2"]);
  });

  test("of no row commits nothing; rows for which the predicate is null stay", async () => {
    const table = await books();
    await table.append([{ id: 1, day: "odd", text: null }, ...rows(2)]);
    expect(await table.delete("id > 100")).toMatchObject({ version: 1, deletedRowCount: 0n });
    expect(await table.delete("text = 'nothing' OR NOT (text = 't2')")).toMatchObject({ version: 1 });
    expect(await show(table)).toEqual(["1 odd null", "2 even t2"]);
  });

  test("takes an expression, and deletes everything without one", async () => {
    const table = await books();
    await table.append(rows(1, 2, 3));
    await table.delete(col("id").ge(3).or(col("day").eq("even")));
    expect(await show(table)).toEqual(["1 odd t1"]);
    expect(await table.delete()).toMatchObject({ version: 3, deletedRowCount: 1n });
    expect(await show(table)).toEqual([]);
  });

  test("an append-only table refuses deletes and overwrites by name, and takes appends", async () => {
    const table = await books({ properties: { "delta.appendOnly": "true" } });
    await table.append(rows(1, 2));
    expect(await codeOf(table.delete("id = 1"))).toBe("DELTA_CANNOT_MODIFY_APPEND_ONLY");
    expect(await codeOf(table.overwrite(rows(3)))).toBe("DELTA_CANNOT_MODIFY_APPEND_ONLY");
    await table.append(rows(3));
    expect(await show(table)).toHaveLength(3);
  });

  test("an unknown column and a broken predicate are refused by name", async () => {
    const table = await books();
    await table.append(rows(1));
    expect(await codeOf(table.delete("pages > 1"))).toBe("COLUMN_NOT_FOUND");
    expect(await codeOf(table.delete("id >"))).toBe("INVALID_PREDICATE");
    expect((await table.refresh()).version).toBe(1);
  });
});
