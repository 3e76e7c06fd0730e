// session/frame/data-frame-writer.ts: `df.write`: a batch frame into a table, in one commit.
import { localPath } from "../../engine/files/local-path.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { knownOption } from "../../format/text/known-option.ts";
import type { SaveMode } from "../../table/rows/save-rows.ts";
import type { OverwriteOptions } from "../../table/rows/overwrite-rows.ts";
import type { WriteResult } from "../../table/rows/append-rows.ts";
import { quoteName } from "../../expression/parse/print-syntax.ts";
import { formatType } from "../../format/schema/schema-type.ts";
import type { DataFrame } from "./data-frame.ts";
import { requireDelta } from "../plan/table-format.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { type OptionValue, optionFlag, optionValue, withOption } from "../plan/option-bag.ts";

const known = [
  "mergeSchema",
  "overwriteSchema",
  "replaceWhere",
  "partitionOverwriteMode",
  "txnAppId",
  "txnVersion",
  "userMetadata",
] as const;

interface WriterState {
  readonly mode: SaveMode;
  readonly partitionBy: readonly string[] | undefined;
  readonly options: ReadonlyMap<string, string>;
}

/** Collects how a batch frame is written, and writes it. Immutable. */
export class DataFrameWriter {
  readonly #context: FrameContext;
  readonly #frame: DataFrame;
  readonly #state: WriterState;

  /** @internal */
  constructor(
    context: FrameContext,
    frame: DataFrame,
    state: WriterState = { mode: "errorifexists", partitionBy: undefined, options: new Map() },
  ) {
    this.#context = context;
    this.#frame = frame;
    this.#state = state;
  }

  /** Only `delta` is there. */
  format(name: string): DataFrameWriter {
    requireDelta(name);
    return this;
  }

  /** What to do where the table exists: `append`, `overwrite`, `ignore`, or fail (`errorifexists`, the default). */
  mode(mode: SaveMode | "error"): DataFrameWriter {
    const lower = mode.toLowerCase();
    const found = (["append", "overwrite", "ignore", "errorifexists"] as const).find((name) => name === lower);
    if (found !== undefined || lower === "error") return this.#with({ mode: found ?? "errorifexists" });
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      { mode },
      `a write mode is append, overwrite, ignore or errorifexists, not ${mode}`,
    );
  }

  /** Partition columns of a table that the write creates. */
  partitionBy(...columns: readonly string[]): DataFrameWriter {
    return this.#with({ partitionBy: columns });
  }

  /**
   * `mergeSchema`, `overwriteSchema`, `replaceWhere`, `partitionOverwriteMode`, `txnAppId`, `txnVersion`, `userMetadata`; any case.
   * @throws AlluviumError `DELTA_ILLEGAL_OPTION`
   */
  option(name: string, value: OptionValue): DataFrameWriter {
    knownOption(name, { owner: "write", names: known });
    return this.#with({ options: withOption(this.#state.options, name, value) });
  }

  /** Writes to the table at this path, made where it does not exist. */
  async save(path: string): Promise<WriteResult> {
    const { saveRows } = await import("../../table/rows/save-rows.ts");
    const { mode, partitionBy } = this.#state;
    const rows = await this.#frame.toTableRows();
    const { snapshot: _, ...result } = await saveRows(this.#context.engine, localPath(path), {
      rows,
      mode,
      partitionBy,
      options: this.#options(),
    });
    return result;
  }

  /** Writes to the table of this name, made where it does not exist. */
  saveAsTable(name: string): Promise<WriteResult> {
    return this.save(this.#context.catalog.tablePath(name));
  }

  /**
   * Writes to the columns of a table that is there, by their places, cast to their types: appends, or replaces the rows with
   * `mode("overwrite")`.
   * @throws AlluviumError `INSERT_COLUMN_ARITY_MISMATCH` for another number of columns than the table has
   */
  async insertInto(name: string): Promise<WriteResult> {
    const { tableSnapshot } = await import("../names/table-snapshot.ts");
    const tablePath = this.#context.catalog.tablePath(name);
    const { fields } = (await tableSnapshot(this.#context, { kind: "table", tablePath })).schema;
    const given = await this.#frame.columns();
    if (given.length !== fields.length) {
      const message = `${name} has ${fields.length} columns (${fields.map((one) => one.name).join(", ")}), but ${given.length} are given`;
      throw new AlluviumError("INSERT_COLUMN_ARITY_MISMATCH", { table: name, given: given.length }, message);
    }
    const numbered = this.#frame.toDF(...fields.map((_, index) => `c${index}`));
    const cast = fields.map((one, index) => `CAST(c${index} AS ${formatType(one.type)}) AS ${quoteName(one.name)}`);
    const mode = this.#state.mode === "overwrite" ? "overwrite" : "append";
    return new DataFrameWriter(this.#context, numbered.selectExpr(...cast), { ...this.#state, mode }).saveAsTable(name);
  }

  #options(): OverwriteOptions {
    const text = (name: (typeof known)[number]): string | undefined => optionValue(this.#state.options, name);
    const mode = text("partitionOverwriteMode")?.toLowerCase();
    if (mode !== undefined && mode !== "static" && mode !== "dynamic")
      throw illegal("partitionOverwriteMode", mode, "static or dynamic");
    return {
      mergeSchema: optionFlag(this.#state.options, "mergeSchema"),
      overwriteSchema: optionFlag(this.#state.options, "overwriteSchema"),
      where: text("replaceWhere"),
      partitionOverwriteMode: mode,
      txnAppId: text("txnAppId"),
      txnVersion: text("txnVersion"),
      userMetadata: text("userMetadata"),
    };
  }

  #with(change: Partial<WriterState>): DataFrameWriter {
    return new DataFrameWriter(this.#context, this.#frame, { ...this.#state, ...change });
  }
}

function illegal(option: string, value: string, wanted: string): AlluviumError {
  return new AlluviumError("DELTA_ILLEGAL_OPTION", { option, value }, `option ${option} is ${wanted}, not ${value}`);
}
