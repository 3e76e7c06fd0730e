// session/frame-query.ts: what a DataFrame does with more than one row at a time, as Spark SQL over the frames it reads.
import { quoteName } from "../expression/print-syntax.ts";
import { AlluviumError } from "../format/error.ts";
import { type ColumnInput, expressionText, selectText } from "./column-text.ts";
import type { Plan } from "./plan.ts";

/** A column to sort by. */
export interface SortKey {
  /** Spark SQL. */
  readonly column: string;
  readonly direction: "ASC" | "DESC";
}

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
  const tables = new Map(frames.map(({ name, plan }) => [JSON.stringify([null, name.toLowerCase()]), plan]));
  return { source: { kind: "query", text, tables }, steps: [] };
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
  readonly left: NamedPlan;
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
  if (left.name.toLowerCase() === right.name.toLowerCase()) {
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      { name: left.name },
      `both sides of the join are named ${left.name}; give one of them another alias`,
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
  const join = on === undefined ? (how === "inner" || how === "cross" ? "CROSS" : word) : word;
  return queryPlan(`SELECT * FROM ${quoteName(left.name)} ${join} JOIN ${quoteName(right.name)}${condition}`, [
    left,
    right,
  ]);
}

/** Groups a frame. @param keys and aggregates are given together in the result */
export function aggregatePlan(plan: Plan, keys: readonly ColumnInput[], aggregates: readonly ColumnInput[]): Plan {
  const groups = keys.map((key) =>
    typeof key === "string"
      ? selectText(key)
      : key
          .as("x")
          .toSparkSql()
          .replace(/ AS `x`$/, ""),
  );
  const list = [...keys.map(selectText), ...aggregates.map(expressionText)];
  const by = groups.length === 0 ? "" : ` GROUP BY ${groups.join(", ")}`;
  return queryPlan(`SELECT ${list.join(", ")} FROM input${by}`, [{ name: "input", plan }]);
}

/** Sorts a frame. */
export function sortPlan(plan: Plan, keys: readonly (ColumnInput | SortKey)[]): Plan {
  const list = keys.map((key) => {
    if (typeof key === "string") return selectText(key);
    return "direction" in key ? `${key.column} ${key.direction}` : key.toSparkSql();
  });
  return queryPlan(`SELECT * FROM input ORDER BY ${list.join(", ")}`, [{ name: "input", plan }]);
}
