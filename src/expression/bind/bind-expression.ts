// expression/bind/bind-expression.ts: a parsed expression bound to names and types.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { bindAggregate } from "./bind-aggregate.ts";
import { bindArithmetic, bindSign } from "../operator/bind-arithmetic.ts";
import { castBound, tryCastBound } from "../operator/bind-cast.ts";
import { bindBetween, bindComparison, bindIn, bindLike } from "../operator/bind-compare.ts";
import { asCondition, condition, finalError, literalBound, literalOf, meaningError, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { elementOf } from "../function/functions-array.ts";
import { type BindBody, lambdaCall } from "./bind-lambda.ts";
import { bindJunction, bindNot, bindTruth, caseOf } from "./bind-truth.ts";
import { bindFunction, isFunctionOfRow } from "../function/function-table.ts";
import { bindField, lambdaName, lambdaScope } from "./name-scope.ts";
import type { NameScope } from "./name-scope.ts";
import { type Syntax, wholeRow } from "../tree/syntax.ts";
import { isOneOf, typeName } from "../tree/value-type.ts";
import type { ValueType } from "../tree/value-type.ts";

/**
 * Binds an expression.
 * @throws AlluviumError `COLUMN_NOT_FOUND` for a name that is not in scope, `INVALID_PREDICATE` for types that do not go together
 */
export function bindExpression(node: Syntax, scope: NameScope): Bound {
  const bind = (child: Syntax): Bound => bindExpression(child, scope);
  switch (node.kind) {
    case "name":
      return scope.resolve(node.parts);
    case "literal":
      return literalBound(node.literal, node.type);
    case "interval":
      return opaque(intervalSql(node.parts), null, []);
    case "and":
    case "or":
      return whenTruth(scope, node.operands.map(bind), (operands) => bindJunction(node.kind, operands));
    case "not":
      return whenTruth(scope, [bind(node.operand)], ([operand]) => bindNot(operand));
    case "sign":
      return bindSign(node.op, bind(node.operand));
    case "arithmetic":
      return whenTyped(scope, [bind(node.left), bind(node.right)], {
        call: ([left, right]) => bindTimed(node, left, right),
        isFixed: [spanOf(node.left) !== null, spanOf(node.right) !== null],
      });
    case "compare":
    case "in":
    case "between":
      return bindComparing(node, scope, bind);
    case "isNull": {
      const operand = bind(node.operand);
      return condition(`(${operand.sql} IS NULL)`, { kind: "isNull", operand: operand.shape });
    }
    case "isTruth":
      return whenTruth(scope, [bind(node.operand)], ([operand]) => bindTruth(operand, node.truth));
    case "like":
      return bindLike(node.op, bind(node.operand), { pattern: bind(node.pattern), escape: node.escape });
    case "cast":
      return whenTyped(scope, [bind(node.operand)], {
        call: ([operand]) => (node.isTry ? tryCastBound(operand, node.type) : castBound(operand, node.type)),
      });
    case "case":
      return bindCase(node, scope, bind);
    case "call":
      return bindOwnName(node, scope, bind) ?? bindLambdas(node, scope, bind) ?? bindCall(node, scope, bind);
    case "index":
      return whenTyped(scope, [bind(node.operand), bind(node.index)], {
        call: ([operand, index]) => bindIndex(operand, index),
      });
    case "field":
      return bindField(bind(node.operand), node.name);
    case "lambda": {
      const parameters = node.parameters.map((name) => ({ name, sql: lambdaName(name), type: null }));
      const body = bindExpression(node.body, lambdaScope(scope, parameters));
      return opaque(`lambda ${parameters.map(({ sql }) => sql).join(", ")}: ${body.sql}`, body.type, [body]);
    }
    case "star":
      return opaque("*", null, []);
  }
}

interface TypedCall<Args extends readonly Bound[]> {
  readonly call: (args: Args) => Bound;
  readonly isFixed?: readonly boolean[];
  readonly type?: ValueType;
}

/** Binds a call whose meaning depends on the types of its arguments, later if they are not known yet. */
function whenTyped<const Args extends readonly Bound[]>(
  scope: NameScope,
  args: Args,
  { call, ...how }: TypedCall<Args>,
): Bound {
  // As many arguments come back as were given.
  return scope.late?.bind(args, (typed) => call(typed as Args), how) ?? call(args);
}

/** As `whenTyped`, of a call that is true or false. */
function whenTruth<const Args extends readonly Bound[]>(
  scope: NameScope,
  args: Args,
  call: (args: Args) => Bound,
): Bound {
  return whenTyped(scope, args, { call, type: { kind: "primitive", name: "boolean" } });
}

/** Comparisons, which wait for types: DuckDB compares a truth value with a number, and a number with any text of it. */
function bindComparing(
  node: Extract<Syntax, { kind: "compare" | "in" | "between" }>,
  scope: NameScope,
  bind: (child: Syntax) => Bound,
): Bound {
  switch (node.kind) {
    case "compare":
      return whenTruth(scope, [bind(node.left), bind(node.right)], ([a, b]) => bindComparison(node.op, a, b));
    case "in":
      return whenTruth(scope, [bind(node.operand), ...node.values.map(bind)], ([a, ...values]) => bindIn(a, values));
    case "between":
      return whenTruth(scope, [bind(node.operand), bind(node.low), bind(node.high)], ([a, b, c]) =>
        bindBetween(a, b, c),
      );
  }
}

/** What an expression is a span of: whole days, or parts of them too; null for anything else. */
function spanOf(node: Syntax): "days" | "time" | null {
  if (node.kind === "interval")
    return node.parts.every(({ unit }) => ["year", "quarter", "month", "week", "day"].includes(unit)) ? "days" : "time";
  if (node.kind === "sign") return spanOf(node.operand);
  if (node.kind === "call") return spanCalls[node.name.toLowerCase()] ?? null;
  if (node.kind !== "arithmetic" || (node.op !== "*" && node.op !== "/")) return null;
  const span = spanOf(node.left) ?? spanOf(node.right);
  // A part of a day may be one of hours.
  return span === null || !hasDays([node.left, node.right]) ? span : "time";
}

const hasDays = (nodes: readonly Syntax[]): boolean =>
  nodes.some((node) => node.kind === "interval" && node.parts.some(({ unit }) => unit === "day" || unit === "week"));

const spanCalls: Readonly<Record<string, "days" | "time">> = {
  make_interval: "days",
  make_ym_interval: "days",
  make_dt_interval: "time",
};

/** A date moved by days, months or years stays a date; by less it becomes a timestamp. */
function bindTimed({ op, left, right }: Extract<Syntax, { kind: "arithmetic" }>, a: Bound, b: Bound): Bound {
  const sum = bindArithmetic(op, a, b);
  const span = spanOf(right) ?? spanOf(left);
  const type = spanOf(right) === null ? b.type : a.type;
  if (span === null || (op !== "+" && op !== "-")) return sum;
  if (isOneOf(type, ["timestamp", "timestamp_ntz"])) return opaque(sum.sql, type, [sum]);
  if (!isOneOf(type, ["date"])) return sum;
  const result = { kind: "primitive" as const, name: span === "days" ? ("date" as const) : ("timestamp" as const) };
  return opaque(`CAST(${sum.sql} AS ${duckdbType(result)})`, result, [sum]);
}

/** A call whose last arguments are functions. */
function bindLambdas(
  node: Extract<Syntax, { kind: "call" }>,
  scope: NameScope,
  bind: (child: Syntax) => Bound,
): Bound | undefined {
  const found = lambdaCall(node);
  return found && whenTyped(scope, found.args.map(bind), { call: (args) => found.bind(args, bodyIn(scope)) });
}

/** Binds the body of a lambda in a scope. */
const bodyIn =
  (scope: NameScope): BindBody =>
  (lambda, parameters) => {
    const named = parameters.flatMap((parameter, index) => {
      const name = lambda.parameters[index];
      return name === undefined ? [] : [{ ...parameter, name }];
    });
    return bindExpression(lambda.body, lambdaScope(scope, named));
  };

function bindCase(node: Extract<Syntax, { kind: "case" }>, scope: NameScope, bind: (child: Syntax) => Bound): Bound {
  const { branches, operand, otherwise } = node;
  const parts = [operand, ...branches.flatMap((branch) => [branch.when, branch.result]), otherwise];
  const given = parts.flatMap((part) => (part === null ? [] : [bind(part)]));
  return whenTyped(scope, given, {
    call: (args) => {
      const rest = [...args];
      const tested = operand === null ? undefined : rest.shift();
      const otherwiseOf = otherwise === null ? undefined : rest.pop();
      return caseOf(rest, { tested, otherwise: otherwiseOf, args });
    },
  });
}

/** A column, which comes before a function without parentheses, or a call of a function that the user registered. */
function bindOwnName(
  node: Extract<Syntax, { kind: "call" }>,
  scope: NameScope,
  bind: (child: Syntax) => Bound,
): Bound | undefined {
  if (node.isBare === true && scope.has?.(node.name) === true) return scope.resolve([node.name]);
  const found = scope.functions?.get(node.name.toLowerCase());
  if (found === undefined) return undefined;
  if (node.isDistinct || node.filter !== null)
    throw meaningError(`${node.name} is a function of one row: DISTINCT and FILTER are for aggregates`);
  const args = node.args.map(bind);
  // A literal is as narrow for DuckDB as its digits allow; the function sees it as what it is.
  const list = args.map((arg) =>
    arg.type !== null && literalOf(arg) !== undefined ? `CAST(${arg.sql} AS ${duckdbType(arg.type)})` : arg.sql,
  );
  return opaque(`${found.sqlName}(${list.join(", ")})`, found.returnType, args);
}

function bindCall(node: Extract<Syntax, { kind: "call" }>, scope: NameScope, bind: (child: Syntax) => Bound): Bound {
  const args = node.args.map(bind);
  if (node.name === wholeRow)
    return scope.row?.() ?? opaque(`${wholeRow}(${args.map(({ sql }) => sql).join(", ")})`, null, []);
  const hasStar = node.args.some(({ kind }) => kind === "star");
  if (hasStar && (node.isDistinct || !["count", "columns"].includes(node.name.toLowerCase())))
    throw finalError(`${node.name} takes no star here: name the columns`, "DATATYPE_MISMATCH");
  if (isEndOfRows(node)) return whenTyped(scope, args, { call: (typed) => bindAggregate(node, typed, null) });
  if (!node.isDistinct && node.filter === null && isFunctionOfRow(node.name)) {
    const isFixed = node.args.map(({ kind }) => kind === "interval" || kind === "star" || kind === "lambda");
    return whenTyped(scope, args, { call: (typed) => bindFunction(node.name, typed), isFixed });
  }
  const filter = node.filter === null ? null : asCondition(bind(node.filter), "FILTER");
  return bindAggregate(node, args, filter);
}

/** The greatest or least of structs or arrays made on the spot, whose order depends on the types of their parts. */
function isEndOfRows({ name, args, filter }: Extract<Syntax, { kind: "call" }>): boolean {
  const [arg] = args;
  const isMade = arg?.kind === "call" && ["named_struct", "array"].includes(arg.name.toLowerCase());
  return isMade && filter === null && ["max", "min"].includes(name.toLowerCase());
}

/** `bound[index]`: from 0 for a list, by key for a map, by name for a struct. */
function bindIndex(bound: Bound, index: Bound): Bound {
  const { type } = bound;
  if (type?.kind === "map") {
    return opaque(`map_extract_value(${bound.sql}, ${index.sql})`, type.valueType, [bound, index]);
  }
  if (type?.kind === "struct") {
    const name =
      index.shape.kind === "literal" && index.shape.literal.type === "string" ? index.shape.literal.value : null;
    if (name === null) throw meaningError("a field of a struct is asked for by its name in quotes");
    return bindField(bound, name);
  }
  if (type !== null && type.kind !== "array") throw meaningError(`[ ] asks an array or a map, not ${typeName(type)}`);
  if (type === null && !isOneOf(index.type, ["byte", "short", "integer", "long"])) {
    return opaque(`(${bound.sql})[${index.sql}]`, null, [bound, index]);
  }
  const { sql } = index;
  return elementOf(bound, `(CASE WHEN ${sql} >= 0 THEN CAST(${sql} AS BIGINT) + 1 WHEN ${sql} < 0 THEN 0 END)`, [
    bound,
    index,
  ]);
}

function intervalSql(parts: readonly { readonly amount: string; readonly unit: string }[]): string {
  const terms = parts.map(({ amount, unit }) => {
    const isQuarter = unit === "quarter";
    return `INTERVAL ${sqlLiteral(String(Number(amount) * (isQuarter ? 3 : 1)))} ${isQuarter ? "month" : unit}`;
  });
  return `(${terms.join(" + ")})`;
}
