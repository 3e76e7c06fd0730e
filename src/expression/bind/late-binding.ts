// expression/bind/late-binding.ts: calls that are bound when the types of their arguments are known, if those are not when text is read:
// names from inside a query, of which only DuckDB can tell the types.
import type { DataType } from "../../format/schema/schema.ts";
import { literalOf, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import type { ValueType } from "../tree/value-type.ts";

/** What stands in a query for a call that is bound later; its first argument is the call's number. */
export const lateCall = "alluvium_late";

/** Binds a call, given its arguments. */
export type BindCall = (args: readonly Bound[]) => Bound;

interface LateCall {
  readonly args: readonly Bound[];
  readonly bind: BindCall;
}

/** The calls of one query that are bound later. */
export class LateCalls {
  readonly #calls: LateCall[] = [];

  /**
   * Binds a call now, or where the type of an argument is not known puts one in its place that is bound later.
   * @param isFixed arguments that have no type and will have none
   * @param type of the result, where it is the same whatever those of the arguments are
   */
  bind(
    args: readonly Bound[],
    bind: BindCall,
    { isFixed = [], type = null }: { readonly isFixed?: readonly boolean[]; readonly type?: ValueType } = {},
  ): Bound {
    const isKnown = args.every((arg, index) => arg.type !== null || isFixed[index] === true);
    if (isKnown) return bind(args);
    const call = { args: args.map((arg, index) => (isFixed[index] === true ? fixed(arg) : arg)), bind };
    this.#calls.push(call);
    const values = call.args.filter(isValue).map((arg) => arg.sql);
    return opaque(`${lateCall}(${[this.#calls.length - 1, ...values].join(", ")})`, type, args);
  }

  /**
   * A call given the types of its values; those that are null stay unknown.
   * @returns null where there is no such call; else its value over `placeOf` each value
   * @throws AlluviumError as the binding of the call
   */
  resolve(index: number, types: readonly (DataType | null)[], placeOf: (value: number) => string): Bound | null {
    const call = this.#calls[index];
    if (call === undefined) return null;
    let next = 0;
    const args = call.args.map((arg) => {
      if (!isValue(arg)) return arg;
      const place = next++;
      return opaque(placeOf(place), arg.type ?? types[place] ?? null, []);
    });
    return call.bind(args);
  }
}

const fixedArguments = new WeakSet<Bound>();

function fixed(arg: Bound): Bound {
  const copy = { ...arg };
  fixedArguments.add(copy);
  return copy;
}

/** Literals and intervals are what they are wherever they stand. */
const isValue = (arg: Bound): boolean => literalOf(arg) === undefined && !fixedArguments.has(arg);
