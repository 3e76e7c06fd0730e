// Every export of src/ says what it means, and every error code is explained in docs/ERRORS.md.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AlluviumError, errorCodes } from "../../src/format/text/error.ts";
import { nameOf, readSources, root, type SourceFile, sourceOf, type SyntaxNode, violation } from "./source.ts";

function undocumented(file: SourceFile): readonly string[] {
  const statements = file.parsed.program.body as unknown as readonly SyntaxNode[];
  const exportedLater = new Set(
    file.parsed.module.staticExports
      .flatMap((found) => found.entries)
      .flatMap(({ moduleRequest, localName }) =>
        moduleRequest === null && localName.name !== null ? [localName.name] : [],
      ),
  );
  const documented = new Set<string>();
  return statements.flatMap((statement) => {
    const declaration = (statement["declaration"] ?? statement) as SyntaxNode;
    const names = declaredNames(declaration).filter((name) => exportedLater.has(name));
    const missing = names.filter((name) => !documented.has(name));
    if (missing.length === 0) return [];
    // Overloads share the comment of the first.
    for (const name of names) documented.add(name);
    if (hasDocComment(file, statement.start)) return [];
    return [violation(file, statement.start, `export ${missing.join(", ")} has no /** comment */; say what it means`)];
  });
}

function declaredNames(declaration: SyntaxNode): readonly string[] {
  if (declaration.type === "VariableDeclaration") {
    return (declaration["declarations"] as SyntaxNode[]).map((one) => nameOf(one["id"]));
  }
  return declaration.type === "ImportDeclaration" ? [] : [nameOf(declaration["id"])].filter((name) => name !== "");
}

function hasDocComment(file: SourceFile, at: number): boolean {
  return file.parsed.comments.some(
    (comment) =>
      comment.type === "Block" &&
      comment.value.startsWith("*") &&
      comment.end <= at &&
      file.text.slice(comment.end, at).trim() === "",
  );
}

/** The rows `| CODE | kind | meaning |` of a document. */
function codesOf(document: string): ReadonlyMap<string, string> {
  const rows = document.matchAll(/^\| `([A-Z_0-9]+)` *\| ([a-z-]+) *\|/gm);
  return new Map([...rows].map((row) => [row[1] ?? "", row[2] ?? ""]));
}

function codeViolations(document: string): readonly string[] {
  const listed = codesOf(document);
  const known = new Set<string>(errorCodes);
  const missing = errorCodes.flatMap((code) => {
    const { kind } = new AlluviumError(code, {}, "");
    return listed.get(code) === kind ? [] : [`docs/ERRORS.md: no row for ${code} of kind ${kind}; add or mend it`];
  });
  const extra = [...listed.keys()].filter((code) => !known.has(code));
  return [
    ...missing,
    ...extra.map((code) => `docs/ERRORS.md: ${code} is no code of src/format/text/error.ts; remove it`),
  ];
}

test("every export of src/ has a doc comment", () => {
  expect(readSources(["src"]).flatMap(undocumented)).toEqual([]);
});

test("docs/ERRORS.md has each error code once, with its kind", () => {
  expect(codeViolations(readFileSync(`${root}docs/ERRORS.md`, "utf8"))).toEqual([]);
});

test.each([
  "export function f(): void {}",
  "// a plain comment\nexport const a = 1;",
  "/** of another thing */\nconst b = 1;\nexport interface I {}",
  "export type T = string;",
  "export class C {}",
  "const late = 1;\nexport { late };",
])("a planted export without a doc comment is caught: %s", (text) => {
  expect(undocumented(sourceOf("src/log/a.ts", text))).toEqual([
    expect.stringMatching(/^src\/log\/a\.ts:\d: export .* has no/),
  ]);
});

test("documented exports, overloads and re-exports pass", () => {
  const text = `/** Says. */
export function f(a: string): void;
export function f(a: number): void;
export function f(): void {}
export { g } from "./g.ts";
/** A number. */
export const a = 1;
const inner = 2;`;
  expect(undocumented(sourceOf("src/log/a.ts", text))).toEqual([]);
});

test("a planted document that lacks a code, has a wrong kind or an unknown code is caught", () => {
  const rows = errorCodes.map((code) => `| \`${code}\` | ${new AlluviumError(code, {}, "").kind} | x | y |`);
  expect(codeViolations(rows.join("\n"))).toEqual([]);
  expect(codeViolations(rows.slice(1).join("\n"))).toHaveLength(1);
  expect(codeViolations([...rows.slice(1), "| `TABLE_NOT_FOUND` | bug | x |"].join("\n"))).toHaveLength(1);
  expect(codeViolations([...rows, "| `NO_SUCH_CODE` | bug | x |"].join("\n"))).toHaveLength(1);
});
