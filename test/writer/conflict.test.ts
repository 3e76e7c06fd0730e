// Who may commit behind whom: Delta's conflict rules, case by case.
import { expect, test } from "vitest";
import { col } from "../../src/expression/predicate/builder.ts";
import { toPredicate } from "../../src/expression/predicate/predicate-input.ts";
import type { Predicate } from "../../src/expression/tree/expression.ts";
import type { Action, AddFile, Metadata, Protocol } from "../../src/format/action/action.ts";
import { version } from "../../src/format/text/ids.ts";
import type { Commit } from "../../src/log/listing/read-commit.ts";
import { findConflict, isBlindAppend, isolationFor } from "../../src/writer/conflict-checker.ts";
import type { LosingTransaction, TransactionReads } from "../../src/writer/conflict-checker.ts";
import { struct } from "./support.ts";

const scope = { schema: struct({ id: "long", part: "string" }), partitionColumns: ["part"] };

const add = (path: string, part: string | null = "a", dataChange = true): AddFile => ({
  kind: "add",
  path,
  partitionValues: new Map([["part", part]]),
  sizeBytes: 1,
  modificationTimeMs: 1,
  dataChange,
});
const remove = (path: string, dataChange = true): Action => ({ kind: "remove", path, dataChange });
const info = (isBlind: boolean): Action => ({ kind: "commitInfo", operation: "WRITE", isBlindAppend: isBlind });
const metadata: Metadata = {
  kind: "metaData",
  id: "m",
  format: { provider: "parquet", options: new Map() },
  schemaString: '{"type":"struct","fields":[]}',
  partitionColumns: [],
  configuration: new Map(),
};
const protocol: Protocol = { kind: "protocol", minReaderVersion: 1, minWriterVersion: 2 };
const txn = (appId: string): Action => ({ kind: "txn", appId, version: 1n });
const domain = (name: string): Action => ({
  kind: "domainMetadata",
  domain: name,
  configuration: "{}",
  removed: false,
});

const nothing: TransactionReads = { wholeTable: false, predicates: [], filePaths: new Set(), appIds: new Set() };
const partIs = (value: string): Predicate => toPredicate(col("part").eq(value), scope);
const idIs = (value: bigint): Predicate => toPredicate(col("id").eq(value), scope);
const where = (...predicates: Predicate[]): TransactionReads => ({ ...nothing, predicates });
const files = (...paths: string[]): TransactionReads => ({ ...nothing, filePaths: new Set(paths) });
const wholeTable: TransactionReads = { ...nothing, wholeTable: true };

interface Case {
  readonly name: string;
  readonly reads?: TransactionReads;
  readonly ours?: readonly Action[];
  readonly isolation?: LosingTransaction["isolation"];
  readonly theirs: readonly Action[];
  readonly code: string | null;
}

const blind = info(true);
const notBlind = info(false);

