// expression/bind/column-name.ts: what a column without an alias is called: Spark's `toPrettySQL`, as `ResolveAliases` uses it.
import { functionName } from "./function-name.ts";
import { intervalName, literalName } from "./literal-name.ts";
import type { NamedFunctions } from "./name-scope.ts";
import { type Syntax, wholeRow } from "../tree/syntax.ts";
import { printSyntax } from "../parse/print-syntax.ts";
import { typeName } from "../tree/value-type.ts";

/** What a name depends on beside the expression. */
export interface NamedIn {
  /** The text that the expression was parsed from: some calls are told apart only by how they are written. */
  readonly text: string;
  /** True when the first part of a longer name is a column, and not a table. */
  isColumn(name: string): boolean;
  /** True for the name of another column of the list: no result here has two of one name, so a cast beside it is named in full. */
  isTaken(name: string): boolean;
  /** Names of what stands in the text for sub-queries and window functions. */
  readonly pieces: ReadonlyMap<string, string>;
  /** Functions that the user registered: their names stay as written. */
  readonly functions: NamedFunctions | undefined;
}

/** Spark's name of a column: for a column or a field its own; for a column that is cast, that column's; else the expression. */
export function columnName(node: Syntax, given: NamedIn): string {
  if (node.kind === "name") return given.pieces.get(node.parts[0] ?? "") ?? node.parts.at(-1) ?? "";
  const cast = castOperand(node);
  if (cast?.kind === "name" && columnPath(cast, given).length === 1 && !given.pieces.has(cast.parts[0] ?? "")) {
    const name = columnName(cast, given);
    if (!given.isTaken(name)) return name;
    if (node.kind === "call") return `${node.name.toLowerCase()}(${name})`;
  }
  const call = node.kind === "call" ? node.name.toLowerCase() : "";
  if (call === "window" || call === "session_window") return call;
  if (call === "explode" || call === "explode_outer") return "col";
  return expressionName(node, { ...given, parameters: new Set() });
}

/** What expressions are named in: parameters of the lambdas around them have no names of their own. */
export interface NamedWithin extends NamedIn {
  readonly parameters: ReadonlySet<string>;
}

/** Spark's text of an expression inside of a name: operands bracketed, texts without quotes, implied arguments told. */
export function expressionName(node: Syntax, within: NamedWithin): string {
  const name = (inner: Syntax): string => expressionName(inner, within);
  switch (node.kind) {
    case "name":
      return pathName(node, within);
    case "literal":
      return literalName(node.literal, node.type);
    case "interval":
      return intervalName(node.parts);
    case "and":
    case "or":
      return junctionName(node, within);
    case "not":
      return negationName(node, within);
    case "sign":
      return node.op === "~" ? `~${name(node.operand)}` : `(${node.op} ${name(node.operand)})`;
    case "arithmetic":
      if (node.op === "||") return `concat(${name(node.left)}, ${name(node.right)})`;
      // A time moved by an interval has no brackets; two intervals have.
      if ((node.left.kind === "interval") !== (node.right.kind === "interval") && "+-".includes(node.op))
        return `${name(node.left)} ${node.op} ${name(node.right)}`;
      return `(${name(node.left)} ${node.op} ${name(node.right)})`;
    case "compare":
      if (node.op === "<>") return `(NOT (${name(node.left)} = ${name(node.right)}))`;
      return `(${name(node.left)} ${node.op} ${name(node.right)})`;
    case "isNull":
      return `(${name(node.operand)} IS NULL)`;
    case "isTruth":
      return node.truth === null ? `(${name(node.operand)} IS NULL)` : `(${name(node.operand)} <=> ${node.truth})`;
    case "in":
      return `(${name(node.operand)} IN (${node.values.map(name).join(", ")}))`;
    case "between":
      return `between(${[node.operand, node.low, node.high].map(name).join(", ")})`;
    case "like":
      return likeName(node, within);
    case "cast":
      if (!node.isTry && node.type.kind !== "primitive" && node.type.kind !== "decimal") return name(node.operand);
      return `${node.isTry ? "TRY_CAST" : "CAST"}(${name(node.operand)} AS ${typeName(node.type)})`;
    case "case":
      return caseName(node, within);
    case "call":
      return callName(node, within);
    case "index":
      return `${name(node.operand)}[${name(node.index)}]`;
    case "field": {
      const isWindow = node.operand.kind === "call" && node.operand.name.toLowerCase() === "window";
      return `${isWindow ? "window" : name(node.operand)}.${node.name}`;
    }
    case "lambda": {
      const parameters = new Set([...within.parameters, ...node.parameters.map((one) => one.toLowerCase())]);
      const body = expressionName(node.body, { ...within, parameters });
      return `lambdafunction(${[body, ...node.parameters.map(() => lambdaVariable)].join(", ")})`;
    }
    case "star":
      return "1"; // count(*) counts ones
  }
}

const lambdaVariable = "namedlambdavariable()";

type Name = Extract<Syntax, { kind: "name" }>;

/** The parts of a name without that of its table. */
const columnPath = ({ parts }: Name, { isColumn }: NamedIn): readonly string[] =>
  parts.length > 1 && !isColumn(parts[0] ?? "") ? parts.slice(1) : parts;

