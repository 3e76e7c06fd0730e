// sql/tree/window-call.ts: calls of `window(time, length[, slide[, start]])` and `session_window(time, gap)` in a tree.
import { AlluviumError } from "../../format/text/error.ts";
import { parseInterval } from "../../format/text/interval.ts";
import { type Tree, findTree, optionalTree, textOf, treeOf, treesOf } from "./query-tree.ts";

/** A window of time as a query asks for it. Durations in microseconds. */
export interface WindowCall {
  readonly kind: "window" | "session";
  /** The timestamp. */
  readonly time: Tree;
  readonly lengthMicros: bigint;
  readonly slideMicros: bigint;
  readonly startMicros: bigint;
  /** The gap of a session where each row has its own; else null. */
  readonly gap: Tree | null;
}

/** True for a call of a window of time. */
export function isWindowCall(node: Tree): boolean {
  const name = textOf(node, "function_name");
  return textOf(node, "class") === "FUNCTION" && (name === "alluvium_window" || name === "alluvium_session_window");
}

/** The first window of a SELECT, outside its sub-queries; null when there is none. */
export function findWindowCall(select: Tree): Tree | null {
  const isOther = (node: Tree): boolean => textOf(node, "class") === "SUBQUERY" || textOf(node, "type") === "SUBQUERY";
  const parts = [treesOf(select, "group_expressions"), treesOf(select, "select_list")];
  return findTree(parts, isWindowCall, isOther);
}

/** The name of the column that a window is. */
export function windowName(call: Tree): string {
  return textOf(call, "function_name") === "alluvium_window" ? "window" : "session_window";
}

/**
 * Reads a call. streaming.md, "Windows".
 * @throws AlluviumError `CANNOT_PARSE_INTERVAL`, `DATATYPE_MISMATCH` for durations that make no window
 */
export function readWindowCall(call: Tree): WindowCall {
  const name = windowName(call);
  const [time, length, slide, start] = treesOf(call, "children");
  if (time === undefined || length === undefined) {
    throw new AlluviumError(
      "DATATYPE_MISMATCH",
      { function: name },
      `${name} takes a timestamp and a duration such as '10 minutes'`,
    );
  }
  if (name === "session_window" && textOf(length, "class") !== "CONSTANT")
    return { kind: "session", time, lengthMicros: 0n, slideMicros: 0n, startMicros: 0n, gap: length };
  const lengthMicros = microsOf(length, name);
  if (lengthMicros <= 0n) throw badDuration(name, "the duration of a window must be greater than 0");
  if (name === "session_window") {
    return { kind: "session", time, lengthMicros, slideMicros: lengthMicros, startMicros: 0n, gap: null };
  }
  const slideMicros = slide === undefined ? lengthMicros : microsOf(slide, name);
  const startMicros = start === undefined ? 0n : microsOf(start, name);
  if (slideMicros <= 0n) throw badDuration(name, "the slide of a window must be greater than 0");
  if (slideMicros > lengthMicros)
    throw badDuration(name, "the slide of a window must not be greater than its duration");
  const distance = startMicros < 0n ? -startMicros : startMicros;
  if (distance >= slideMicros) throw badDuration(name, "the start of a window must be less than its slide");
  return { kind: "window", time, lengthMicros, slideMicros, startMicros, gap: null };
}

function microsOf(node: Tree, name: string): bigint {
  const value = optionalTree(node, "value") === null ? null : treeOf(node, "value")["value"];
  const ms = typeof value === "string" ? parseInterval(value) : null;
  if (ms !== null) return BigInt(Math.round(ms * 1000));
  const message = `${name} takes durations in quotes, such as '10 minutes' or '1 hour 30 minutes'; months and years have no fixed length`;
  throw new AlluviumError(
    "CANNOT_PARSE_INTERVAL",
    { function: name, value: typeof value === "string" ? value : null },
    message,
  );
}

function badDuration(name: string, message: string): AlluviumError {
  return new AlluviumError("DATATYPE_MISMATCH", { function: name }, message);
}
