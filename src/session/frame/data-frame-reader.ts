// session/frame/data-frame-reader.ts: `spark.read`.
import { localPath } from "../../engine/files/local-path.ts";
import { namePartsOf } from "../plan/catalog.ts";
import type { DataFrame } from "./data-frame.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import type { Plan } from "../plan/plan.ts";
import { viewOf } from "../names/view-of-name.ts";
import { checkStateOption, stateQuestion } from "../names/state-reader.ts";
import { requireDelta } from "../plan/table-format.ts";
import { type OptionValue, withOption } from "../plan/option-bag.ts";
import { askedOfTable, checkReadOption } from "../plan/read-options.ts";

const fileWords = (call: string): string => `files of rows are read in SQL: SELECT * FROM ${call}('path')`;
const inSql = { parquet: fileWords("read_parquet"), csv: fileWords("read_csv"), json: fileWords("read_json") };

type ReadFormat = "delta" | "statestore" | "state-metadata";

/** Reads a table as it is when the frame runs, or at an old version; or the state of a streaming query. Immutable. */
export class DataFrameReader {
  readonly #context: FrameContext;
  readonly #options: ReadonlyMap<string, string>;
  readonly #format: ReadFormat;

  /** @internal */
  constructor(context: FrameContext, options: ReadonlyMap<string, string> = new Map(), format: ReadFormat = "delta") {
    this.#context = context;
    this.#options = options;
    this.#format = format;
  }

  /**
   * `delta`, which need not be said; `statestore`, the rows of a query's state (`key`, `value`, `partition_id`), and
   * `state-metadata`, its operators, both of which `load` a checkpoint.
   */
  format(name: string): DataFrameReader {
    const format = name.toLowerCase();
    if (format !== "statestore" && format !== "state-metadata") requireDelta(name, inSql);
    return new DataFrameReader(this.#context, this.#options, format as ReadFormat); // one of the three by now
  }

  /**
   * `versionAsOf` (a version) or `timestampAsOf` (ISO 8601, UTC). Or `readChangeFeed` (true), which gives the changes from
   * `startingVersion` or `startingTimestamp` to `endingVersion`, `endingTimestamp` or the newest commit. Of a state: `batchId` (the last one committed when absent),
   * `operatorId` (0), `storeName`, `joinSide` (`left`, `right`).
   */
  option(name: string, value: OptionValue): DataFrameReader {
    if (this.#format !== "delta") {
      checkStateOption(name);
      return new DataFrameReader(this.#context, withOption(this.#options, name, value), this.#format);
    }
    checkReadOption(name);
    return new DataFrameReader(this.#context, withOption(this.#options, name, value));
  }

  /** A table by name, or a view. */
  table(name: string): DataFrame {
    const view = this.#view(name);
    if (view !== undefined && this.#options.size === 0) return this.#context.frame(view);
    return this.#frame(this.#context.catalog.tablePath(name));
  }

  /** A table by path; a checkpoint where a state is read. */
  load(path: string): DataFrame {
    if (this.#format !== "delta") {
      const question = stateQuestion(localPath(path), this.#options);
      const source = { kind: "state" as const, question, isMetadata: this.#format === "state-metadata" };
      return this.#context.frame({ source, steps: [] });
    }
    return this.#frame(localPath(path));
  }

  #view(name: string): Plan | undefined {
    const temporary = this.#context.views.get(name.toLowerCase());
    if (temporary !== undefined || /^delta\s*\.\s*`/i.test(name.trim())) return temporary;
    return viewOf(this.#context, namePartsOf(name));
  }

  #frame(tablePath: string): DataFrame {
    return this.#context.frame({ source: askedOfTable(tablePath, this.#options), steps: [] });
  }
}
