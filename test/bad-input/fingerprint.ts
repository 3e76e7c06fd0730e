// test/bad-input/fingerprint.ts: whether anything on a disk has changed.
import { createHash } from "node:crypto";
import { lstatSync, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { expect } from "vitest";
import { AlluviumError } from "../../src/format/text/error.ts";

/**
 * Every file below `root`, with a hash of its bytes. A partition folder without files is no part of a table: a write that fails
 * leaves it, because another writer may be about to use it.
 */
export function fingerprint(root: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const walk = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (lstatSync(path).isDirectory()) walk(path);
      else found.set(relative(root, path), createHash("sha256").update(readFileSync(path)).digest("hex"));
    }
  };
  walk(root);
  return found;
}

/**
 * Does what must fail: with an error of ours, with this code (its own, or its cause's where a query failed), a message of words, and
 * nothing changed below `root`.
 */
export async function expectRefused(root: string, code: string, work: () => unknown): Promise<AlluviumError> {
  const before = fingerprint(root);
  let caught: unknown = null;
  try {
    await work();
  } catch (error) {
    caught = error;
  }
  if (!(caught instanceof AlluviumError)) throw new Error(`an AlluviumError ${code} was expected`, { cause: caught });
  expect([caught.code, caught.context["causeCode"]], caught.message).toContain(code);
  expect(caught.message.length).toBeGreaterThan(20);
  expect(fingerprint(root)).toEqual(before);
  return caught;
}