const cases: readonly Case[] = [
  { name: "blind append behind a blind append", theirs: [blind, add("x")], code: null },
  { name: "blind append behind a delete", theirs: [notBlind, remove("x")], code: null },
  { name: "blind append behind an update", theirs: [notBlind, remove("x"), add("y")], code: null },
  {
    name: "anything behind a metadata change",
    theirs: [{ ...metadata, configuration: new Map([["delta.appendOnly", "true"]]) }],
    code: "DELTA_METADATA_CHANGED",
  },
  { name: "anything behind a protocol change", theirs: [protocol], code: null },
  {
    name: "a protocol change behind a protocol change",
    ours: [protocol],
    theirs: [protocol],
    code: "DELTA_PROTOCOL_CHANGED",
  },
  {
    name: "protocol goes before metadata",
    ours: [protocol],
    theirs: [protocol, { ...metadata, partitionColumns: ["part"] }],
    code: "DELTA_PROTOCOL_CHANGED",
  },
  {
    name: "a reader of the whole table behind a blind append, WriteSerializable",
    reads: wholeTable,
    theirs: [blind, add("x")],
    code: null,
  },
  {
    name: "a reader of the whole table behind a blind append, Serializable",
    reads: wholeTable,
    isolation: "Serializable",
    theirs: [blind, add("x")],
    code: "DELTA_CONCURRENT_APPEND",
  },
  {
    name: "a reader of the whole table behind an update",
    reads: wholeTable,
    theirs: [notBlind, add("x")],
    code: "DELTA_CONCURRENT_APPEND",
  },
  {
    name: "a commit without commitInfo counts as one that may have read",
    reads: wholeTable,
    theirs: [add("x")],
    code: "DELTA_CONCURRENT_APPEND",
  },
  {
    name: "a schema change behind a blind append that it should have read",
    reads: wholeTable,
    ours: [metadata],
    theirs: [blind, add("x")],
    code: "DELTA_CONCURRENT_APPEND",
  },
  { name: "a reader of another partition", reads: where(partIs("b")), theirs: [notBlind, add("x", "a")], code: null },
  {
    name: "a reader of the same partition",
    reads: where(partIs("a")),
    theirs: [notBlind, add("x", "a")],
    code: "DELTA_CONCURRENT_APPEND",
  },
  {
    name: "one of two predicates meets the partition",
    reads: where(partIs("b"), partIs("a")),
    theirs: [notBlind, add("x", "a")],
    code: "DELTA_CONCURRENT_APPEND",
  },
  {
    name: "a null partition matches no equality",
    reads: where(partIs("a")),
    theirs: [notBlind, add("x", null)],
    code: null,
  },
  {
    name: "a predicate on data may match any new file",
    reads: where(idIs(5n)),
    theirs: [notBlind, add("x", "a")],
    code: "DELTA_CONCURRENT_APPEND",
  },
  {
    name: "a compaction that adds to a read partition",
    reads: where(partIs("a")),
    theirs: [notBlind, add("x", "a", false)],
    code: "DELTA_CONCURRENT_APPEND",
  },
  {
    name: "a rearranging transaction looks at no appends",
    reads: wholeTable,
    isolation: "SnapshotIsolation",
    theirs: [notBlind, add("x")],
    code: null,
  },
  {
    name: "a file that was read is removed",
    reads: files("x"),
    theirs: [notBlind, remove("x")],
    code: "DELTA_CONCURRENT_DELETE_READ",
  },
  {
    name: "a file that was read is removed under another spelling",
    reads: files("a b"),
    theirs: [notBlind, remove("a%20b")],
    code: "DELTA_CONCURRENT_DELETE_READ",
  },
  {
    name: "a file that was read is compacted away",
    reads: files("x"),
    theirs: [notBlind, remove("x", false), add("y", "a", false)],
    code: "DELTA_CONCURRENT_DELETE_READ",
  },
  { name: "another file is removed", reads: files("x"), theirs: [notBlind, remove("y")], code: null },
  {
    name: "a reader of the whole table behind any delete",
    reads: wholeTable,
    theirs: [notBlind, remove("y")],
    code: "DELTA_CONCURRENT_DELETE_READ",
  },
  {
    name: "the same file is removed twice",
    ours: [remove("x")],
    theirs: [notBlind, remove("x")],
    code: "DELTA_CONCURRENT_DELETE_DELETE",
  },
  {
    name: "two compactions of one file",
    ours: [remove("x", false)],
    isolation: "SnapshotIsolation",
    theirs: [notBlind, remove("x", false)],
    code: "DELTA_CONCURRENT_DELETE_DELETE",
  },
  { name: "different files are removed", ours: [remove("x")], theirs: [notBlind, remove("y")], code: null },
  {
    name: "the same application",
    reads: { ...nothing, appIds: new Set(["q"]) },
    theirs: [blind, txn("q"), add("x")],
    code: "DELTA_CONCURRENT_TRANSACTION",
  },
  {
    name: "another application",
    reads: { ...nothing, appIds: new Set(["q"]) },
    theirs: [blind, txn("r"), add("x")],
    code: null,
  },
  {
    name: "the same metadata domain",
    ours: [domain("d")],
    theirs: [domain("d")],
    code: "DELTA_CONCURRENT_TRANSACTION",
  },
  { name: "another metadata domain", ours: [domain("d")], theirs: [domain("e")], code: null },
];

test.each(cases)("$name: $code", ({ reads, ours, isolation, theirs, code }) => {
  const loser: LosingTransaction = {
    tablePath: "/t",
    reads: reads ?? nothing,
    actions: ours ?? [add("ours")],
    isolation: isolation ?? "WriteSerializable",
    table: { protocol, metadata },
    scope,
  };
  const winner: Commit = { version: version(7), fileTimestampMs: 1, sizeBytes: 1, actions: theirs };
  const found = findConflict(loser, winner);
  expect(found?.code ?? null).toBe(code);
  if (found !== null) expect(found.message).toContain("Version 7");
});

test("only file actions that change no rows run under SnapshotIsolation", () => {
  expect(isolationFor([add("x", "a", false), remove("y", false)], "Serializable")).toBe("SnapshotIsolation");
  expect(isolationFor([add("x")], "Serializable")).toBe("Serializable");
  expect(isolationFor([add("x", "a", false), txn("q")], "WriteSerializable")).toBe("WriteSerializable");
});

test("a blind append adds only, and reads nothing", () => {
  expect(isBlindAppend([add("x"), txn("q")], nothing)).toBe(true);
  expect(isBlindAppend([add("x"), remove("y")], nothing)).toBe(false);
  expect(isBlindAppend([add("x")], where(partIs("a")))).toBe(false);
  expect(isBlindAppend([add("x")], files("y"))).toBe(false);
  expect(isBlindAppend([add("x")], wholeTable)).toBe(false);
});
