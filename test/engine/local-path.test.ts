// Paths as people give them.
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { localPath } from "../../src/engine/files/local-path.ts";

test.each([
  ["/data/books", "/data/books"],
  ["lake/books", resolve("lake/books")],
  ["file:/data/a%20b", "/data/a b"],
  ["file:///data/50%25", "/data/50%"],
  ["/data/50%", "/data/50%"],
  ["c:books", resolve("c:books")],
])("%s is %s", (given, path) => expect(localPath(given)).toBe(path));

test.each([
  ["", "INVALID_ARGUMENT"],
  ["  ", "INVALID_ARGUMENT"],
  ["file:///data/50%", "INVALID_ARGUMENT"],
  ["s3://bucket/books", "UNSUPPORTED_FEATURE"],
  ["abfss://lake@host/books", "UNSUPPORTED_FEATURE"],
])("%j is refused with %s, and nothing is made in its place", (given, code) => {
  expect(() => localPath(given)).toThrow(expect.objectContaining({ code }));
});
