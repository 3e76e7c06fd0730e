// session/data-frame-reader.ts: `spark.read`.
import { AlluviumError } from "../format/error.ts";
import { didYouMean } from "../format/did-you-mean.ts";
import { namePartsOf, pathOfTable } from "./catalog.ts";
import { DataFrame } from "./data-frame.ts";
import type { FrameContext } from "./frame-context.ts";
import type { Plan } from "./plan.ts";
import { viewOf } from "./resolve-query.ts";
import { requireDelta } from "./table-format.ts";
import { type OptionValue, optionValue, withOption } from "./option-bag.ts";

const known = ["versionAsOf", "timestampAsOf"];

/** Reads a table as it is when the frame runs, or at an old version. Immutable. */
export class DataFrameReader {
  readonly #context: FrameContext;
  readonly #options: ReadonlyMap<string, string>;

  /** @internal */
  constructor(context: FrameContext, options: ReadonlyMap<string, string> = new Map()) {
    this.#context = context;
    this.#options = options;
  }

  /** Only `delta` is there. */
  format(name: string): DataFrameReader {
    requireDelta(name);
    return this;
  }

  /** `versionAsOf` (a version) or `timestampAsOf` (ISO 8601, UTC). */
  option(name: string, value: OptionValue): DataFrameReader {
    if (!known.some((option) => option.toLowerCase() === name.toLowerCase())) {
      const hint = didYouMean(name, known);
      throw new AlluviumError(
        "DELTA_ILLEGAL_OPTION",
        { option: name },
        `read has no option ${name}${hint === null ? "" : `; did you mean ${hint}?`} (it has ${known.join(", ")})`,
      );
    }
    return new DataFrameReader(this.#context, withOption(this.#options, name, value));
  }

  /** A table by name, or a view. */
  table(name: string): DataFrame {
    const view = this.#view(name);
    if (view !== undefined && this.#options.size === 0) return this.#context.frame(view);
    return this.#frame(this.#context.catalog.tablePath(name));
  }

  /** A table by path. */
  load(path: string): DataFrame {
    return this.#frame(pathOfTable(path));
  }

  #view(name: string): Plan | undefined {
    const temporary = this.#context.views.get(name.toLowerCase());
    if (temporary !== undefined || /^delta\s*\.\s*`/i.test(name.trim())) return temporary;
    return viewOf(this.#context, namePartsOf(name));
  }

  #frame(tablePath: string): DataFrame {
    const version = optionValue(this.#options, "versionAsOf");
    const timestamp = optionValue(this.#options, "timestampAsOf");
    if (version !== undefined && timestamp !== undefined) {
      throw new AlluviumError("DELTA_ILLEGAL_OPTION", {}, "give versionAsOf or timestampAsOf, not both");
    }
    if (version !== undefined && !/^\d{1,15}$/.test(version)) {
      throw new AlluviumError("DELTA_ILLEGAL_OPTION", { version }, `versionAsOf is a version from 0, not ${version}`);
    }
    return new DataFrame(this.#context, {
      source: {
        kind: "table",
        tablePath,
        ...(version === undefined ? {} : { version: Number(version) }),
        ...(timestamp === undefined ? {} : { timestamp }),
      },
      steps: [],
    });
  }
}
