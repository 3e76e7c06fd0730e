// session/plan/kept-times.ts: which columns are still the event time after a step.
import { parseSelectList } from "../../expression/parse/parse-sql.ts";
import type { PlanStep } from "./plan.ts";

/** Watermarked columns that a step hands on, by their new names. @param names of all columns before the step */
export function keptTimes(step: PlanStep, eventTimes: readonly string[], names: readonly string[]): readonly string[] {
  const is = (name: string, time: string): boolean => name.toLowerCase() === time.toLowerCase();
  switch (step.kind) {
    case "where":
    case "fillNulls":
    case "dropNulls":
    case "limit":
    case "mapBatches":
      return eventTimes;
    case "withColumns":
      return eventTimes.filter((time) => !step.columns.some(({ name }) => is(name, time)));
    case "drop":
      return eventTimes.filter((time) => !step.names.some((name) => is(name, time)));
    case "rename":
      return eventTimes.map((time) => (is(step.from, time) ? step.to : time));
    case "renameAll":
      return eventTimes.map((time) => step.names[names.findIndex((name) => is(name, time))] ?? time);
    case "select":
      return step.expressions
        .flatMap((text) => parseSelectList(text))
        .flatMap(({ expression, alias }) => {
          if (expression.kind === "star") return eventTimes;
          const name = expression.kind === "name" ? expression.parts.at(-1) : undefined;
          return name !== undefined && eventTimes.some((time) => is(name, time)) ? [alias ?? name] : [];
        });
  }
}
