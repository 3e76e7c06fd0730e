// test/format/schema-compatibility.test.ts: renamed and dropped columns, told by physical names. PROTOCOL.md, "Column Mapping".
import { expect, test } from "vitest";
import { isMapped, keepsColumns } from "../../src/format/protocol/schema-compatibility.ts";
import type { StructField, StructType } from "../../src/format/schema/schema.ts";
import { field, list, struct } from "../expression/all-types.ts";
import { metadata } from "../log/table-builder.ts";

const mapped = (name: string, physical: string, type: StructField["type"] = field("", "long").type): StructField => ({
  ...field(name, type),
  metadata: { "delta.columnMapping.physicalName": physical },
});

const keeps = (data: StructType, read: StructType): boolean => keepsColumns({ data, read });

test("added columns keep the others; a rename or a drop does not", () => {
  const before = struct(mapped("a", "col-1"), mapped("b", "col-2"));
  expect(keeps(before, struct(mapped("a", "col-1"), mapped("b", "col-2"), mapped("c", "col-3")))).toBe(true);
  expect(keeps(before, struct(mapped("a", "col-1"), mapped("renamed", "col-2")))).toBe(false);
  expect(keeps(before, struct(mapped("a", "col-1")))).toBe(false);
  expect(keeps(before, struct(mapped("a", "col-1"), mapped("b", "col-4")))).toBe(false);
});

test("nested fields count too", () => {
  const inner = (name: string): StructField => mapped("l", "col-1", list(struct(mapped(name, "col-2"))));
  expect(keeps(struct(inner("x")), struct(inner("x")))).toBe(true);
  expect(keeps(struct(inner("x")), struct(inner("y")))).toBe(false);
});

test("a table that turns column mapping on keeps its columns: their names become their physical names", () => {
  expect(keeps(struct(field("a", "long")), struct(mapped("a", "a")))).toBe(true);
  expect(keeps(struct(field("a", "long")), struct(mapped("b", "a")))).toBe(false);
  expect(isMapped(metadata({ "delta.columnMapping.mode": "name" }))).toBe(true);
  expect(isMapped(metadata({ "delta.columnMapping.mode": "none" }))).toBe(false);
});
