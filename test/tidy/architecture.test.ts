// docs/ARCHITECTURE.md prints the import table that the tidy tests enforce. `npm run docs:update` rewrites that section.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Room, rooms } from "./room-table.ts";
import { root } from "./source.ts";

const begin = "<!-- rooms: written by npm run docs:update -->\n";
const end = "<!-- rooms: end -->\n";

function tableOf(table: Readonly<Record<string, Room>>): string {
  const names = Object.keys(table);
  const rows = names.map((name) => {
    const room = table[name];
    const below = room?.below.map((other) => `\`${other}\``).join(", ");
    const packages = room?.packages.map((other) => `\`${other}\``).join(", ");
    return `| \`${name}\` | ${room?.purpose} | ${below || "-"} | ${packages || "-"} |\n`;
  });
  return `| room | purpose | may import | packages |\n| --- | --- | --- | --- |\n${rows.join("")}\n${shelvesOf(table)}`;
}

function shelvesOf(table: Readonly<Record<string, Room>>): string {
  const rows = Object.entries(table).flatMap(([name, { shelves }]) =>
    Object.entries(shelves ?? {}).map(([shelf, holds]) => `| \`${name}/${shelf}\` | ${holds} |\n`),
  );
  const intro =
    "Crowded rooms have shelves. But for types, a file imports from its own shelf and those of its room named before it.";
  return `${intro}\n\n| shelf | holds |\n| --- | --- |\n${rows.join("")}`;
}

function withTable(document: string, table: Readonly<Record<string, Room>>): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/ARCHITECTURE.md lacks the lines ${begin.trim()} and ${end.trim()}`);
  return `${document.slice(0, from + begin.length)}\n${tableOf(table)}\n${document.slice(to)}`;
}

test("docs/ARCHITECTURE.md prints the import table that is enforced", async () => {
  const path = `${root}docs/ARCHITECTURE.md`;
  await expect(withTable(readFileSync(path, "utf8"), rooms)).toMatchFileSnapshot(path);
});

test("a planted change of the table changes the document, and a document without the marks is refused", () => {
  const document = withTable(`# A\n${begin}stale\n${end}tail\n`, rooms);
  expect(withTable(document, rooms)).toBe(document);
  expect(document).not.toContain("stale");
  expect(withTable(document, { ...rooms, attic: { purpose: "p", below: [], packages: [] } })).not.toBe(document);
  expect(() => withTable("# A\n", rooms)).toThrow("lacks the lines");
});