function pathName(node: Name, within: NamedWithin): string {
  const [first = "", ...rest] = node.parts;
  const piece = within.pieces.get(first);
  if (piece !== undefined) return [piece, ...rest].join(".");
  if (within.parameters.has(first.toLowerCase())) return [lambdaVariable, ...rest].join(".");
  return columnPath(node, within).join(".");
}

/** The operand of a cast, also of one that is written as a call: `int(a)`. */
function castOperand(node: Syntax): Syntax | undefined {
  if (node.kind === "cast") return node.operand;
  return node.kind === "call" && castCalls.has(node.name.toLowerCase()) ? node.args[0] : undefined;
}

/** Casts that are written as calls of the type. */
export const castCalls: ReadonlySet<string> = new Set(
  "boolean tinyint smallint int bigint float double decimal string binary date timestamp".split(" "),
);

function negationName({ operand, at }: Extract<Syntax, { kind: "not" }>, within: NamedWithin): string {
  // The operand of IS NOT NULL stands before its NOT, that of NOT (a IS NULL) behind it.
  if (operand.kind === "isNull" && operand.operand.at < at)
    return `(${expressionName(operand.operand, within)} IS NOT NULL)`;
  // IS NOT DISTINCT FROM is read as the opposite of the opposite.
  if (
    operand.kind === "not" &&
    operand.operand.kind === "compare" &&
    operand.operand.op === "<=>" &&
    operand.at === operand.operand.at
  )
    return expressionName(operand.operand, within);
  return `(NOT ${expressionName(operand, within)})`;
}

function likeName(node: Extract<Syntax, { kind: "like" }>, within: NamedWithin): string {
  const [operand, pattern] = [expressionName(node.operand, within), expressionName(node.pattern, within)];
  if (node.op === "rlike") return `RLIKE(${operand}, ${pattern})`;
  const escape = node.escape === "\\" ? "" : ` ESCAPE '${node.escape}'`;
  return node.op === "ilike" ? `ilike(${operand}, ${pattern}${escape})` : `${operand} LIKE ${pattern}${escape}`;
}

function junctionName(node: Extract<Syntax, { kind: "and" | "or" }>, within: NamedWithin): string {
  const list = node.isLikeList === true ? likeListName(node, within) : null;
  if (list !== null) return list;
  const [first, ...rest] = node.operands.map((operand) => expressionName(operand, within));
  return rest.reduce((left, right) => `(${left} ${node.kind.toUpperCase()} ${right})`, first ?? "");
}

/** Patterns that are texts are one test for Spark, and no part of its name; null for others. */
function likeListName(node: Extract<Syntax, { kind: "and" | "or" }>, within: NamedWithin): string | null {
  const likes = node.operands.map((operand) => (operand.kind === "not" ? operand.operand : operand));
  const [first] = likes;
  const isText = likes.every((like) => like.kind === "like" && like.pattern.kind === "literal");
  if (first?.kind !== "like" || !isText) return null;
  const operand = expressionName(first.operand, within);
  const word = `${node.operands[0]?.kind === "not" ? "not" : ""}like${node.kind === "and" ? "all" : "any"}`;
  return `${word}(${first.op === "ilike" ? `lower(${operand})` : operand})`;
}

function caseName(node: Extract<Syntax, { kind: "case" }>, within: NamedWithin): string {
  const operand = node.operand === null ? null : expressionName(node.operand, within);
  const branches = node.branches.map(({ when, result }) => {
    const condition = expressionName(when, within);
    return ` WHEN ${operand === null ? condition : `(${operand} = ${condition})`} THEN ${expressionName(result, within)}`;
  });
  const otherwise = node.otherwise === null ? "" : ` ELSE ${expressionName(node.otherwise, within)}`;
  return `CASE${branches.join("")}${otherwise} END`;
}

function callName(node: Extract<Syntax, { kind: "call" }>, within: NamedWithin): string {
  const cast = castOperand(node);
  if (cast !== undefined) return expressionName(cast, within);
  const written = /^\w+/.exec(within.text.slice(node.at))?.[0].toLowerCase() ?? "";
  const args = node.args.map((arg) => expressionName(arg, within));
  if (node.name === wholeRow) return printSyntax(node).replaceAll("`", "");
  if (node.name === "row")
    return `named_struct(${args.flatMap((arg, index) => [node.args[index]?.kind === "name" ? arg : `col${index + 1}`, arg]).join(", ")})`;
  const filter = node.filter === null ? "" : ` FILTER (WHERE ${expressionName(node.filter, within)})`;
  const [first = "", ...rest] = args;
  const named = functionName({
    name: within.functions?.has(node.name.toLowerCase()) === true ? node.name : node.name.toLowerCase(),
    written,
    args: node.isDistinct ? [`DISTINCT ${first}`, ...rest] : args,
    isOwnName: (index) => isOwnName(node.args[index], args[index - 1] ?? ""),
  });
  return named + filter;
}

/** True where the field of a struct has the name that its value gives it. */
function isOwnName(value: Syntax | undefined, name: string): boolean {
  if (value?.kind === "name") return value.parts.at(-1) === name;
  return value?.kind === "field" ? value.name === name : /^col\d+$/.test(name);
}
