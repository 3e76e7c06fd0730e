// session/plan/frame-query.ts: what a DataFrame does with more than one row at a time, as Spark SQL over the frames it reads.
import { quoteName } from "../../expression/parse/print-syntax.ts";
import { type SortKey, sortKeySql } from "../../expression/tree/sort-key.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { type ColumnInput, expressionText, selectText } from "./column-text.ts";
import type { JoinText, Plan, QuerySource } from "./plan.ts";

/** How two frames are joined; Spark's names and their usual spellings. */
export type JoinType =
  | "inner"
  | "cross"
  | "left"
  | "leftouter"
  | "left_outer"
  | "right"
  | "rightouter"
  | "right_outer"
  | "full"
  | "outer"
  | "fullouter"
  | "full_outer"
  | "semi"
  | "leftsemi"
  | "left_semi"
  | "anti"
  | "leftanti"
  | "left_anti";

/** A frame under a name, for conditions of joins. */
export interface NamedPlan {
  readonly name: string;
  readonly plan: Plan;
}

/** A query over named frames. */
export function queryPlan(text: string, frames: readonly NamedPlan[]): Plan {
  return { source: { kind: "query", text, tables: tablesOf(frames) }, steps: [] };
}

const tableNameKey = (name: string): string => JSON.stringify([null, name.toLowerCase()]);

const tablesOf = (frames: readonly NamedPlan[]): ReadonlyMap<string, Plan> =>
  new Map(frames.map(({ name, plan }) => [tableNameKey(name), plan]));

/** A query that takes its rows from a plan: `textOf` gets what stands behind FROM. The sides of a join keep their names in it. */
export function queryOver(plan: Plan, textOf: (from: string) => string): Plan {
  const join = joinOf(plan);
  if (join === null) return queryPlan(textOf("input"), [{ name: "input", plan }]);
  return { source: { kind: "query", text: textOf(fromText(join)), tables: join.tables }, steps: [] };
}

/** The rows for which the condition is true. */
export function wherePlan(plan: Plan, condition: string): Plan {
  const join = joinOf(plan);
  if (join === null) return { ...plan, steps: [...plan.steps, { kind: "where", condition }] };
  return joined(join.tables, { ...join, where: [...join.where, condition] });
}

function joined(tables: QuerySource["tables"], { from, where }: JoinText): Plan {
  const join = { from, where };
  return { source: { kind: "query", text: `SELECT * FROM ${fromText(join)}`, tables, join }, steps: [] };
}

function fromText({ from, where }: JoinText): string {
  return where.length === 0 ? from : `${from} WHERE ${where.map((condition) => `(${condition})`).join(" AND ")}`;
}

/** True for a join that nothing was done to. */
export const isJoin = (plan: Plan): boolean => joinOf(plan) !== null;

/** The join that a plan is, and nothing more; null for any other plan. */
function joinOf({ source, steps }: Plan): (JoinText & Pick<QuerySource, "tables">) | null {
  if (source.kind !== "query" || source.join === undefined || steps.length > 0) return null;
  return { ...source.join, tables: source.tables };
}

const words: Readonly<Record<JoinType, string>> = {
  inner: "INNER",
  cross: "CROSS",
  left: "LEFT",
  leftouter: "LEFT",
  left_outer: "LEFT",
  right: "RIGHT",
  rightouter: "RIGHT",
  right_outer: "RIGHT",
  full: "FULL",
  outer: "FULL",
  fullouter: "FULL",
  full_outer: "FULL",
  semi: "LEFT SEMI",
  leftsemi: "LEFT SEMI",
  left_semi: "LEFT SEMI",
  anti: "LEFT ANTI",
  leftanti: "LEFT ANTI",
  left_anti: "LEFT ANTI",
};

/** What a join compares: names of columns that both sides have, or a condition. */
export type JoinOn = string | readonly string[] | Exclude<ColumnInput, string>;

interface JoinPlans {
  /** Without a name, a join keeps the names of its own sides. */
  readonly left: { readonly name: string | null; readonly plan: Plan };
  readonly right: NamedPlan;
  readonly on: JoinOn | undefined;
  readonly how: JoinType;
}

/** Joins two frames. @throws AlluviumError `INVALID_ARGUMENT` */
export function joinPlan({ left, right, on, how }: JoinPlans): Plan {
  const word = Object.hasOwn(words, how) ? words[how] : undefined;
  if (word === undefined) {
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      { how },
      `a join is inner, cross, left, right, full, semi or anti, not ${JSON.stringify(how)}`,
    );
  }
  if ((left.name ?? "left").toLowerCase() === right.name.toLowerCase()) {
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      { name: left.name },
      `both sides of the join are named ${right.name}; give one of them another alias`,
    );
  }
  const isNames = typeof on === "string" || Array.isArray(on);
  const names = typeof on === "string" ? [on] : ((Array.isArray(on) ? on : []) as readonly string[]);
  const condition =
    on === undefined
      ? ""
      : isNames
        ? ` USING (${names.map(quoteName).join(", ")})`
        : ` ON ${expressionText(on as Exclude<ColumnInput, string>)}`;
  const kindWord = on === undefined && how === "inner" ? "CROSS" : word;
  const { from, tables } = leftSide(left, right.name);
  const whole = `${from} ${kindWord} JOIN ${quoteName(right.name)}${condition}`;
  return joined(new Map([...tables, ...tablesOf([right])]), { from: whole, where: [] });
}

/** A join of named sides goes on as it is, so that its sides keep their names; any other frame is one side. */
function leftSide(
  { name, plan }: JoinPlans["left"],
  right: string,
): Pick<JoinText, "from"> & Pick<QuerySource, "tables"> {
  const earlier = name === null ? joinOf(plan) : null;
  const isNamed = ["left", right].every((other) => earlier?.tables.has(tableNameKey(other)) === false);
  if (earlier !== null && isNamed && earlier.where.length === 0) return earlier;
  return { from: quoteName(name ?? "left"), tables: tablesOf([{ name: name ?? "left", plan }]) };
}

/** Sorts a frame. */
export function sortPlan(plan: Plan, keys: readonly (ColumnInput | SortKey)[]): Plan {
  const list = keys.map((key) => {
    if (typeof key === "string") return selectText(key);
    return "direction" in key ? sortKeySql(key) : key.toSparkSql();
  });
  return queryPlan(`SELECT * FROM input ORDER BY ${list.join(", ")}`, [{ name: "input", plan }]);
}

/** Whole numbers from `start` (inclusive) to `end` (exclusive). @throws AlluviumError `INVALID_ARGUMENT` */
export function rangePlan(start: number | bigint, end: number | bigint, step: number | bigint): Plan {
  const [from, to, by] = [start, end, step].map((value) => {
    if (typeof value === "bigint" || Number.isSafeInteger(value)) return BigInt(value);
    throw new AlluviumError("INVALID_ARGUMENT", { value }, `range takes whole numbers, not ${value}`);
  });
  if (by === 0n) throw new AlluviumError("INVALID_ARGUMENT", { step }, "range needs a step other than 0");
  return queryPlan(`SELECT * FROM range(${from}, ${to}, ${by})`, []);
}
