// A file has at most 300 lines and a function of src/, bench/ and examples/ at most 60, so that each can be read in one go.
import { expect, test } from "vitest";
import { lineOf, nodesOf, readSources, type SourceFile, sourceOf, violation } from "./source.ts";

const fileLinesMax = 300;
const functionLinesMax = 60;
const functionTypes = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"];

function fileViolations(file: SourceFile): readonly string[] {
  const lineCount = file.text.trimEnd().split("\n").length;
  if (lineCount <= fileLinesMax) return [];
  return [violation(file, 0, `${lineCount} lines, at most ${fileLinesMax}; which second idea can leave this file?`)];
}

function functionViolations(file: SourceFile): readonly string[] {
  return [...nodesOf(file.parsed.program)]
    .filter((node) => functionTypes.includes(node.type))
    .map((node) => ({ node, lineCount: lineOf(file, node.end) - lineOf(file, node.start) + 1 }))
    .filter(({ lineCount }) => lineCount > functionLinesMax)
    .map(({ node, lineCount }) =>
      violation(
        file,
        node.start,
        `a function of ${lineCount} lines, at most ${functionLinesMax}; keep the decisions here, move the leaves out`,
      ),
    );
}

test("no file is longer than 300 lines", () => {
  expect(readSources(["src", "test", "bench", "examples"]).flatMap(fileViolations)).toEqual([]);
});

test("no function is longer than 60 lines", () => {
  expect(readSources(["src", "bench", "examples"]).flatMap(functionViolations)).toEqual([]);
});

test("a planted file of 301 lines is caught, one of 300 passes", () => {
  expect(fileViolations(sourceOf("src/log/a.ts", "export {};\n".repeat(301)))).toEqual([
    expect.stringContaining("src/log/a.ts:1: 301 lines"),
  ]);
  expect(fileViolations(sourceOf("src/log/a.ts", "export {};\n".repeat(300)))).toEqual([]);
});

test.each([
  ["a function", (body: string) => `export function f() {\n${body}}`],
  ["an arrow function", (body: string) => `export const f = () => {\n${body}};`],
  ["a method", (body: string) => `class C { m() {\n${body}} }`],
])("%s of 61 lines is caught, one of 60 passes", (_, wrap) => {
  expect(functionViolations(sourceOf("src/log/a.ts", wrap("f;\n".repeat(59))))).toEqual([
    expect.stringContaining("src/log/a.ts:1: a function of 61 lines"),
  ]);
  expect(functionViolations(sourceOf("src/log/a.ts", wrap("f;\n".repeat(58))))).toEqual([]);
});
