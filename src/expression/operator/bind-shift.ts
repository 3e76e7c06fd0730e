// expression/operator/bind-shift.ts: the bits of whole numbers moved as Java moves them.
import { castBound } from "./bind-cast.ts";
import { opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { primitive } from "../tree/syntax.ts";
import { isOneOf } from "../tree/value-type.ts";

/** How bits are moved: to the left, to the right with the sign, to the right with zeros. */
export type Shift = "<<" | ">>" | ">>>";

/**
 * Bits move by the last five bits of the number on the right, six where the left is a long; what falls off is gone. Narrower numbers are
 * integers first.
 */
export function bindShift(shift: Shift, left: Bound, right: Bound): Bound {
  if (left.type === null && shift !== ">>>") return opaque(`(${left.sql} ${shift} ${right.sql})`, null, [left, right]);
  const isLong = isOneOf(left.type, ["long"]);
  const type = primitive(isLong ? "long" : "integer");
  const a = castBound(left, type).sql;
  const count = `(CAST(${castBound(right, primitive("integer")).sql} AS INTEGER) & ${isLong ? 63 : 31})`;
  const sql =
    shift === ">>"
      ? `(CAST(${a} AS ${isLong ? "BIGINT" : "INTEGER"}) >> ${count})`
      : wrapped(shift, { a, count, isLong });
  return opaque(sql, type, [left, right]);
}

/** Among whole numbers without a sign, which have room for all bits. */
function wrapped(
  shift: "<<" | ">>>",
  { a, count, isLong }: { readonly a: string; readonly count: string; readonly isLong: boolean },
): string {
  const [bits, half] = isLong ? ["18446744073709551616", "9223372036854775808"] : ["4294967296", "2147483648"];
  const unsigned = `(CASE WHEN ${a} < 0 THEN CAST(${a} AS HUGEINT) + ${bits} ELSE CAST(${a} AS HUGEINT) END)`;
  const by = `CAST(${count} AS HUGEINT)`;
  const moved = shift === "<<" ? `((${unsigned} << ${by}) % ${bits})` : `(${unsigned} >> ${by})`;
  return `CAST(CASE WHEN ${moved} >= ${half} THEN ${moved} - ${bits} ELSE ${moved} END AS ${isLong ? "BIGINT" : "INTEGER"})`;
}
