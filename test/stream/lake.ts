// Real tables and real queries between them, for tests of source and sink together.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Engine, SqlRow } from "../../src/engine/base/engine.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import { tableProperties } from "../../src/format/property/table-property.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../src/log/state/snapshot.ts";
import { scanRelation } from "../../src/reader/scan-relation.ts";
import type { BatchPlan } from "../../src/stream/operator/batch-plan.ts";
import { openDeltaSource } from "../../src/stream/source/open-delta-source.ts";
import { deltaSink } from "../../src/stream/sink/delta-sink.ts";
import type { DeltaSinkOptions } from "../../src/stream/sink/delta-sink.ts";
import { StreamingQueryManager } from "../../src/stream/query/query-manager.ts";
import { parseSourceOptions } from "../../src/stream/source/source-options.ts";
import { startQuery } from "../../src/stream/query/start-query.ts";
import type { StartQueryOptions } from "../../src/stream/query/start-query.ts";
import type { StreamingQuery } from "../../src/stream/query/streaming-query.ts";
import { createTable } from "../../src/table/input/create-table.ts";
import type { CreateTableOptions } from "../../src/table/input/create-table.ts";
import { writeDataFiles } from "../../src/writer/data-file-writer.ts";
import { beginTransaction } from "../../src/writer/transaction.ts";

/** `id` long, `day` string. */
export const bookSchema: StructType = {
  kind: "struct",
  fields: [
    { name: "id", type: { kind: "primitive", name: "long" }, nullable: true, metadata: {} },
    { name: "day", type: { kind: "primitive", name: "string" }, nullable: true, metadata: {} },
  ],
};

/** How one query of a test runs. */
export interface QuerySettings extends Partial<StartQueryOptions> {
  readonly from?: string;
  readonly to?: string;
  readonly source?: Readonly<Record<string, string>>;
  readonly into?: Partial<DeltaSinkOptions>;
  /** SELECT over `input`; the rows as they are when absent. */
  readonly select?: string;
  readonly outputSchema?: StructType;
}

/** A folder of tables and checkpoints. */
export class Lake {
  readonly engine: Engine;
  readonly root: string;
  readonly manager: StreamingQueryManager;

  constructor(engine: Engine, root: string) {
    this.engine = engine;
    this.root = root;
    this.manager = new StreamingQueryManager(engine.clock);
  }

  path(name: string): string {
    return join(this.root, name);
  }

  async create(name: string, options: Partial<CreateTableOptions> = {}): Promise<void> {
    await createTable(this.engine, this.path(name), { schema: bookSchema, ...options });
  }

  /** One commit of rows with these ids, all of one day. */
  async append(name: string, ids: readonly number[], day: string = "mon"): Promise<void> {
    const snapshot = await loadSnapshot(this.engine, this.path(name));
    const values = ids.map((id) => `(${id}::BIGINT, '${day}')`).join(", ");
    const { tablePath, metadata } = snapshot;
    const target = {
      tablePath,
      schema: snapshot.schema,
      partitionColumns: metadata.partitionColumns,
      properties: tableProperties(metadata.configuration),
    };
    const written = await writeDataFiles(this.engine, target, {
      kind: "relation",
      schema: bookSchema,
      sql: `SELECT * FROM (VALUES ${values}) AS v(id, "day")`,
    });
    await beginTransaction(this.engine, snapshot).commit({
      operation: "WRITE",
      parameters: { mode: "Append", partitionBy: "[]" },
      actions: written.adds,
    });
  }

  snapshot(name: string): Promise<Snapshot> {
    return loadSnapshot(this.engine, this.path(name));
  }

  async rows(name: string): Promise<readonly SqlRow[]> {
    const snapshot = await this.snapshot(name);
    const relation: string[] = [];
    for await (const files of snapshot.files.chunks()) {
      relation.push(
        scanRelation(
          {
            tablePath: snapshot.tablePath,
            schema: snapshot.schema,
            partitionColumns: snapshot.metadata.partitionColumns,
          },
          files,
        ),
      );
    }
    if (relation.length === 0) return [];
    await using connection = await this.engine.sql.connect();
    return await connection.rows(`SELECT * FROM (${relation.join(" UNION ALL ")}) ORDER BY id`);
  }

  /** The ids in a table, ascending. */
  async ids(name: string): Promise<readonly number[]> {
    return (await this.rows(name)).map((row) => Number(row["id"]));
  }

  /** The lines of one commit, as written. */
  commit(name: string, version: number): readonly Record<string, Record<string, unknown>>[] {
    const text = readFileSync(join(this.path(name), "_delta_log", `${String(version).padStart(20, "0")}.json`), "utf8");
    return text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>);
  }

  /** Highest version; -1 for no table. */
  version(name: string): number {
    const log = join(this.path(name), "_delta_log");
    try {
      return readdirSync(log).filter((file) => /^\d{20}\.json$/u.test(file)).length - 1;
    } catch {
      return -1;
    }
  }

  /** From table `books` to table `copy`, unless it is said otherwise. */
  start(settings: QuerySettings = {}): Promise<StreamingQuery> {
    const {
      from = "books",
      to = "copy",
      source = {},
      into = {},
      select,
      outputSchema = bookSchema,
      ...rest
    } = settings;
    const { engine } = this;
    const plan: BatchPlan = {
      outputSchema,
      run: async ({ inputs: [input] }) => {
        if (input === undefined) throw new Error("one source is expected");
        const relation = scanRelation(input, input.files);
        return {
          kind: "relation",
          schema: outputSchema,
          sql: select === undefined ? relation : `WITH input AS (${relation}) ${select}`,
        };
      },
    };
    const openSource = async (): Promise<Awaited<ReturnType<typeof openDeltaSource>>> => {
      const { schema } = await this.snapshot(from);
      return openDeltaSource(engine, {
        tablePath: this.path(from),
        options: parseSourceOptions(new Map(Object.entries(source))),
        schema,
      });
    };
    return startQuery({
      engine,
      manager: this.manager,
      name: null,
      checkpointLocation: this.path("checkpoint"),
      trigger: { kind: "availableNow" },
      outputMode: "append",
      sources: async () => [await openSource()],
      plan: () => plan,
      sink: deltaSink(engine, { tablePath: this.path(to), ...into }),
      ...rest,
    });
  }

  /** Runs a query to its end. */
  async drain(settings: QuerySettings = {}): Promise<StreamingQuery> {
    const query = await this.start(settings);
    await query.awaitTermination();
    return query;
  }
}
