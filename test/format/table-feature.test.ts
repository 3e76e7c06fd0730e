import { describe, expect, test } from "vitest";
import type { Metadata, Protocol } from "../../src/format/action/action.ts";
import {
  isFeatureSupported,
  requireReadable,
  requireWritable,
  supportedFeatures,
} from "../../src/format/protocol/table-feature.ts";
import { columnMappingMode } from "../../src/format/protocol/column-mapping.ts";
import { protocolForNewTable } from "../../src/format/protocol/protocol-upgrade.ts";
import { errorOf } from "./error-of.ts";

const metadata = (
  configuration: Readonly<Record<string, string>> = {},
  field = '"type":"integer","metadata":{}',
): Metadata => ({
  kind: "metaData",
  id: "i",
  format: { provider: "parquet", options: new Map() },
  partitionColumns: [],
  schemaString: `{"type":"struct","fields":[{"name":"s","type":{"type":"struct","fields":[{"name":"x","nullable":true,${field}}]},"nullable":true,"metadata":{}}]}`,
  configuration: new Map(Object.entries(configuration)),
});
const protocol = (
  minReaderVersion: number,
  minWriterVersion: number,
  ...lists: readonly (string[] | undefined)[]
): Protocol => ({
  kind: "protocol",
  minReaderVersion,
  minWriterVersion,
  ...(lists[0] && { readerFeatures: lists[0] }),
  ...(lists[1] && { writerFeatures: lists[1] }),
});
const missing = (run: () => void): unknown => {
  const error = errorOf(run);
  expect(error.code).toBe("UNSUPPORTED_FEATURE");
  return error.context["features"];
};

describe("a table's protocol", () => {
  test("of this build's own level is read and written", () => {
    for (const p of [
      protocol(1, 1),
      protocol(1, 2),
      protocol(3, 7, [], ["appendOnly", "invariants"]),
      protocol(1, 7, undefined, ["invariants"]),
    ]) {
      expect(() => requireReadable(p, metadata())).not.toThrow();
      expect(() => requireWritable(p, metadata())).not.toThrow();
    }
  });

  test("names every reader feature that is missing, unknown ones too", () => {
    const p = protocol(3, 7, ["catalogManaged", "fromTheFuture"], ["catalogManaged", "fromTheFuture", "appendOnly"]);
    expect(missing(() => requireReadable(p, metadata()))).toBe("catalogManaged, fromTheFuture");
    expect(errorOf(() => requireReadable(p, metadata())).message).toContain("catalogManaged, fromTheFuture");
  });

  test("of writer features only never stands in the way of a reader", () => {
    const p = protocol(1, 7, undefined, ["fromTheFuture", "icebergCompatV3"]);
    expect(() => requireReadable(p, metadata())).not.toThrow();
    expect(missing(() => requireWritable(p, metadata()))).toBe("fromTheFuture, icebergCompatV3");
    expect(() => requireReadable(protocol(1, 99), metadata())).not.toThrow();
    expect(missing(() => requireWritable(protocol(1, 99), metadata()))).toBe("writer version 99");
  });

  test.each(["coordinatedCommits-preview", "redirectWriterOnly-preview"])(
    "with %s is read, and not written",
    (name) => {
      const p = protocol(1, 7, undefined, [name]);
      expect(() => requireReadable(p, metadata())).not.toThrow();
      expect(missing(() => requireWritable(p, metadata()))).toBe(name);
    },
  );

  test("with catalogOwned-preview is neither read nor written: its commits are the catalog's to tell", () => {
    const p = protocol(3, 7, ["catalogOwned-preview"], ["catalogOwned-preview"]);
    expect(missing(() => requireReadable(p, metadata()))).toBe("catalogOwned-preview");
    expect(missing(() => requireWritable(p, metadata()))).toBe("catalogOwned-preview");
  });

  test("of a reader version that does not exist yet is refused", () => {
    expect(missing(() => requireReadable(protocol(4, 7, [], []), metadata()))).toBe("reader version 4");
  });

  test.each([
    protocol(3, 7),
    protocol(3, 6, []),
    protocol(0, 2),
    protocol(1, 7),
    protocol(1, 2, ["deletionVectors"]),
    protocol(2, 5, undefined, ["columnMapping"]),
  ])("that contradicts itself is corrupt: %j", (p) => {
    expect(errorOf(() => requireReadable(p, metadata())).code).toBe("CORRUPT_LOG");
  });

  test("asks readers for a feature that nobody reads without, also where it names it for writers alone", () => {
    const p = protocol(1, 7, undefined, ["catalogManaged", "deletionVectors"]);
    expect(missing(() => requireReadable(p, metadata()))).toBe("catalogManaged");
  });

  test("and a mapping of columns that is not known is refused by its name", () => {
    const asked = (mode: string): unknown =>
      columnMappingMode(protocol(2, 5), metadata({ "delta.columnMapping.mode": mode }));
    expect([asked("none"), asked("NAME"), asked("id")]).toEqual(["none", "name", "id"]);
    expect(missing(() => asked("path"))).toBe("delta.columnMapping.mode = path");
    expect(columnMappingMode(protocol(1, 2), metadata({ "delta.columnMapping.mode": "path" }))).toBe("none");
  });

  test("asks readers for a feature that is for writers alone, which nobody can know", () => {
    const p = protocol(3, 7, ["appendOnly"], ["appendOnly"]);
    expect(missing(() => requireReadable(p, metadata()))).toBe("appendOnly");
  });

  test("names a feature for reading and writing once", () => {
    const p = protocol(3, 7, ["catalogManaged"], ["catalogManaged", "icebergCompatV3"]);
    expect(missing(() => requireWritable(p, metadata()))).toBe("catalogManaged, icebergCompatV3");
  });
});

