// expression/parse/print-syntax.ts: an expression tree as Spark SQL text, which reads back as the same tree.
import { assert } from "../../format/text/error.ts";
import type { Literal } from "../tree/expression.ts";
import type { Syntax } from "../tree/syntax.ts";
import { wholeRow } from "../tree/syntax.ts";
import { primitiveName, typeName } from "../tree/value-type.ts";
import type { ValueType } from "../tree/value-type.ts";

/** Prints an expression; names are quoted, operands bracketed. */
export function printSyntax(node: Syntax): string {
  switch (node.kind) {
    case "name":
      return node.parts.map(quoteName).join(".");
    case "literal":
      return printLiteral(node.literal, node.type);
    case "interval":
      return `INTERVAL ${node.parts.map(({ amount, unit }) => `'${amount}' ${unit}`).join(" ")}`;
    case "and":
    case "or":
      if (node.isLikeList === true) return printLikeList(node);
      return `(${node.operands.map(printSyntax).join(` ${node.kind.toUpperCase()} `)})`;
    case "not":
      return `(NOT ${printSyntax(node.operand)})`;
    case "sign":
      return `(${node.op} ${printSyntax(node.operand)})`;
    case "arithmetic":
    case "compare":
      return `(${printSyntax(node.left)} ${node.op} ${printSyntax(node.right)})`;
    case "isNull":
      return `(${printSyntax(node.operand)} IS NULL)`;
    case "isTruth":
      return `(${printSyntax(node.operand)} IS ${node.truth === null ? "UNKNOWN" : String(node.truth).toUpperCase()})`;
    case "in":
      return `(${printSyntax(node.operand)} IN (${printList(node.values)}))`;
    case "between":
      return `(${printSyntax(node.operand)} BETWEEN ${printSyntax(node.low)} AND ${printSyntax(node.high)})`;
    case "like":
      return printLike(node);
    case "cast":
      return `${node.isTry ? "try_cast" : "cast"}(${printSyntax(node.operand)} AS ${typeName(node.type)})`;
    case "case":
      return printCase(node);
    case "call": {
      if (node.isBare === true) return node.name;
      if (node.name === wholeRow) return printRow(node);
      const filter = node.filter === null ? "" : ` FILTER (WHERE ${printSyntax(node.filter)})`;
      return `${node.name}(${node.isDistinct ? "DISTINCT " : ""}${printList(node.args)})${filter}${node.ignoresNulls === true ? " IGNORE NULLS" : ""}`;
    }
    case "index":
      return `${printSyntax(node.operand)}[${printSyntax(node.index)}]`;
    case "field":
      return `${printSyntax(node.operand)}.${quoteName(node.name)}`;
    case "lambda":
      return `(${node.parameters.join(", ")}) -> ${printSyntax(node.body)}`;
    case "star":
      return "*";
  }
}

function printRow({ args: [table] }: Extract<Syntax, { kind: "call" }>): string {
  const isNamed = table?.kind === "literal" && table.literal.type === "string";
  return `struct(${isNamed ? `${quoteName(table.literal.value)}.` : ""}*)`;
}

/** A name in backticks. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

const printList = (nodes: readonly Syntax[]): string => nodes.map(printSyntax).join(", ");

function printLike(node: Extract<Syntax, { kind: "like" }>): string {
  const escape = node.op === "rlike" || node.escape === "\\" ? "" : ` ESCAPE ${quoteText(node.escape)}`;
  return `(${printSyntax(node.operand)} ${node.op.toUpperCase()} ${printSyntax(node.pattern)}${escape})`;
}

/** All operands are LIKEs of one value, all or none of them negated. */
function printLikeList({ kind, operands }: Extract<Syntax, { kind: "and" | "or" }>): string {
  const likes = operands.map((operand) => (operand.kind === "not" ? operand.operand : operand));
  const patterns = likes.flatMap((like) => (like.kind === "like" ? [printSyntax(like.pattern)] : []));
  const [first] = likes;
  assert(first?.kind === "like", "a list of LIKEs has one");
  const not = operands[0]?.kind === "not" ? "NOT " : "";
  const word = `${first.op.toUpperCase()} ${kind === "and" ? "ALL" : "ANY"}`;
  return `(${printSyntax(first.operand)} ${not}${word} (${patterns.join(", ")}))`;
}

function printCase(node: Extract<Syntax, { kind: "case" }>): string {
  const operand = node.operand === null ? "" : ` ${printSyntax(node.operand)}`;
  const branches = node.branches.map(({ when, result }) => ` WHEN ${printSyntax(when)} THEN ${printSyntax(result)}`);
  const otherwise = node.otherwise === null ? "" : ` ELSE ${printSyntax(node.otherwise)}`;
  return `CASE${operand}${branches.join("")}${otherwise} END`;
}

function printLiteral(literal: Literal, type: ValueType): string {
  switch (literal.type) {
    case "null":
      return "NULL";
    case "boolean":
      return String(literal.value);
    case "integer":
      return `${literal.value}${integerSuffix[primitiveName(type) ?? ""] ?? ""}`;
    case "decimal":
      return `${literal.text}BD`;
    case "double":
      return printDouble(literal.value, primitiveName(type) === "float");
    case "string":
      return quoteText(literal.value);
    case "binary":
      return `X'${Array.from(literal.value, (byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join("")}'`;
    case "date":
      return `DATE'${new Date(literal.days * 86_400_000).toISOString().slice(0, 10)}'`;
    case "timestamp":
      return `TIMESTAMP'${printMicros(literal.micros)}Z'`;
    case "timestamp_ntz":
      return `TIMESTAMP_NTZ'${printMicros(literal.micros)}'`;
  }
}

const integerSuffix: Readonly<Record<string, string>> = { byte: "Y", short: "S", long: "L" };

function printDouble(value: number, isFloat: boolean): string {
  if (!Number.isFinite(value)) return `${isFloat ? "float" : "double"}('${value}')`;
  const text = Object.is(value, -0) ? "-0.0" : String(value);
  return `${text}${isFloat ? "F" : "D"}`;
}

function quoteText(text: string): string {
  const escapes: Readonly<Record<string, string>> = {
    "\\": "\\\\",
    "'": "\\'",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\0": "\\0",
  };
  // A backslash before % or _ is part of a pattern: Spark keeps it, so it is not doubled.
  return `'${text.replace(/\\(?=[%_])|[\\'\n\r\t\0]/g, (found, at: number) => (/^[%_]$/.test(text[at + 1] ?? "") && found === "\\" ? "\\" : (escapes[found] ?? found)))}'`;
}

function printMicros(micros: bigint): string {
  const ms = micros >= 0n ? micros / 1000n : -((-micros + 999n) / 1000n);
  const rest = Number(micros - ms * 1000n);
  return `${new Date(Number(ms)).toISOString().slice(0, -1).replace("T", " ")}${String(rest).padStart(3, "0")}`;
}
