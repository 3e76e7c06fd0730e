// format/schema/type-widening.ts: which types may become which. PROTOCOL.md, "Type Widening".
import type { DataType } from "./schema.ts";

/** True when every value of `narrow` is one of `wide` too, and the protocol lets a column change that way. */
export function isWiderType(narrow: DataType, wide: DataType): boolean {
  if (wide.kind === "decimal") {
    const digits = wholeDigits(narrow);
    if (digits === null) return false;
    const scale = narrow.kind === "decimal" ? narrow.scale : 0;
    return wide.scale >= scale && wide.precision - wide.scale >= digits;
  }
  if (narrow.kind !== "primitive" || wide.kind !== "primitive") return false;
  if (wide.name === "double") return ["byte", "short", "integer", "float"].includes(narrow.name);
  if (wide.name === "timestamp_ntz") return narrow.name === "date";
  const [from, to] = [integers.indexOf(narrow.name), integers.indexOf(wide.name)];
  return from >= 0 && to > from;
}

const integers: readonly string[] = ["byte", "short", "integer", "long"];

/** Digits before the point that a decimal must have to hold the type; null for types that no decimal holds. */
function wholeDigits(type: DataType): number | null {
  if (type.kind === "decimal") return type.precision - type.scale;
  if (type.kind !== "primitive") return null;
  if (type.name === "long") return 20;
  return integers.includes(type.name) ? 10 : null;
}
