// docs/PROTOCOL-COVERAGE.md is written from the registry of features, the sources and the tests. `npm run docs:update` rewrites it.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type TableFeature, tableFeatures } from "../../src/format/protocol/table-feature-registry.ts";
import { filePaths, root } from "./source.ts";

/** Sections of the protocol that are no feature, with the word that sources and tests of theirs hold. */
const sections: readonly (readonly [section: string, word: string])[] = [
  ["Checkpoints", "writeCheckpoint"],
  ["Log Compaction Files", "compacted"],
  ["Last Checkpoint File", "LastCheckpoint"],
  ["Version Checksum File", "checksum"],
  ["Change Metadata", "metaData"],
  ["Add File and Remove File", "addFile|removeFile"],
  ["Transaction Identifiers", "txn"],
  ["Protocol Evolution", "minReaderVersion"],
  ["Commit Provenance Information", "commitInfo"],
  ["Action Reconciliation", "replay"],
  ["Metadata Cleanup", "cleanLog"],
  ["Per-file Statistics", "minValues"],
  ["Partition Value Serialization", "PartitionValue"],
  ["Schema Serialization Format", "parseSchema"],
];

interface Text {
  readonly path: string;
  readonly text: string;
}

function textsBelow(folder: string, ending: string): readonly Text[] {
  return filePaths([folder], ending).map((path) => ({ path, text: readFileSync(root + path, "utf8") }));
}

const isList = (path: string): boolean => /validate-property|table-feature-registry|format\/feature\//u.test(path);
const listed = (paths: readonly string[]): string => paths.map((path) => `\`${path}\``).join("<br>");

function holding(texts: readonly Text[], pattern: RegExp): readonly string[] {
  return texts.filter(({ path, text }) => !isList(path) && pattern.test(text)).map(({ path }) => path);
}

/** Sources and tests of a feature: they name it, its section, or the property that enables it. */
function wordsOf({ name, section, enabledBy }: TableFeature): RegExp {
  const property = /delta\.[\w.-]+/u.exec(enabledBy)?.[0];
  const words = [
    `\\b${name}\\b`,
    ...(section === undefined ? [] : [`PROTOCOL\\.md.*"${section.replace(/[()]/gu, "\\$&")}`]),
  ];
  return new RegExp([...words, ...(property === undefined ? [] : [`${property}\\b`])].join("|"), "iu");
}

function levelOf({ canRead, canWrite }: TableFeature): string {
  if (canRead && canWrite) return "read and written";
  return canRead ? "read; writers refuse it by name" : "refused by name";
}

function versionsOf({ kind, legacy }: TableFeature): string {
  const listedIn = kind === "writer" ? "writerFeatures" : "readerFeatures, writerFeatures";
  if (legacy === undefined) return listedIn;
  const reader = legacy.reader === undefined ? "" : `reader ${legacy.reader}, `;
  return `${reader}writer ${legacy.writer}; ${listedIn}`;
}

function coverage(sources: readonly Text[], tests: readonly Text[]): string {
  const rows = tableFeatures.map((feature) => {
    const words = wordsOf(feature);
    const cells = [
      `\`${feature.name}\``,
      feature.section ?? "-",
      versionsOf(feature),
      feature.requires?.map((name) => `\`${name}\``).join(", ") ?? "-",
      feature.enabledBy.replaceAll("|", "\\|"),
      `readers ${feature.readers}; writers ${feature.writers}`,
      levelOf(feature),
      listed(holding(sources, words)) || "-",
      listed(holding(tests, words)) || "-",
    ];
    return `| ${cells.join(" | ")} |\n`;
  });
  const others = sections.map(([section, word]) => {
    const pattern = new RegExp(`PROTOCOL\\.md.*"${section}"|${word}`, "u");
    return `| ${section} | ${listed(holding(sources, new RegExp(`PROTOCOL\\.md.*"${section}"`, "u")))} | ${listed(holding(tests, pattern))} |\n`;
  });
  return `# Which parts of the protocol are covered

Written by \`npm run docs:update\` from \`src/format/feature/\`, the sources and the tests; do not edit. Sections are those of Delta's
PROTOCOL.md. A file stands here when it names the feature, its section or its property.

## Features

| feature | section | versions | requires | enabled by | what it asks | here | code | tests |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join("")}
## Other sections

| section | code | tests |
| --- | --- | --- |
${others.join("")}`;
}

test("docs/PROTOCOL-COVERAGE.md tells which code and tests keep each part of the protocol", async () => {
  const document = coverage(
    textsBelow("src", ".ts"),
    textsBelow("test", ".test.ts").filter(({ path }) => !path.startsWith("test/tidy/")),
  );
  await expect(document).toMatchFileSnapshot(`${root}docs/PROTOCOL-COVERAGE.md`);
});

test("a feature that is read or written by this build has a test that names it", () => {
  const tests = textsBelow("test", ".test.ts").filter(({ path }) => !path.startsWith("test/tidy/"));
  const untested = tableFeatures.filter((one) => one.canWrite && holding(tests, wordsOf(one)).length === 0);
  expect(untested.map((one) => one.name)).toEqual([]);
});

test("the features that one requires exist, and a planted file that names a feature shows in the document", () => {
  const names = tableFeatures.map((one) => one.name);
  expect(tableFeatures.flatMap((one) => one.requires ?? []).filter((name) => !names.includes(name))).toEqual([]);
  expect(coverage([], [])).not.toContain("test/planted.test.ts");
  expect(coverage([], [{ path: "test/planted.test.ts", text: "icebergCompatV1" }])).toContain("test/planted.test.ts");
});
