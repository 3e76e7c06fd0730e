// session/frame/grouped-data.ts: `df.groupBy(…)`: a frame whose rows are put together by keys.
import { ColumnExpression, type LiteralInput, lit } from "../../expression/predicate/builder.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { type ColumnInput, selectText } from "../plan/column-text.ts";
import type { DataFrame } from "./data-frame.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { columnOf } from "../plan/functions.ts";
import { type Grouping, groupPlan } from "../plan/group-plan.ts";

/** Waits for what is to be said of each group. */
export class GroupedData {
  readonly #context: FrameContext;
  readonly #grouping: Grouping;

  /** @internal */
  constructor({ context, ...grouping }: Grouping & { readonly context: FrameContext }) {
    this.#context = context;
    this.#grouping = grouping;
  }

  /**
   * Makes columns of the values of a column: `groupBy("year").pivot("course", ["java", "ts"]).sum("earnings")`. What a group has no
   * rows of is null.
   * @param values in the order of the columns; a `lit(…).as("name")` gives a column another name than the value's own
   * @throws AlluviumError `INVALID_ARGUMENT` without values: to find them all rows would be read twice
   */
  pivot(column: ColumnInput, values: readonly (LiteralInput | ColumnExpression)[]): GroupedData {
    if (values.length === 0)
      throw new AlluviumError("INVALID_ARGUMENT", {}, "pivot needs the values to make columns of");
    const pivot = {
      column: columnOf(column),
      values: values.map((value) => (value instanceof ColumnExpression ? value : lit(value))),
    };
    return new GroupedData({ ...this.#grouping, context: this.#context, pivot });
  }

  /** The keys and these aggregates: `sum("price").as("total")`, or Spark SQL such as `"sum(price) AS total"`. */
  agg(aggregate: ColumnInput, ...more: readonly ColumnInput[]): DataFrame {
    return this.#context.frame(groupPlan(this.#grouping, [aggregate, ...more]));
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
      groupPlan(
        this.#grouping,
        columns.map((column) => `${name}(${selectText(column)})`),
      ),
    );
  }
}
