// What every tidy rule works on: a source file as text and as syntax tree, and violations told as path:line.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseSync, type ParseResult } from "oxc-parser";

/** The folder of package.json, with a slash at its end. */
export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** One TypeScript file. */
export interface SourceFile {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly parsed: ParseResult;
}

/** A node of the syntax tree (ESTree with TypeScript), as far as the rules need to know it. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Parses one file. Rules are tried on planted sources made with this. */
export function sourceOf(path: string, text: string): SourceFile {
  const parsed = parseSync(path, text);
  const error = parsed.errors[0];
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  return { path, text, parsed };
}

/** All files with the ending below these folders of the repository, ordered by path. */
export function readSources(folders: readonly string[], ending = ".ts"): readonly SourceFile[] {
  return filePaths(folders, ending).map((path) => sourceOf(path, readFileSync(root + path, "utf8")));
}

/** Paths relative to the root, ordered. */
export function filePaths(folders: readonly string[], ending: string): readonly string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(root + folder, { recursive: true, encoding: "utf8" }).map((name) =>
        `${folder}/${name}`.replaceAll("\\", "/"),
      ),
    )
    .filter((path) => path.endsWith(ending))
    .toSorted();
}

/** "path:line: what is wrong; what to do". */
export function violation(file: SourceFile, at: number, message: string): string {
  return `${file.path}:${lineOf(file, at)}: ${message}`;
}

/** The line of a position in the text, from 1. */
export function lineOf(file: SourceFile, at: number): number {
  return file.text.slice(0, at).split("\n").length;
}

/** Every node below and including this one, parents first. */
export function* nodesOf(value: unknown): Generator<SyntaxNode> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodesOf(item);
  } else if (isNode(value)) {
    yield value;
    for (const [key, child] of Object.entries(value)) {
      if (key !== "parent" && typeof child === "object" && child !== null) yield* nodesOf(child);
    }
  }
}

/** The name of an identifier, else an empty string. */
export function nameOf(value: unknown): string {
  return isNode(value) && value.type === "Identifier" ? String(value["name"]) : "";
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";
}
