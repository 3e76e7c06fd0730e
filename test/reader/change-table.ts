// test/reader/change-table.ts: tables that keep their changes, written commit by commit, and the changes as rows.
import { mkdirSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Engine } from "../../src/engine/base/engine.ts";
import { sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import type { Action, AddCdcFile, Metadata } from "../../src/format/action/action.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import { formatSchema } from "../../src/format/schema/schema-json.ts";
import { DeltaTable } from "../../src/table/whole/delta-table.ts";
import type { ChangeOptions } from "../../src/table/whole/change-feed.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { field, struct } from "../expression/all-types.ts";
import { commitFile, metadata, writeCommits } from "../log/table-builder.ts";

export const twoColumns: StructType = struct(field("id", "long"), field("name", "string"));

/** Metadata of a table that keeps its changes, unless told otherwise. */
export function keeping(schema: StructType = twoColumns, more: Readonly<Record<string, string>> = {}): Metadata {
  const configuration = { "delta.enableChangeDataFeed": "true", ...more };
  return { ...metadata(configuration), schemaString: formatSchema(schema) };
}

export function cdc(path: string, partitionValues: Readonly<Record<string, string>> = {}): AddCdcFile {
  return {
    kind: "cdc",
    path,
    partitionValues: new Map(Object.entries(partitionValues)),
    sizeBytes: 1,
    dataChange: false,
  };
}

/** A table of some commits and data files; each file is the DuckDB SELECT that makes it. Commit n has the time n minutes. */
export async function changeTable(
  engine: Engine,
  commits: readonly (readonly Action[])[],
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const table = temporaryFolder();
  await using connection = await engine.sql.connect();
  for (const [path, sql] of Object.entries(files)) {
    mkdirSync(dirname(join(table, path)), { recursive: true });
    await connection.run(`COPY (${sql}) TO ${sqlLiteral(join(table, path))} (FORMAT parquet)`);
  }
  writeCommits(table, commits);
  for (const at of commits.keys()) utimesSync(commitFile(table, at), at * 60, at * 60);
  return table;
}

/** The changes as texts: `version type {the row's own columns}`, sorted. */
export async function changesOf(path: string, options: ChangeOptions): Promise<readonly string[]> {
  await using table = await DeltaTable.open(path);
  const found: string[] = [];
  for await (const row of table.changes(options)) {
    const { _change_type: type, _commit_version: at, _commit_timestamp: _, ...own } = row;
    found.push(`${String(at)} ${String(type)} ${Object.values(own).map(String).join(" ")}`);
  }
  return found.toSorted();
}
