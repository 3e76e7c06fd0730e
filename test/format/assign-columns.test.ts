// test/format/assign-columns.test.ts: ids and physical names of columns. PROTOCOL.md, "Writer Requirements for Column Mapping".
import { describe, expect, test } from "vitest";
import type { Metadata } from "../../src/format/action/action.ts";
import { assignColumns } from "../../src/format/protocol/assign-columns.ts";
import { parseSchema } from "../../src/format/schema/schema-json.ts";
import { errorOf } from "./error-of.ts";

const field = (name: string, metadata: object = {}, type: unknown = "long"): object => ({
  name,
  type,
  nullable: true,
  metadata,
});
const struct = (...fields: readonly object[]): object => ({ type: "struct", fields });
const own = (id: number, name: string): object => ({
  "delta.columnMapping.id": id,
  "delta.columnMapping.physicalName": name,
});

function metadata(mode: string, schema: object, maxColumnId?: string): Metadata {
  return {
    kind: "metaData",
    id: "i",
    format: { provider: "parquet", options: new Map() },
    partitionColumns: [],
    schemaString: JSON.stringify(schema),
    configuration: new Map([
      ["delta.columnMapping.mode", mode],
      ...(maxColumnId === undefined ? [] : ([["delta.columnMapping.maxColumnId", maxColumnId]] as const)),
    ]),
  };
}

const before = (made: Metadata): { metadata: Metadata; schema: ReturnType<typeof parseSchema> } => ({
  metadata: made,
  schema: parseSchema(made.schemaString),
});

/** Names as `c1`, `c2`, … */
function names(): () => string {
  let count = 0;
  return () => `c${(count += 1)}`;
}

const shown = (made: Metadata): unknown => JSON.parse(made.schemaString);

describe("columns", () => {
  test("of a new table are numbered parents first, at every depth", () => {
    const nested = struct(
      field("x"),
      field("y", {}, { type: "array", elementType: struct(field("z")), containsNull: true }),
    );
    const made = assignColumns(metadata("name", struct(field("a", {}, nested), field("b"))), null, names());
    const inner = struct(field("z", own(4, "c4")));
    const expected = struct(
      field("x", own(2, "c2")),
      field("y", own(3, "c3"), { type: "array", elementType: inner, containsNull: true }),
    );
    expect(shown(made)).toEqual(struct(field("a", own(1, "c1"), expected), field("b", own(5, "c5"))));
    expect(made.configuration.get("delta.columnMapping.maxColumnId")).toBe("5");
  });

  test("of a table that begins to map them keep their names, nested ones too", () => {
    const schema = struct(field("a", {}, struct(field("x"))), field("b"));
    const made = assignColumns(metadata("name", schema), before(metadata("none", schema)), names());
    expect(shown(made)).toEqual(
      struct(field("a", own(1, "a"), struct(field("x", own(2, "x")))), field("b", own(3, "b"))),
    );
  });

  test("that come later are numbered on, beyond those that are gone", () => {
    const old = metadata("name", struct(field("a", own(1, "p"))), "7");
    const made = assignColumns(
      { ...old, schemaString: JSON.stringify(struct(field("a", own(1, "p")), field("b"))) },
      before(old),
      names(),
    );
    expect(shown(made)).toEqual(struct(field("a", own(1, "p")), field("b", own(8, "c1"))));
  });

  test("that are there without a physical name lie in the files under their own, and keep that", () => {
    const old = metadata("name", struct(field("a")));
    const made = assignColumns(
      { ...old, schemaString: JSON.stringify(struct(field("a"), field("b"))) },
      before(old),
      names(),
    );
    expect(shown(made)).toEqual(struct(field("a", own(1, "a")), field("b", own(2, "c1"))));
  });
});

describe("the mode of a table", () => {
  const schema = struct(field("a"));

  test.each([
    ["none", "id"],
    ["name", "id"],
    ["id", "name"],
    ["name", "none"],
  ])("does not go from %s to %s", (from, to) => {
    const error = errorOf(() => assignColumns(metadata(to, schema), before(metadata(from, schema)), names()));
    expect(error.code).toBe("DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE");
  });

  test("is not turned on over names that are left from another mapping", () => {
    const left = struct(field("a", own(1, "elsewhere")));
    const error = errorOf(() => assignColumns(metadata("name", left), before(metadata("none", left)), names()));
    expect(error.code).toBe("DELTA_ENABLING_COLUMN_MAPPING_DISALLOWED_WHEN_COLUMN_MAPPING_METADATA_ALREADY_EXISTS");
  });
});
