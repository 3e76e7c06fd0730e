// session/grouped-data.ts: `df.groupBy(…)`: a frame whose rows are put together by keys.
import type { ColumnInput } from "./column-text.ts";
import { selectText } from "./column-text.ts";
import type { DataFrame } from "./data-frame.ts";
import type { FrameContext } from "./frame-context.ts";
import { aggregatePlan } from "./frame-query.ts";
import type { Plan } from "./plan.ts";

/** Waits for what is to be said of each group. */
export class GroupedData {
  readonly #context: FrameContext;
  readonly #plan: Plan;
  readonly #keys: readonly ColumnInput[];

  /** @internal */
  constructor(context: FrameContext, plan: Plan, keys: readonly ColumnInput[]) {
    this.#context = context;
    this.#plan = plan;
    this.#keys = keys;
  }

  /** The keys and these aggregates: `sum("price").as("total")`, or Spark SQL such as `"sum(price) AS total"`. */
  agg(aggregate: ColumnInput, ...more: readonly ColumnInput[]): DataFrame {
    return this.#context.frame(aggregatePlan(this.#plan, this.#keys, [aggregate, ...more]));
  }

  /** The keys and the number of rows, named `count`. */
  count(): DataFrame {
    return this.agg("count(1) AS `count`");
  }

  /** The keys and the sums of these columns, named `sum(column)`. */
  sum(...columns: readonly string[]): DataFrame {
    return this.#each("sum", columns);
  }

  /** The keys and the means of these columns, named `avg(column)`. */
  avg(...columns: readonly string[]): DataFrame {
    return this.#each("avg", columns);
  }

  /** The keys and the smallest values of these columns, named `min(column)`. */
  min(...columns: readonly string[]): DataFrame {
    return this.#each("min", columns);
  }

  /** The keys and the greatest values of these columns, named `max(column)`. */
  max(...columns: readonly string[]): DataFrame {
    return this.#each("max", columns);
  }

  #each(name: string, columns: readonly string[]): DataFrame {
    return this.#context.frame(
      aggregatePlan(
        this.#plan,
        this.#keys,
        columns.map((column) => `${name}(${selectText(column)})`),
      ),
    );
  }
}
