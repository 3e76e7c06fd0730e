// session/plan/summary-plan.ts: a row for each statistic and a column of texts for each column. Spark's StatFunctions.summary.
import { quoteName } from "../../expression/parse/print-syntax.ts";
import { isNumeric, isOneOf } from "../../expression/tree/value-type.ts";
import { findField } from "../../format/schema/schema-type.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { queryPlan } from "./frame-query.ts";
import type { Plan } from "./plan.ts";

/** What is told of which columns. */
export interface Summary {
  readonly schema: StructType;
  /** All columns of numbers and texts when empty. */
  readonly columns: readonly string[];
  /**
   * `count`, `count_distinct`, `approx_count_distinct`, `mean`, `stddev`, `min`, `max`, or a percentile such as `25%`. When empty: those
   * without distinct counts, and the quartiles.
   */
  readonly statistics: readonly string[];
}

/** @throws AlluviumError `UNRESOLVED_COLUMN`; `INVALID_ARGUMENT` for a statistic that there is not */
export function summaryPlan(plan: Plan, { schema, columns, statistics: asked }: Summary): Plan {
  const statistics = asked.length === 0 ? usual : asked;
  const named = columns.length === 0 ? schema.fields : columns.map((name) => fieldNamed(schema, name));
  const fields = named.filter(({ type }) => isNumeric(type) || isOneOf(type, ["string"]));
  const calls = statistics.map((statistic) => fields.map((field) => `CAST(${callOf(statistic, field)} AS STRING)`));
  const values = calls.flatMap((row, index) => row.map((call, other) => `${call} AS s${index}_${other}`));
  const rows = statistics.map((statistic, index) => {
    const cells = fields.map(({ name }, other) => `, s${index}_${other} AS ${quoteName(name)}`);
    return `struct(${index} AS alluvium_place, '${statistic}' AS summary${cells.join("")})`;
  });
  const told = `SELECT ${values.length === 0 ? "1" : values.join(", ")} FROM input`;
  const list = ["summary", ...fields.map(({ name }) => quoteName(name))].join(", ");
  const unordered = `SELECT inline(array(${rows.join(", ")})) FROM (${told})`;
  return queryPlan(`SELECT ${list} FROM (${unordered}) ORDER BY alluvium_place`, [{ name: "input", plan }]);
}

const usual = ["count", "mean", "stddev", "min", "25%", "50%", "75%", "max"];

function fieldNamed(schema: StructType, name: string): StructField {
  const field = findField(schema, name);
  if (field !== undefined) return field;
  const message = `there is no column ${JSON.stringify(name)}. The columns are: ${schema.fields.map((one) => one.name).join(", ")}`;
  throw new AlluviumError("UNRESOLVED_COLUMN", { name }, message);
}

function callOf(statistic: string, { name, type }: StructField): string {
  const column = quoteName(name);
  // Texts that are numbers count as such.
  const number = isNumeric(type) ? column : `try_cast(${column} AS DOUBLE)`;
  switch (statistic) {
    case "count":
    case "min":
    case "max":
    case "approx_count_distinct":
      return `${statistic}(${column})`;
    case "count_distinct":
      return `count(DISTINCT ${column})`;
    case "mean":
      return `avg(${number})`;
    case "stddev":
      return `stddev(${number})`;
    default:
      return `percentile_approx(${number}, ${shareOf(statistic)})`;
  }
}

function shareOf(statistic: string): string {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(statistic)?.[1];
  if (percent !== undefined && Number(percent) <= 100) return `${Number(percent) / 100}D`;
  const message = `${JSON.stringify(statistic)} is no statistic: count, count_distinct, approx_count_distinct, mean, stddev, min, max, or a percentile such as 25%`;
  throw new AlluviumError("INVALID_ARGUMENT", { statistic }, message);
}
