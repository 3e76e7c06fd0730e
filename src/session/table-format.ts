// session/table-format.ts: Spark programs name a format; here there is one.
import { AlluviumError } from "../format/error.ts";

/** @throws AlluviumError `INVALID_ARGUMENT` for any format but Delta */
export function requireDelta(name: string): void {
  if (name.toLowerCase() === "delta") return;
  throw new AlluviumError("INVALID_ARGUMENT", { format: name }, `the only table format here is delta, not ${name}`);
}
