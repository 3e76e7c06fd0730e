// table/whole/change-feed.ts: the changes of a table as a person asks for them. Delta's change data feed.
import type { RecordBatch, Schema, Table } from "apache-arrow";
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { version } from "../../format/text/ids.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import type { ChangeFeed } from "../../reader/change-data-feed.ts";
import type { ChangePoint } from "../../reader/change-range.ts";
import type { RowObject } from "../input/table-input.ts";
import { arrowSchema, arrowTable } from "../rows/arrow-view.ts";
import { parseTimestamp } from "./time-travel.ts";

/** A range of commits, both ends inclusive. A number is a version; a Date, or ISO 8601 text (UTC unless it names a zone), a time. */
export interface ChangeOptions {
  /** The first version, or the first commit at or after a time. */
  readonly from: number | bigint | string | Date;
  /** The last version, or the last commit at or before a time; the handle's version when absent or beyond it. */
  readonly to?: number | bigint | string | Date | undefined;
}

/**
 * The rows that were inserted, updated or deleted, with `_change_type` (`insert`, `update_preimage`, `update_postimage` or
 * `delete`), `_commit_version` and `_commit_timestamp`, in the order of the commits. Nothing is read before it is asked
 * for; the rows are read anew by each call.
 */
export class TableChanges implements AsyncIterable<RowObject> {
  readonly #openFeed: () => Promise<ChangeFeed>;
  #feed: Promise<ChangeFeed> | undefined;

  /** @internal Use `DeltaTable.changes`. */
  constructor(engine: Engine, snapshot: Snapshot, options: ChangeOptions) {
    this.#openFeed = async () => openChanges(engine, snapshot, options);
  }

  /** Versions never change: the log is asked once, again only after a failure. */
  #open(): Promise<ChangeFeed> {
    this.#feed ??= this.#openFeed();
    this.#feed.catch(() => (this.#feed = undefined));
    return this.#feed;
  }

  /**
   * The table's columns and the three that tell of the change.
   * @throws AlluviumError `CHANGE_DATA_NOT_ENABLED`, `INVALID_RANGE`, `VERSION_NOT_FOUND`, `TIMESTAMP_OUT_OF_RANGE`
   */
  async schema(): Promise<StructType> {
    return (await this.#open()).schema;
  }

  /** As `schema`, in Arrow's words: the schema of `batches`. @throws AlluviumError as `schema` */
  async arrowSchema(): Promise<Schema> {
    return arrowSchema(await this.schema());
  }

  /** Arrow batches of bounded size. @throws AlluviumError as `schema`, and `FILE_NOT_FOUND` for a file that was vacuumed */
  async *batches(): AsyncGenerator<RecordBatch> {
    yield* (await this.#open()).batches();
  }

  /** Row objects, as `DeltaTable.rows` gives them. @throws AlluviumError as `batches` */
  async *rows(): AsyncGenerator<RowObject> {
    const { rowsFromBatch } = await import("../../engine/arrow/arrow-rows.ts");
    const feed = await this.#open();
    for await (const batch of feed.batches()) yield* rowsFromBatch(batch, feed.schema);
  }

  /** All changes as one Arrow table, in memory. @throws AlluviumError as `batches` */
  async toArrow(): Promise<Table> {
    const feed = await this.#open();
    return arrowTable(feed.batches(), feed.schema);
  }

  /** The same as `rows`. */
  [Symbol.asyncIterator](): AsyncGenerator<RowObject> {
    return this.rows();
  }
}

/** Opens the changes of a range. @throws AlluviumError as `TableChanges.schema`, `INVALID_ARGUMENT` for an end that is none */
export async function openChanges(engine: Engine, snapshot: Snapshot, options: ChangeOptions): Promise<ChangeFeed> {
  const { openChangeFeed } = await import("../../reader/change-data-feed.ts");
  const from = changePoint("from", options.from);
  const to = options.to === undefined ? undefined : changePoint("to", options.to);
  return openChangeFeed(engine, snapshot, { from, to });
}

function changePoint(name: "from" | "to", value: number | bigint | string | Date): ChangePoint {
  if (typeof value === "string" || value instanceof Date)
    return { kind: "timestamp", timestampMs: parseTimestamp(value) };
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return { kind: "version", version: version(number) };
  const message = `${name} is a version (a whole number from 0) or a time, not ${value}`;
  throw new AlluviumError("INVALID_ARGUMENT", { option: name }, message);
}
