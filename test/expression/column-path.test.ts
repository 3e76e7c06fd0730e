// test/expression/column-path.test.ts: names of columns as programs give them.
import { expect, test } from "vitest";
import { columnPath } from "../../src/expression/tree/column-path.ts";

test.each([
  ["author", ["author"]],
  ["place.city", ["place", "city"]],
  ["`a.b`.c", ["a.b", "c"]],
  ["`odd ``name`", ["odd `name"]],
  ["with blank.größe", ["with blank", "größe"]],
])("%s has the parts %o", (name, parts) => {
  expect(columnPath(name)).toEqual(parts);
});

test.each(["", ".", "a.", ".a", "a..b", "`a", "a`b", "`a`b", "``"])("%o is no name", (name) => {
  expect(() => columnPath(name)).toThrow(/no name of a column/u);
});
