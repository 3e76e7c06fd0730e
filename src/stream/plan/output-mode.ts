// stream/plan/output-mode.ts: which rows of a result a query hands to its sink. docs/STREAMING.md, "Output modes".
import { AlluviumError } from "../../format/text/error.ts";

/** `append`: rows that are new and final; `complete`: the whole result each batch; `update`: rows that changed. */
export type OutputMode = "append" | "complete" | "update";

/**
 * Reads an output mode, in any case of letters.
 * @throws AlluviumError `STREAMING_OUTPUT_MODE_INVALID` for anything else
 */
export function parseOutputMode(text: string): OutputMode {
  const mode = text.toLowerCase();
  if (mode === "append" || mode === "complete" || mode === "update") return mode;
  const message = `invalid output mode ${JSON.stringify(text)}: it must be append, complete or update`;
  throw new AlluviumError("STREAMING_OUTPUT_MODE_INVALID", { outputMode: text }, message);
}

/** The mode as Delta spells it in a commit's operationParameters: with a capital. */
export function formatOutputMode(mode: OutputMode): string {
  return `${mode.charAt(0).toUpperCase()}${mode.slice(1)}`;
}
