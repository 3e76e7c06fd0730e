// table/merge/merged-files.ts: the files of a table whose rows a merge may touch: its condition and the keys of the source rule out the others.
import type { Engine } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { bindPredicate } from "../../expression/predicate/bind-predicate.ts";
import type { Predicate } from "../../expression/tree/expression.ts";
import { parseExpression } from "../../expression/parse/parse-sql.ts";
import type { Syntax } from "../../expression/tree/syntax.ts";
import type { AddFile } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { typeEquals } from "../../format/schema/schema-type.ts";
import type { DataType, StructField } from "../../format/schema/schema.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { filesOfKeys } from "../rows/files-of-keys.ts";
import type { MergeRequest } from "./merge-clause.ts";
import { type MergeSide, sideColumn } from "./merge-names.ts";
import type { MergePlan } from "./merge-plan.ts";

/** A merge, bound, and a SELECT of its source's columns, s0 and so on. */
export interface MergeQuestion {
  readonly plan: MergePlan;
  readonly request: MergeRequest;
  readonly given: string;
}

/** The files, and what every row of the table that takes part satisfies; null where nothing can be told beforehand. */
export async function mergedFiles(
  engine: Engine,
  snapshot: Snapshot,
  { plan, request, given }: MergeQuestion,
): Promise<{ readonly files: readonly AddFile[]; readonly where: Predicate | null }> {
  // Rows without a partner may be anywhere.
  const isWhole = request.clauses.some(({ rows }) => rows === "notMatchedBySource");
  const parts = isWhole ? [] : conjuncts(conditionOf(request));
  const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
  const conditions = parts.flatMap((part) => {
    const own = ofTarget(part, plan);
    return own !== null && isBindable(own, scope) ? [own] : [];
  });
  const keys = parts.flatMap((part) => keyOf(part, plan) ?? []);
  const columns = keys.map(({ field, sql }) => `${sql} AS ${sqlIdentifier(field.name)}`);
  const source = `SELECT ${columns.join(", ") || "1"} FROM (${given})`;
  const files = await filesOfKeys(engine, snapshot, { source, keys: keys.map(({ field }) => field), conditions });
  if (conditions.length === 0) return { files, where: null };
  return { files, where: bindPredicate({ kind: "and", operands: conditions, at: 0 }, scope, String(request.on)) };
}

function conditionOf({ on }: MergeRequest): Syntax {
  return typeof on === "string" ? parseExpression(on) : on.syntax;
}

const conjuncts = (node: Syntax): readonly Syntax[] =>
  node.kind === "and" ? node.operands.flatMap(conjuncts) : [node];

type Scope = Parameters<typeof bindPredicate>[1];

function isBindable(node: Syntax, scope: Scope): boolean {
  try {
    bindPredicate(node, scope, "");
    return true;
  } catch (error) {
    // What cannot be bound to the table alone is asked of its rows.
    if (error instanceof AlluviumError) return false;
    throw error;
  }
}

interface Found {
  readonly side: MergeSide;
  readonly index: number;
  readonly field: StructField;
  /** Fields below the column. */
  readonly rest: readonly string[];
}

/** What a name stands for, as in `mergeScope`. */
function find(parts: readonly string[], { target, source }: MergePlan): Found | null {
  const [first = "", ...rest] = parts;
  const within = (side: MergeSide, name: string | undefined): Omit<Found, "rest"> | null => {
    const index = side.schema.fields.findIndex((one) => one.name.toLowerCase() === name?.toLowerCase());
    const field = side.schema.fields[index];
    return field === undefined ? null : { side, index, field };
  };
  const named = [target, source].find((side) => side.alias.toLowerCase() === first.toLowerCase());
  if (named !== undefined && rest.length > 0) {
    const column = within(named, rest[0]);
    return column && { ...column, rest: rest.slice(1) };
  }
  const column = within(target, first) ?? within(source, first);
  return column && { ...column, rest };
}

interface Key {
  readonly field: StructField;
  /** The source's value, over its columns. */
  readonly sql: string;
}

/** `target.a = source.b` of types whose values are the same. */
function keyOf(node: Syntax, plan: MergePlan): Key | null {
  if (node.kind !== "compare" || (node.op !== "=" && node.op !== "<=>")) return null;
  const columns = [node.left, node.right].map((side) => (side.kind === "name" ? find(side.parts, plan) : null));
  const own = columns.find((one) => one?.side === plan.target);
  const other = columns.find((one) => one?.side === plan.source);
  if (!own || !other || own.rest.length + other.rest.length > 0) return null;
  if (!fits(other.field.type, own.field.type)) return null;
  return { field: own.field, sql: sideColumn(plan.source, other.index) };
}

/** True when each value of the source's type is one of the target's. */
function fits(source: DataType, target: DataType): boolean {
  if (typeEquals(source, target, { ignoreMetadata: true, ignoreNullability: true })) return true;
  const width = ({ kind, ...type }: DataType): number =>
    kind === "primitive" && "name" in type ? wholeNumbers.indexOf(type.name) : -1;
  return width(source) >= 0 && width(source) <= width(target);
}

const wholeNumbers: readonly string[] = ["byte", "short", "integer", "long"];

/** The condition in the table's own names; null when it asks for more than the table. */
function ofTarget(node: Syntax, plan: MergePlan): Syntax | null {
  const all = (nodes: readonly Syntax[]): readonly Syntax[] | null => {
    const own = nodes.flatMap((one) => ofTarget(one, plan) ?? []);
    return own.length === nodes.length ? own : null;
  };
  switch (node.kind) {
    case "literal":
      return node;
    case "name": {
      const found = find(node.parts, plan);
      return found?.side === plan.target ? { ...node, parts: [found.field.name, ...found.rest] } : null;
    }
    case "and":
    case "or": {
      const operands = all(node.operands);
      return operands && { ...node, operands };
    }
    case "not":
    case "isNull":
    case "cast": {
      const operand = ofTarget(node.operand, plan);
      return operand && { ...node, operand };
    }
    case "compare": {
      const [left, right] = all([node.left, node.right]) ?? [];
      return left && right ? { ...node, left, right } : null;
    }
    case "in": {
      const [operand, ...values] = all([node.operand, ...node.values]) ?? [];
      return operand ? { ...node, operand, values } : null;
    }
    case "between": {
      const [operand, low, high] = all([node.operand, node.low, node.high]) ?? [];
      return operand && low && high ? { ...node, operand, low, high } : null;
    }
    case "interval":
    case "sign":
    case "arithmetic":
    case "isTruth":
    case "like":
    case "case":
    case "call":
    case "index":
    case "field":
    case "lambda":
    case "star":
      return null; // no file is ruled out by these
  }
}
