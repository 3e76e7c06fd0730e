// table/whole/delta-table.ts: the table a person holds. What changes it is loaded with the first change of its kind.
import { localPath } from "../../engine/files/local-path.ts";
import type { Engine } from "../../engine/base/engine.ts";
import { localEngine } from "../../engine/local/local-engine.ts";
import type { PredicateInput } from "../../expression/predicate/predicate-input.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { refreshSnapshot } from "../../log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import type { Rows } from "../../writer/rows.ts";
import type { CreateTableOptions } from "../input/create-table.ts";
import type { DeleteResult } from "../rows/delete-rows.ts";
import type { AlterResult, DropFeatureOptions, TableChange } from "../alter/alter-table.ts";
import type { NewColumn } from "../alter/alter-columns.ts";
import type { ColumnEdit } from "../alter/change-column.ts";
import type { SchemaInput } from "../input/schema-input.ts";
import type { TableInput } from "../input/table-input.ts";
import { type OpenOptions, openSnapshot } from "./open-table.ts";
import { TableVersion } from "./table-version.ts";
import type { WriteOptions, WriteResult } from "../rows/append-rows.ts";
import type { OverwriteOptions } from "../rows/overwrite-rows.ts";
import type { ExpressionInput } from "../../expression/predicate/bind-row-expression.ts";
import { MergeBuilder } from "../merge/merge-builder.ts";
import type { MergeAliases } from "../merge/merge-clause.ts";
import type { UpdateOptions, UpdateResult } from "../rows/update-rows.ts";

/** For what may be gone already. */
export interface IfExists {
  /** What is not there is passed over; false by default. */
  readonly ifExists?: boolean;
}

/**
 * A Delta table at one version. Reading sees that version for ever; writing commits on top of the newest version and
 * moves this handle to it.
 */
export class DeltaTable extends TableVersion implements AsyncDisposable {
  readonly #ownsEngine: boolean;

  /** @internal Use `create` or `open`. */
  constructor(engine: Engine, snapshot: Snapshot, ownsEngine: boolean) {
    super(engine, snapshot);
    this.#ownsEngine = ownsEngine;
  }

  /**
   * Makes a new, empty table.
   * @throws AlluviumError `DELTA_TABLE_ALREADY_EXISTS`, or an error about schema, partition columns or properties
   */
  static create(path: string, options: CreateTableOptions): Promise<DeltaTable> {
    return withOwnEngine(async (engine) => {
      const { createTable } = await import("../input/create-table.ts");
      return createTable(engine, localPath(path), options);
    });
  }

  /**
   * Opens a table at its latest version, or at an older one.
   * @throws AlluviumError `TABLE_NOT_FOUND`, `VERSION_NOT_FOUND`, `TIMESTAMP_OUT_OF_RANGE`, `UNSUPPORTED_FEATURE`, `CORRUPT_LOG`
   */
  static open(path: string, options: OpenOptions = {}): Promise<DeltaTable> {
    return withOwnEngine((engine) => openSnapshot(engine, path, options));
  }

  /** Moves this handle to the newest version. */
  async refresh(): Promise<this> {
    this.snapshot = await refreshSnapshot(this.engine, this.snapshot);
    return this;
  }

