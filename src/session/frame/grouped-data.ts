// session/frame/grouped-data.ts: `df.groupBy(…)`: a frame whose rows are put together by keys.
import { printSyntax } from "../../expression/parse/print-syntax.ts";
import { ColumnExpression, type LiteralInput, callFunction, expr, lit } from "../../expression/predicate/builder.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { type ColumnInput, selectText } from "../plan/column-text.ts";
import type { DataFrame } from "./data-frame.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { columnOf } from "../plan/functions.ts";
import { queryOver } from "../plan/frame-query.ts";
import { type Grouping, groupPlan } from "../plan/group-plan.ts";

/** An aggregate, or the name of one for each column: `{ price: "max", "*": "count" }`. */
export type AggregateInput = ColumnInput | Readonly<Record<string, string>>;

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
   * Without them they are looked for in the rows, which are read for it: `(await groupBy("year").pivot("course")).sum("earnings")`.
   * @throws AlluviumError `INVALID_ARGUMENT` for more than 10 000 values
   */
  pivot(column: ColumnInput): Promise<GroupedData>;
  pivot(column: ColumnInput, values: readonly (LiteralInput | ColumnExpression)[]): GroupedData;
  pivot(
    column: ColumnInput,
    values?: readonly (LiteralInput | ColumnExpression)[],
  ): GroupedData | Promise<GroupedData> {
    if (values === undefined) return this.#pivotAll(columnOf(column));
    if (values.length === 0)
      throw new AlluviumError("INVALID_ARGUMENT", {}, "pivot needs the values to make columns of");
    const all = values.map((value) => (value instanceof ColumnExpression ? value : lit(value)));
    return this.#pivoted(columnOf(column), all);
  }

  /** By the texts of the values, in the order of the values. */
  async #pivotAll(column: ColumnExpression): Promise<GroupedData> {
    const text = `CAST(${printSyntax(column.syntax)} AS STRING)`;
    const found = queryOver(
      this.#grouping.plan,
      (from) =>
        `SELECT ${text} AS v FROM ${from} GROUP BY ${printSyntax(column.syntax)} ORDER BY ${printSyntax(column.syntax)} LIMIT ${pivotsMax + 1}`,
    );
    const rows = await this.#context.frame(found).collect();
    if (rows.length > pivotsMax) {
      const message = `${printSyntax(column.syntax)} has more than ${pivotsMax} values; name those that shall be columns: pivot(column, values)`;
      throw new AlluviumError("INVALID_ARGUMENT", {}, message);
    }
    return this.#pivoted(
      expr(text),
      rows.map(({ v }) => lit(typeof v === "string" ? v : null)),
    );
  }

  #pivoted(column: ColumnExpression, values: readonly ColumnExpression[]): GroupedData {
    return new GroupedData({ ...this.#grouping, context: this.#context, pivot: { column, values } });
  }

  /** The keys and these aggregates: `sum("price").as("total")`, Spark SQL such as `"sum(price) AS total"`, or `{ price: "max" }`. */
  agg(aggregate: AggregateInput, ...more: readonly ColumnInput[]): DataFrame {
    const isOne = typeof aggregate === "string" || aggregate instanceof ColumnExpression;
    const first = isOne ? [aggregate] : Object.entries(aggregate).map(byName);
    return this.#context.frame(groupPlan(this.#grouping, [...first, ...more]));
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

// Spark's spark.sql.pivotMaxValues.
const pivotsMax = 10_000;

function byName([column, name]: readonly [string, string]): ColumnExpression {
  return name.toLowerCase() === "count" && column === "*"
    ? expr("count(1)")
    : callFunction(otherNames.get(name.toLowerCase()) ?? name, columnOf(column));
}

const otherNames: ReadonlyMap<string, string> = new Map([
  ["mean", "avg"],
  ["average", "avg"],
]);
