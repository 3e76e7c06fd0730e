// Each room imports only rooms below it and the packages it is allowed.
import { expect, test } from "vitest";
import { importsOf } from "./imports.ts";
import { roomOf, rooms } from "./room-table.ts";
import { readSources, type SourceFile, sourceOf, violation } from "./source.ts";

function roomViolations(file: SourceFile): readonly string[] {
  const name = roomOf(file.path);
  const room = rooms[name];
  if (room === undefined) return [violation(file, 0, `no room is called "${name}"; add it to test/tidy/room-table.ts`)];
  return importsOf(file).flatMap(({ target, at }) => {
    const fault = target.startsWith(".") ? roomFault(file.path, target) : packageFault(name, target);
    return fault === undefined ? [] : [violation(file, at, fault)];
  });
}

function roomFault(path: string, target: string): string | undefined {
  const name = roomOf(path);
  const other = roomOf(new URL(target, `file:///${path}`).pathname.slice(1));
  if (other === name || rooms[name]?.below.includes(other)) return undefined;
  return `${name} may not import ${other} (${target}); it may import: ${rooms[name]?.below.join(", ") || "no room"}`;
}

function packageFault(name: string, target: string): string | undefined {
  const allowed = rooms[name]?.packages ?? [];
  const whole = target.startsWith("@") ? target.split("/").slice(0, 2).join("/") : (target.split("/")[0] ?? "");
  if (allowed.includes(whole) || (target.startsWith("node:") && allowed.includes("node:*"))) return undefined;
  return `${name} may not import the package ${target}; it may import: ${allowed.join(", ") || "no package"}`;
}

test("every room of src/ imports only the rooms below it and its own packages", () => {
  expect(readSources(["src"]).flatMap(roomViolations)).toEqual([]);
});

test("the rooms form an order: none is above itself", () => {
  const names = Object.keys(rooms);
  const upward = names.flatMap((name, index) =>
    (rooms[name]?.below ?? []).filter((other) => names.indexOf(other) >= index).map((other) => `${name} -> ${other}`),
  );
  expect(upward).toEqual([]);
  expect(rooms["reader"]?.below).not.toContain("writer");
  expect(rooms["writer"]?.below).not.toContain("reader");
});

test.each([
  ["src/log/a.ts", 'import { b } from "../reader/b.ts";'],
  ["src/reader/a.ts", 'import type { b } from "../writer/b.ts";'],
  ["src/format/a.ts", 'export { b } from "../engine/b.ts";'],
  ["src/format/a.ts", 'export * from "../log/b.ts";'],
  ["src/log/a.ts", 'const b = await import("../table/b.ts");'],
  ["src/log/a.ts", 'export type B = import("../table/b.ts").B;'],
  ["src/cli/a.ts", 'import { b } from "../session/b.ts";'],
  ["src/format/a.ts", 'import "node:fs";'],
  ["src/session/a.ts", 'import { readFile } from "node:fs/promises";'],
  ["src/log/a.ts", 'import { DuckDBInstance } from "@duckdb/node-api";'],
  ["src/attic/a.ts", "export const a = 1;"],
])("a planted import in %s is caught: %s", (path, text) => {
  expect(roomViolations(sourceOf(path, `\n${text}\n`))).toEqual([expect.stringMatching(`^${path}:[12]: `)]);
});

test.each([
  ["src/log/a.ts", 'import { b } from "../format/b.ts"; import { c } from "./c.ts"; import { join } from "node:path";'],
  ["src/index.ts", 'export { Session } from "./session/session.ts";'],
  ["src/cli.ts", 'import { main } from "./cli/main.ts";'],
  ["src/engine/a.ts", 'import { copy } from "fs-extra/esm"; import { open } from "node:fs/promises";'],
])("allowed imports in %s pass: %s", (path, text) => {
  expect(roomViolations(sourceOf(path, text))).toEqual([]);
});