  /**
   * Adds rows in one commit.
   * @returns how much was written; with `txnAppId`/`txnVersion` already there nothing is, and `status` says so
   * @throws AlluviumError `DELTA_METADATA_MISMATCH` and others when the rows do not fit the schema
   */
  append(data: TableInput, options: WriteOptions = {}): Promise<WriteResult> {
    const engine = this.engine;
    return this.#write(async (snapshot) => {
      const { appendRows } = await import("../rows/append-rows.ts");
      return withRows(engine, [data, snapshot.schema], (rows) => appendRows({ engine, snapshot }, rows, options));
    });
  }

  /**
   * Replaces all rows, or with `where` the rows of a region (`replaceWhere`), in one commit.
   * @throws AlluviumError `DELTA_REPLACE_WHERE_MISMATCH` when new rows lie outside the region, and as `append`
   */
  overwrite(data: TableInput, options: OverwriteOptions = {}): Promise<WriteResult> {
    const engine = this.engine;
    return this.#write(async (snapshot) => {
      const { overwriteRows } = await import("../rows/overwrite-rows.ts");
      const known = options.overwriteSchema === true ? null : snapshot.schema;
      return withRows(engine, [data, known], (rows) => overwriteRows({ engine, snapshot }, rows, options));
    });
  }

  /** Deletes the rows for which the predicate is true; all rows without one. */
  delete(where?: PredicateInput): Promise<DeleteResult> {
    return this.#write(async (snapshot) => {
      const { deleteRows } = await import("../rows/delete-rows.ts");
      return deleteRows(this.engine, snapshot, where);
    });
  }

  /**
   * Gives the rows for which `where` is true new values: `update({ where: "id = 1", set: { price: "price * 2" } })`.
   * @throws AlluviumError `COLUMN_NOT_FOUND`, `INVALID_PREDICATE`, and errors about the new values
   */
  update(options: UpdateOptions): Promise<UpdateResult> {
    return this.#write(async (snapshot) => {
      const { updateRows } = await import("../rows/update-rows.ts");
      return updateRows(this.engine, snapshot, options);
    });
  }

  /** Sets table properties; those named `delta.feature.NAME`, `delta.minReaderVersion` and `delta.minWriterVersion` raise the protocol. */
  setProperties(properties: Readonly<Record<string, string>>): Promise<AlterResult> {
    return this.#alter({ kind: "setProperties", properties });
  }

  /** @throws AlluviumError `DELTA_UNSET_NON_EXISTENT_PROPERTY`, unless `ifExists` */
  unsetProperties(names: readonly string[], { ifExists = false }: IfExists = {}): Promise<AlterResult> {
    return this.#alter({ kind: "unsetProperties", names, ifExists });
  }

  /** Adds columns, null in the rows that are there: Spark's DDL, or a list that says where each goes. */
  addColumns(columns: SchemaInput | readonly NewColumn[]): Promise<AlterResult> {
    return this.#alter({ kind: "addColumns", columns });
  }

  /** Gives a column another name; `column` may be nested (`address.city`). Needs column mapping. */
  renameColumn(column: string, to: string): Promise<AlterResult> {
    return this.#alter({ kind: "renameColumn", from: column, to });
  }

  /** Drops columns; their values stay in the files, unseen. Needs column mapping. */
  dropColumns(columns: readonly string[], { ifExists = false }: IfExists = {}): Promise<AlterResult> {
    return this.#alter({ kind: "dropColumns", columns, ifExists });
  }

  /** As `dropColumns`, of one. */
  dropColumn(column: string): Promise<AlterResult> {
    return this.dropColumns([column]);
  }

  /** Changes type (to a wider one, with type widening), comment, place, default or nullability of a column. */
  changeColumn(column: string, edit: ColumnEdit): Promise<AlterResult> {
    return this.#alter({ kind: "changeColumn", column, edit });
  }

  /** Adds a CHECK constraint in Spark's SQL, which every row must satisfy. */
  addConstraint(name: string, expression: string): Promise<AlterResult> {
    return this.#alter({ kind: "addConstraint", name, expression });
  }

  /** @throws AlluviumError `DELTA_CONSTRAINT_DOES_NOT_EXIST`, unless `ifExists` */
  dropConstraint(name: string, { ifExists = false }: IfExists = {}): Promise<AlterResult> {
    return this.#alter({ kind: "dropConstraint", name, ifExists });
  }

  /** Clusters rows that are written from now on by columns; none: no more. */
  clusterBy(columns: readonly string[]): Promise<AlterResult> {
    return this.#alter({ kind: "clusterBy", columns });
  }

  /** Makes the protocol support a table feature, and those it requires. */
  addFeatureSupport(name: string): Promise<AlterResult> {
    return this.#alter({ kind: "addFeature", name });
  }

  /** Frees the table of a feature and takes it out of the protocol. @throws AlluviumError `DELTA_FEATURE_DROP_*` */
  dropFeatureSupport(name: string, { truncateHistory = false }: DropFeatureOptions = {}): Promise<AlterResult> {
    return this.#alter({ kind: "dropFeature", name, truncateHistory });
  }

  /** Raises the protocol's versions. @throws AlluviumError `DELTA_INVALID_PROTOCOL_DOWNGRADE` */
  upgradeTableProtocol(minReaderVersion: number, minWriterVersion: number): Promise<AlterResult> {
    return this.#alter({ kind: "upgradeProtocol", minReaderVersion, minWriterVersion });
  }

  /**
   * Begins a merge of rows into this table; `execute` on what it gives does it.
   * @param source rows as `append` takes them; `source` in expressions, unless `sourceAlias` says otherwise
   * @param on which rows go together, such as `target.id = source.id`
   */
  merge(source: TableInput, on: ExpressionInput, aliases: MergeAliases = {}): MergeBuilder {
    const engine = this.engine;
    return new MergeBuilder((asked) =>
      this.#write(async (snapshot) => {
        const { mergeRows } = await import("../merge/merge-rows.ts");
        const request = { on, ...asked, ...aliases };
        return withRows(engine, [source, snapshot.schema], (rows) =>
          mergeRows(engine, snapshot, { source: rows, request }),
        );
      }),
    );
  }

  /** Frees what a handle from `create` or `open` holds; one from a session leaves that to the session. */
  async close(): Promise<void> {
    if (this.#ownsEngine) await this.engine[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #alter(change: TableChange): Promise<AlterResult> {
    const engine = this.engine;
    return this.#write(async (snapshot) => {
      const { alterTable } = await import("../alter/alter-table.ts");
      return alterTable({ engine, snapshot }, change);
    });
  }

  async #write<R extends { readonly snapshot: Snapshot }>(
    work: (snapshot: Snapshot) => Promise<R>,
  ): Promise<Omit<R, "snapshot">> {
    await this.refresh();
    const { snapshot, ...result } = await work(this.snapshot);
    this.snapshot = snapshot;
    return result;
  }
}

/** Works with rows, and lets go of what they come from, also where the work refuses them unread. */
async function withRows<R>(
  engine: Engine,
  [data, schema]: readonly [data: TableInput, schema: StructType | null],
  work: (rows: Rows) => Promise<R>,
): Promise<R> {
  const { toRows } = await import("../input/table-input.ts");
  const { closeRows } = await import("../../writer/rows.ts");
  const rows = await toRows(engine, data, schema);
  try {
    return await work(rows);
  } finally {
    await closeRows(rows);
  }
}

async function withOwnEngine(open: (engine: Engine) => Promise<Snapshot>): Promise<DeltaTable> {
  const engine = localEngine();
  try {
    return new DeltaTable(engine, await open(engine), true);
  } catch (cause) {
    await engine[Symbol.asyncDispose]();
    throw cause;
  }
}
