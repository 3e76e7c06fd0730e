// Every law of docs/LAWS.md names the tests that prove it, and those tests exist.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { root } from "./source.ts";

/** Laws there are, in order. */
const laws: readonly string[] = [
  "L1",
  "L2",
  "L3",
  "L4",
  "L5",
  "L6",
  "S1",
  "S2",
  "S3",
  "S4",
  "S5",
  "S6",
  "S7",
  "S8",
  "S9",
];

/** The last cell of the row `| LAW | what it says | proved by |`. */
function proofsOf(document: string, law: string): readonly string[] {
  const cell = new RegExp(`^\\| ${law} \\| .* \\| (.*)\\|$`, "mu").exec(document)?.[1] ?? "";
  return cell
    .split("<br>")
    .map((proof) => proof.trim())
    .filter((proof) => proof !== "");
}

function proofViolation(law: string, proof: string): readonly string[] {
  const [, path = "", sentence = ""] = /^`(test\/[\w/-]+\.test\.ts)`: (.+)$/u.exec(proof) ?? [];
  if (path === "") return [`docs/LAWS.md: ${law}: ${proof} is not \`test/….test.ts\`: sentence`];
  if (!existsSync(`${root}${path}`)) return [`docs/LAWS.md: ${law}: ${path} does not exist`];
  if (readFileSync(`${root}${path}`, "utf8").includes(sentence)) return [];
  return [`docs/LAWS.md: ${law}: ${path} has no test "${sentence}"`];
}

function lawViolations(document: string): readonly string[] {
  return laws.flatMap((law) => {
    const proofs = proofsOf(document, law);
    if (proofs.length === 0) return [`docs/LAWS.md: ${law} has no proof; name its test`];
    return proofs.flatMap((proof) => proofViolation(law, proof));
  });
}

test("each law names the tests that prove it, and they exist", () => {
  expect(lawViolations(readFileSync(`${root}docs/LAWS.md`, "utf8"))).toEqual([]);
});

test("a planted law without a proof, with a missing file or with another sentence is caught", () => {
  const rows = (proof: string): string =>
    laws.map((law) => `| ${law} | says | ${law === "S3" ? proof : good} |`).join("\n");
  const good = "`test/tidy/laws.test.ts`: each law names the tests that prove it, and they exist";
  expect(lawViolations(rows(good))).toEqual([]);
  expect(lawViolations(rows(""))).toEqual(["docs/LAWS.md: S3 has no proof; name its test"]);
  expect(lawViolations(rows("`test/tidy/lost.test.ts`: each law"))).toEqual([
    expect.stringContaining("does not exist"),
  ]);
  expect(lawViolations(rows("`test/tidy/rooms.test.ts`: no such sentence"))).toEqual([
    expect.stringContaining("has no test"),
  ]);
  expect(lawViolations(rows("somewhere"))).toEqual([expect.stringContaining("is not")]);
});
