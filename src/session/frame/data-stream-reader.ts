// session/frame/data-stream-reader.ts: `spark.readStream`.
import { localPath } from "../../engine/files/local-path.ts";
import { parseSourceOptions } from "../../stream/source/source-options.ts";
import { requireDelta } from "../plan/table-format.ts";
import { DataFrame } from "./data-frame.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { type OptionValue, withOption } from "../plan/option-bag.ts";

/** Reads a table as a stream: what it holds, then what is committed to it. Immutable. */
export class DataStreamReader {
  readonly #context: FrameContext;
  readonly #options: ReadonlyMap<string, string>;

  /** @internal */
  constructor(context: FrameContext, options: ReadonlyMap<string, string> = new Map()) {
    this.#context = context;
    this.#options = options;
  }

  /** Only `delta` is there. */
  format(name: string): DataStreamReader {
    requireDelta(name, { rate: "append to a table and read that as a stream" });
    return this;
  }

  /**
   * One of Delta's source options (`startingVersion`, `ignoreDeletes`, `maxFilesPerTrigger`, …); names in any case.
   * @throws AlluviumError `DELTA_ILLEGAL_OPTION` at once for an unknown name or a bad value
   */
  option(name: string, value: OptionValue): DataStreamReader {
    const one = new Map([[name, String(value)]]);
    parseSourceOptions(one);
    return new DataStreamReader(this.#context, withOption(this.#options, name, value));
  }

  /** Several options at once. */
  options(values: Readonly<Record<string, OptionValue>>): DataStreamReader {
    return Object.entries(values).reduce<DataStreamReader>((reader, [name, value]) => reader.option(name, value), this);
  }

  /** A stream over a table by name. */
  table(name: string): DataFrame {
    return this.#frame(this.#context.catalog.tablePath(name));
  }

  /** A stream over a table by path. */
  load(path: string): DataFrame {
    return this.#frame(localPath(path));
  }

  #frame(tablePath: string): DataFrame {
    parseSourceOptions(this.#options);
    return new DataFrame(this.#context, { source: { kind: "stream", tablePath, options: this.#options }, steps: [] });
  }
}
