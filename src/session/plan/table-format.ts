// session/plan/table-format.ts: Spark programs name a format; here there is one.
import { AlluviumError } from "../../format/text/error.ts";

/**
 * @param instead what there is in place of other formats, by their names
 * @throws AlluviumError `INVALID_ARGUMENT` for any format but Delta
 */
export function requireDelta(name: string, instead: Readonly<Record<string, string>> = {}): void {
  const format = name.toLowerCase();
  if (format === "delta") return;
  const hint = Object.hasOwn(instead, format) ? `; ${instead[format]}` : "";
  const message = `the only table format here is delta, not ${name}${hint}`;
  throw new AlluviumError("INVALID_ARGUMENT", { format: name }, message);
}