describe("a protocol from before features had names", () => {
  test("binds a writer only to the features that the table uses", () => {
    expect(() => requireWritable(protocol(1, 6), metadata({ "delta.columnMapping.mode": "none" }))).not.toThrow();
    expect(() => requireWritable(protocol(2, 6), metadata())).not.toThrow();
    expect(() => requireReadable(protocol(2, 5), metadata())).not.toThrow();
  });

  test.each([
    ["checkConstraints", protocol(1, 3), metadata({ "delta.constraints.positive": "x > 0" })],
    ["changeDataFeed", protocol(1, 4), metadata({ "delta.enableChangeDataFeed": "TRUE" })],
    ["changeDataFeed", protocol(1, 4), metadata({ "delta.enableChangeDataCapture": "true" })],
    [
      "generatedColumns",
      protocol(1, 4),
      metadata({}, '"type":"integer","metadata":{"delta.generationExpression":"y + 1"}'),
    ],
    ["identityColumns", protocol(1, 6), metadata({}, '"type":"long","metadata":{"delta.identity.start":1}')],
  ])("has %s by its version, and is written where it uses that", (name, p, inUse) => {
    expect(isFeatureSupported(p, name)).toBe(true);
    expect(() => requireWritable(p, inUse)).not.toThrow();
    expect(() => requireReadable(p, inUse)).not.toThrow();
  });

  test("does not bring along what its version does not have", () => {
    expect(() => requireWritable(protocol(1, 3), metadata({ "delta.enableChangeDataFeed": "true" }))).not.toThrow();
    expect(supportedFeatures(protocol(1, 3))).toEqual(["appendOnly", "checkConstraints", "invariants"]);
    expect(supportedFeatures(protocol(2, 5))).toEqual([
      "appendOnly",
      "changeDataFeed",
      "checkConstraints",
      "columnMapping",
      "generatedColumns",
      "invariants",
    ]);
    expect(isFeatureSupported(protocol(1, 7, undefined, ["changeDataFeed"]), "appendOnly")).toBe(false);
  });
});

describe("the protocol of a new table", () => {
  test("is reader 1, writer 2 unless more is asked for", () => {
    expect(protocolForNewTable(metadata({ "delta.appendOnly": "true" }))).toEqual(protocol(1, 2));
    expect(protocolForNewTable(metadata(), { features: [], minWriterVersion: 7 })).toEqual(
      protocol(1, 7, undefined, ["appendOnly", "invariants"]),
    );
    expect(protocolForNewTable(metadata(), { features: ["APPENDONLY"] })).toEqual(
      protocol(1, 7, undefined, ["appendOnly", "invariants"]),
    );
    expect(protocolForNewTable(metadata(), { features: [], minReaderVersion: 3, minWriterVersion: 7 })).toEqual(
      protocol(3, 7, [], ["appendOnly", "invariants"]),
    );
  });

  test("names every feature that settings and schema need and this build cannot write", () => {
    const features = ["redirectreaderwriter-preview", "catalogManaged"];
    expect(missing(() => void protocolForNewTable(metadata(), { features }))).toBe(
      "catalogManaged, redirectReaderWriter-preview",
    );
  });

  test("refuses a feature that does not exist", () => {
    const error = errorOf(() => protocolForNewTable(metadata(), { features: ["appendOnlyy"] }));
    expect(error.code).toBe("DELTA_UNKNOWN_CONFIGURATION");
    expect(error.message).toContain('Did you mean "appendOnly"?');
  });
});
