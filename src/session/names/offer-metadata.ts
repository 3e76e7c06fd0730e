// session/names/offer-metadata.ts: the steps of a DataFrame over a table that name `_metadata`, the column that is there and that `*` does not show.
import { findField } from "../../format/schema/schema-type.ts";
import { metadataColumn, namesMetadata } from "../../reader/metadata-column.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import type { Plan, PlanStep } from "../plan/plan.ts";
import { tableSnapshot } from "./table-snapshot.ts";

/** The plan with the column as far as its steps need it: from the table to the last step that names it. */
export async function offerMetadata(context: FrameContext, plan: Plan): Promise<Plan> {
  const last = lastUse(plan.steps);
  return last < 0 ? plan : ((await offeredUpTo(context, plan, last)) ?? plan);
}

/** The plan with the column in its result; null where it cannot be there. */
export function withMetadata(context: FrameContext, plan: Plan): Promise<Plan | null> {
  return offeredUpTo(context, plan, plan.steps.length);
}

async function offeredUpTo(context: FrameContext, { source, steps }: Plan, last: number): Promise<Plan | null> {
  if (source.kind !== "table" || source.hasMetadata === true) return null;
  if (steps.slice(0, last).some((step) => takesAll(step) || isOwn(step))) return null;
  const { schema } = await tableSnapshot(context, source);
  if (findField(schema, metadataColumn) !== undefined) return null;
  const carried = steps.flatMap((step, index): readonly PlanStep[] => {
    if (index > last) return [step];
    const isLast = index === last;
    if (step.kind !== "select") return isLast ? [step, { kind: "drop", names: [metadataColumn] }] : [step];
    const expressions = isLast ? step.expressions : [...step.expressions, metadataColumn];
    return [{ kind: "select", expressions, hides: metadataColumn }];
  });
  return { source: { ...source, hasMetadata: true }, steps: carried };
}

/** The last step that names the column before JavaScript comes, or before the column becomes one like others; -1 for none. */
function lastUse(steps: readonly PlanStep[]): number {
  let last = -1;
  for (const [index, step] of steps.entries()) {
    if (takesAll(step)) break;
    if (textsOf(step).some(namesMetadata)) last = index;
    if (isOwn(step)) break;
  }
  return last;
}

/** True for a step that speaks of all columns there are, by position or by their number. */
const takesAll = ({ kind }: PlanStep): boolean => kind === "mapBatches" || kind === "renameAll" || kind === "dropNulls";

/** True for a step after which a column of the frame itself has the name. */
function isOwn(step: PlanStep): boolean {
  if (step.kind === "select") return step.expressions.some((text) => /(?:^|\bas\s+)`?_metadata`?\s*$/i.test(text));
  const names = step.kind === "withColumns" ? step.columns.map(({ name }) => name) : [];
  if (step.kind === "rename") names.push(step.to);
  return names.some((name) => name.toLowerCase() === metadataColumn);
}

function textsOf(step: PlanStep): readonly string[] {
  switch (step.kind) {
    case "select":
      return step.expressions;
    case "where":
      return [step.condition];
    case "withColumns":
      return step.columns.map(({ expression }) => expression);
    case "drop":
    case "rename":
    case "renameAll":
    case "fillNulls":
    case "dropNulls":
    case "limit":
    case "mapBatches":
      return [];
  }
}
