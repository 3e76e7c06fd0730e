// Time, randomness, ids and files come through the engine, never from the surroundings: so a seed replays a run.
import { expect, test } from "vitest";
import { roomOf } from "./room-table.ts";
import { nameOf, nodesOf, readSources, type SourceFile, sourceOf, type SyntaxNode, violation } from "./source.ts";

// Calls by the text of their callee.
const forbiddenCalls: Readonly<Record<string, string>> = {
  "Date.now": "the engine's clock",
  "performance.now": "the engine's clock",
  "process.hrtime": "the engine's clock",
  "process.hrtime.bigint": "the engine's clock",
  "Math.random": "the engine's randomness",
  "AbortSignal.timeout": "the engine's clock",
};
const forbiddenNames: Readonly<Record<string, string>> = {
  setTimeout: "the engine's clock",
  setInterval: "the engine's clock",
  setImmediate: "the engine's clock",
  randomUUID: "the engine's randomness",
  randomBytes: "the engine's randomness",
  randomInt: "the engine's randomness",
  getRandomValues: "the engine's randomness",
};
const forbiddenModules: Readonly<Record<string, string>> = {
  "node:fs": "the engine's file store",
  "node:fs/promises": "the engine's file store",
  "fs-extra": "the engine's file store",
  "node:timers": "the engine's clock",
  "node:timers/promises": "the engine's clock",
  "node:child_process": "the engine",
  "node:worker_threads": "the engine",
};
// The command line is a process: it opens the files that a person names and listens to signals.
const processRooms = ["cli"];

function ambientViolations(file: SourceFile): readonly string[] {
  const room = roomOf(file.path);
  if (room === "engine") return [];
  const inProcess = processRooms.includes(room);
  const used = [...nodesOf(file.parsed.program)].flatMap((node) => {
    const fault = ambientUse(node, inProcess);
    return fault === undefined ? [] : [violation(file, node.start, fault)];
  });
  const imported = file.parsed.module.staticImports.flatMap(({ moduleRequest: { value, start } }) =>
    inProcess || forbiddenModules[value] === undefined
      ? []
      : [violation(file, start, `${value} is ambient; use ${forbiddenModules[value]}`)],
  );
  return [...used, ...imported];
}

function ambientUse(node: SyntaxNode, inProcess: boolean): string | undefined {
  const text = memberText(node);
  if (Object.hasOwn(forbiddenCalls, text)) return `${text} is ambient; use ${forbiddenCalls[text]}`;
  if (node.type === "Identifier" && Object.hasOwn(forbiddenNames, text)) {
    return `${text} is ambient; use ${forbiddenNames[text]}`;
  }
  const isDate = nameOf(node["callee"]) === "Date";
  if (isDate && node.type === "CallExpression") return "Date() is ambient; use the engine's clock";
  if (isDate && node.type === "NewExpression" && (node["arguments"] as unknown[]).length === 0) {
    return "new Date() is ambient; use the engine's clock";
  }
  if (node.type === "MemberExpression" && nameOf(node["object"]) === "process" && !inProcess) {
    return "process is ambient; take what you need as an argument";
  }
  return undefined;
}

/** "Date.now" for that expression, "setTimeout" for an identifier, else an empty string. */
function memberText(node: SyntaxNode): string {
  if (node.type === "Identifier") return nameOf(node);
  if (node.type !== "MemberExpression" || node["computed"] === true) return "";
  return `${memberText(node["object"] as SyntaxNode)}.${nameOf(node["property"])}`;
}

test("outside the engine nothing asks the surroundings for time, randomness, ids or files", () => {
  expect(readSources(["src"]).flatMap(ambientViolations)).toEqual([]);
});

test.each([
  "const t = Date.now();",
  "const t = new Date();",
  "const t = Date();",
  "const t = performance.now();",
  "const r = Math.random();",
  "setTimeout(() => undefined, 1);",
  "globalThis.setInterval(() => undefined, 1);",
  'import { setTimeout as sleep } from "node:timers/promises";',
  'import { randomUUID } from "node:crypto";',
  "const id = crypto.randomUUID();",
  'import { readFileSync } from "node:fs";',
  'import { open } from "node:fs/promises";',
  "const home = process.env.HOME;",
  "const signal = AbortSignal.timeout(1);",
])("a planted ambient use is caught: %s", (text) => {
  const found = ambientViolations(sourceOf("src/log/a.ts", `\n${text}\n`));
  expect(found.length).toBeGreaterThan(0);
  expect(found[0]).toMatch(/^src\/log\/a\.ts:2: .* is ambient; /);
});

test.each([
  ["src/engine/base/clock.ts", "const t = Date.now();"],
  ["src/log/a.ts", "const day = new Date(0); const text = 'Date.now()'; // Date.now()"],
  ["src/cli/a.ts", 'import { open } from "node:fs/promises"; process.exitCode = 1;'],
])("what is not ambient in %s passes: %s", (path, text) => {
  expect(ambientViolations(sourceOf(path, text))).toEqual([]);
});
