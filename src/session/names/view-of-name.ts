// session/names/view-of-name.ts: the view that a name stands for.
import type { NameParts } from "../../sql/words/statement-words.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import type { Plan } from "../plan/plan.ts";

/** The temporary view of a name, if there is one. */
export function temporaryView(context: FrameContext, parts: NameParts): Plan | undefined {
  return parts.length === 1 ? context.views.get(parts[0]?.toLowerCase() ?? "") : undefined;
}

/** The view of a name, if there is one; a temporary one hides one of the warehouse. */
export function viewOf(context: FrameContext, parts: NameParts): Plan | undefined {
  const temporary = temporaryView(context, parts);
  if (temporary !== undefined) return temporary;
  const entry = context.catalog.entry(parts);
  return entry?.kind === "view" ? { source: { kind: "view", entry }, steps: [] } : undefined;
}
