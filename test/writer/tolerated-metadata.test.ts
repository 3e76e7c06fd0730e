// New metadata of another writer that lets a transaction pass which was prepared without it: Delta's list, entry by entry.
import { describe, expect, test } from "vitest";
import type { CommitInfo, Metadata, Protocol } from "../../src/format/action/action.ts";
import { isHarmless, movesIdentityMarksOnly } from "../../src/writer/tolerated-metadata.ts";

const features = ["rowTracking", "deletionVectors", "v2Checkpoint", "inCommitTimestamp", "columnMapping"];
const protocol: Protocol = {
  kind: "protocol",
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: ["deletionVectors", "v2Checkpoint", "columnMapping"],
  writerFeatures: features,
};
const field = (name: string, mapping: object = {}, type: unknown = "long"): object => ({
  name,
  type,
  nullable: true,
  metadata: mapping,
});
const table = (properties: Readonly<Record<string, string>>, ...fields: object[]): Metadata => ({
  kind: "metaData",
  id: "m",
  format: { provider: "parquet", options: new Map() },
  schemaString: JSON.stringify({ type: "struct", fields: fields.length > 0 ? fields : [field("id")] }),
  partitionColumns: [],
  configuration: new Map(Object.entries(properties)),
});
const mapped = (id: number, physicalName: string): object => ({
  "delta.columnMapping.id": id,
  "delta.columnMapping.physicalName": physicalName,
});
const byName = { "delta.columnMapping.mode": "name", "delta.columnMapping.maxColumnId": "1" };

interface Case {
  readonly name: string;
  readonly before?: Metadata;
  readonly after: Metadata;
  readonly isHarmless: boolean;
  readonly protocol?: Protocol;
}

const rowTracking = {
  "delta.enableRowTracking": "true",
  "delta.rowTracking.materializedRowIdColumnName": "a",
  "delta.rowTracking.materializedRowCommitVersionColumnName": "b",
};
const cases: readonly Case[] = [
  { name: "row tracking is turned on", after: table(rowTracking), isHarmless: true },
  { name: "row tracking is turned off", after: table({ "delta.enableRowTracking": "false" }), isHarmless: false },
  {
    name: "names of row tracking without it",
    after: table({ ...rowTracking, "delta.enableRowTracking": "false" }),
    isHarmless: false,
  },
  { name: "deletion vectors are turned on", after: table({ "delta.enableDeletionVectors": "true" }), isHarmless: true },
  {
    name: "deletion vectors are turned off",
    before: table({ "delta.enableDeletionVectors": "true" }),
    after: table({ "delta.enableDeletionVectors": "false" }),
    isHarmless: false,
  },
  {
    name: "deletion vectors without the feature",
    after: table({ "delta.enableDeletionVectors": "true" }),
    protocol: { kind: "protocol", minReaderVersion: 1, minWriterVersion: 2 },
    isHarmless: false,
  },
  { name: "checkpoints of version 2", after: table({ "delta.checkpointPolicy": "v2" }), isHarmless: true },
  {
    name: "in-commit timestamps are turned on",
    after: table({
      "delta.enableInCommitTimestamps": "true",
      "delta.inCommitTimestampEnablementVersion": "3",
      "delta.inCommitTimestampEnablementTimestamp": "5",
    }),
    isHarmless: true,
  },
  {
    name: "the first version of in-commit timestamps moves",
    before: table({ "delta.inCommitTimestampEnablementVersion": "2" }),
    after: table({ "delta.inCommitTimestampEnablementVersion": "3" }),
    isHarmless: false,
  },
  {
    name: "columns are mapped by their names",
    after: table(byName, field("id", mapped(1, "id"))),
    isHarmless: true,
  },
  {
    name: "a column is mapped to another name",
    after: table(byName, field("id", mapped(1, "col-1"))),
    isHarmless: false,
  },
  {
    name: "columns are mapped by ids",
    after: table({ ...byName, "delta.columnMapping.mode": "id" }, field("id", mapped(1, "id"))),
    isHarmless: false,
  },
  {
    name: "a column comes with the mapping",
    after: table(byName, field("id", mapped(1, "id")), field("b", mapped(2, "b"))),
    isHarmless: false,
  },
  {
    name: "fields of structs are mapped by their names",
    before: table({}, field("s", {}, { type: "struct", fields: [field("a")] })),
    after: table(byName, field("s", mapped(1, "s"), { type: "struct", fields: [field("a", mapped(2, "a"))] })),
    isHarmless: true,
  },
  { name: "a column is renamed", after: table({}, field("name")), isHarmless: false },
  { name: "a comment of a column", after: table({}, field("id", { comment: "c" })), isHarmless: false },
  { name: "any other property", after: table({ "delta.appendOnly": "true" }), isHarmless: false },
  { name: "a property is unset", before: table({ a: "b" }), after: table({}), isHarmless: false },
  { name: "the table gets a name", after: { ...table({}), name: "books" }, isHarmless: false },
  { name: "the same again", after: table({}), isHarmless: true },
];

describe("behind new metadata", () => {
  test.each(cases)("$name: $isHarmless", ({ before, after, isHarmless: expected, protocol: other }) => {
    expect(isHarmless({ protocol: other ?? protocol, before: before ?? table({}), after })).toBe(expected);
  });

  test("a commit says by a tag that it moves the marks of identity columns alone", () => {
    const tagged = (tags: object): CommitInfo => ({ kind: "commitInfo", unknown: { tags: { ...tags } } });
    expect(movesIdentityMarksOnly(tagged({ "delta.identity.schemaUpdate": "true" }))).toBe(true);
    expect(movesIdentityMarksOnly(tagged({ "delta.identity.schemaUpdate": "false" }))).toBe(false);
    expect(movesIdentityMarksOnly(tagged({}))).toBe(false);
    expect(movesIdentityMarksOnly(undefined)).toBe(false);
  });
});
