// expression/late-binding.ts: calls that are bound when the types of their arguments are known, if those are not when text is read.
import { lateDivide, lateWhole } from "../engine/late-macros.ts";
import { bindArithmetic } from "./bind-arithmetic.ts";
import type { Bound } from "./bound.ts";

/** True for the name of such a call. */
export function isLateCall(name: string): boolean {
  return Object.hasOwn(late, name);
}

/** DuckDB SQL of such a call, given its arguments with their types; null for any other. */
export function bindLate(name: string, args: readonly Bound[]): string | null {
  return late[name]?.(args).sql ?? null;
}

const operation =
  (op: "/" | "div") =>
  (args: readonly Bound[]): Bound => {
    const [left, right] = args as readonly [Bound, Bound];
    return bindArithmetic(op, left, right);
  };

const late: Readonly<Record<string, (args: readonly Bound[]) => Bound>> = {
  [lateDivide]: operation("/"),
  [lateWhole]: operation("div"),
};
