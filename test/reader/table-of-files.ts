// test/reader/table-of-files.ts: tables made of hand-written Parquet files and one commit.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RecordBatch } from "apache-arrow";
import { afterAll } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import { parsePredicate } from "../../src/expression/predicate/parse-predicate.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import { formatSchema } from "../../src/format/schema/schema-json.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../src/log/state/snapshot.ts";
import { scanBatches } from "../../src/reader/scan.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

/** An engine for all tests of a file. */
export function testEngine(): Engine {
  const engine = localEngine();
  afterAll(() => engine[Symbol.asyncDispose]());
  return engine;
}

/** A data file: a DuckDB SELECT that makes it, and what the log says of it. */
export interface FileSpec {
  /** Relative to the table, as on disk. */
  readonly path: string;
  /** Absent: nothing is written, the log entry alone is made. */
  readonly sql?: string;
  /** As the log spells it; `path` when absent. */
  readonly logPath?: string;
  readonly partitionValues?: Readonly<Record<string, string | null>>;
  readonly stats?: string;
  readonly deletionVector?: unknown;
  /** Parquet options besides the format, such as `FIELD_IDS {a: 1}`. */
  readonly copyOptions?: string;
}

export interface TableSpec {
  readonly schema: StructType;
  readonly partitionColumns?: readonly string[];
  readonly files: readonly FileSpec[];
  /** Reader features; with any, the protocol is 3 and 7. */
  readonly features?: readonly string[];
  readonly configuration?: Readonly<Record<string, string>>;
}

/** Writes a table and opens it. */
export async function makeTable(
  engine: Engine,
  { schema, partitionColumns = [], files, features = [], configuration = {} }: TableSpec,
): Promise<Snapshot> {
  const table = temporaryFolder();
  await using connection = await engine.sql.connect();
  for (const { path, sql, copyOptions } of files) {
    if (sql === undefined) continue;
    mkdirSync(dirname(join(table, path)), { recursive: true });
    await connection.run(
      `COPY (${sql}) TO ${sqlLiteral(join(table, path))} (${["FORMAT parquet", copyOptions ?? ""].filter((text) => text !== "").join(", ")})`,
    );
  }
  const format = { provider: "parquet", options: {} };
  const lines = [
    {
      protocol:
        features.length === 0
          ? { minReaderVersion: 1, minWriterVersion: 2 }
          : { minReaderVersion: 3, minWriterVersion: 7, readerFeatures: features, writerFeatures: features },
    },
    {
      metaData: {
        id: "11111111-2222-3333-4444-555555555555",
        format,
        schemaString: formatSchema(schema),
        partitionColumns,
        configuration,
      },
    },
    ...files.map(({ path, logPath, partitionValues = {}, stats, deletionVector }) => ({
      add: {
        path: logPath ?? path,
        partitionValues,
        size: 1,
        modificationTime: 1,
        dataChange: true,
        stats,
        deletionVector,
      },
    })),
  ];
  mkdirSync(join(table, "_delta_log"));
  writeFileSync(
    join(table, "_delta_log", "00000000000000000000.json"),
    lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
  );
  return await loadSnapshot(engine, table);
}

export interface Asked {
  readonly columns?: readonly string[];
  readonly where?: string;
}

/** The rows of a scan as plain JSON values: 64-bit integers as text, bytes as hexadecimal. */
export async function readRows(
  engine: Engine,
  snapshot: Snapshot,
  { columns, where }: Asked = {},
): Promise<readonly unknown[]> {
  const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
  const predicate = where === undefined ? undefined : await parsePredicate(engine.sql, where, scope);
  const rows: unknown[] = [];
  for await (const batch of scanBatches(engine, snapshot, { ...(columns && { columns }), where: predicate }))
    rows.push(...plainRows(batch));
  return rows;
}

function plainRows(batch: RecordBatch): readonly unknown[] {
  return batch.toArray().map((row: unknown) => plain(row));
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if ("toJSON" in value) return plain((value as { toJSON(): unknown }).toJSON());
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}
