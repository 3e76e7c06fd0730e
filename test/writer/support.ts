// test/writer/support.ts: tables in fresh folders, and their rows as DuckDB reads them.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import type { Engine, SqlRow } from "../../src/engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import { duckdbType } from "../../src/engine/duckdb/duckdb-type.ts";
import type { AddFile } from "../../src/format/action/action.ts";
import { resolveDataPath } from "../../src/format/value/partition-path.ts";
import type { DataType, PrimitiveName, StructField, StructType } from "../../src/format/schema/schema.ts";
import { tableProperties } from "../../src/format/property/table-property.ts";
import type { WriteTarget } from "../../src/writer/data-file-writer.ts";

/** An engine that is closed, and a folder that is removed, after the tests of the file. */
export function workshop(): { readonly engine: Engine; newTablePath(): string } {
  const engine = localEngine({ duckdb: { threads: 2 } });
  const root = mkdtempSync(join(tmpdir(), "alluvium-writer-"));
  let count = 0;
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  });
  return { engine, newTablePath: () => join(root, `table-${(count += 1)}`) };
}

export const primitive = (name: PrimitiveName): DataType => ({ kind: "primitive", name });
export const decimal = (precision: number, scale: number): DataType => ({ kind: "decimal", precision, scale });
export const array = (elementType: DataType, containsNull = true): DataType => ({
  kind: "array",
  elementType,
  containsNull,
});
export const map = (keyType: DataType, valueType: DataType): DataType => ({
  kind: "map",
  keyType,
  valueType,
  valueContainsNull: true,
});

/** A schema of nullable columns; a name that ends with "!" is NOT NULL. */
export function struct(fields: Readonly<Record<string, DataType | PrimitiveName>>): StructType {
  return {
    kind: "struct",
    fields: Object.entries(fields).map(([name, type]): StructField => ({
      name: name.replace(/!$/, ""),
      type: typeof type === "string" ? primitive(type) : type,
      nullable: !name.endsWith("!"),
      metadata: {},
    })),
  };
}

export function targetOf(
  tablePath: string,
  schema: StructType,
  more: { partitionColumns?: readonly string[]; properties?: Readonly<Record<string, string>> } = {},
): WriteTarget {
  return {
    tablePath,
    schema,
    partitionColumns: more.partitionColumns ?? [],
    properties: tableProperties(new Map(Object.entries(more.properties ?? {}))),
  };
}

/** All rows of the files, partition values included, in no order. */
export async function readBack(
  engine: Engine,
  target: WriteTarget,
  adds: readonly AddFile[],
): Promise<readonly SqlRow[]> {
  await using connection = await engine.sql.connect();
  const rows: SqlRow[] = [];
  for (const add of adds) {
    const path = resolveDataPath(target.tablePath, add.path);
    const columns = target.schema.fields.map((field) =>
      target.partitionColumns.includes(field.name)
        ? `CAST(${sqlLiteral(add.partitionValues.get(field.name) ?? null)} AS ${duckdbType(field.type)}) AS ${sqlIdentifier(field.name)}`
        : sqlIdentifier(field.name),
    );
    rows.push(
      ...(await connection.rows(
        `SELECT ${columns.join(", ")} FROM read_parquet([${sqlLiteral(path)}], hive_partitioning = false)`,
      )),
    );
  }
  return rows;
}

/** Every file below a folder that is no part of the log, relative to it. */
export function dataFilesIn(tablePath: string): readonly string[] {
  try {
    return readdirSync(tablePath, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("_delta_log"))
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** The rows of a list, as the stream of batches that the writer takes. */
export async function* streamOf<T>(...items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}
