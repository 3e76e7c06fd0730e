// test/format/protocol-upgrade.test.ts: which protocol a table gets for what it uses. Expected values are those of Spark with Delta 4.
import { describe, expect, test } from "vitest";
import type { Metadata, Protocol } from "../../src/format/action/action.ts";
import { protocolForNewTable, upgradedProtocol } from "../../src/format/protocol/protocol-upgrade.ts";
import { errorOf } from "./error-of.ts";

const metadata = (configuration: Readonly<Record<string, string>> = {}, type = "long"): Metadata => ({
  kind: "metaData",
  id: "i",
  format: { provider: "parquet", options: new Map() },
  partitionColumns: [],
  schemaString: `{"type":"struct","fields":[{"name":"a","type":"${type}","nullable":true,"metadata":{}}]}`,
  configuration: new Map(Object.entries(configuration)),
});

const protocol = (reader: number, writer: number, ...lists: readonly (readonly string[] | undefined)[]): Protocol => ({
  kind: "protocol",
  minReaderVersion: reader,
  minWriterVersion: writer,
  ...(lists[0] && { readerFeatures: lists[0] }),
  ...(lists[1] && { writerFeatures: lists[1] }),
});

describe("a new table", () => {
  test.each([
    [{ "delta.columnMapping.mode": "name" }, protocol(2, 7, undefined, ["appendOnly", "invariants", "columnMapping"])],
    [
      { "delta.enableInCommitTimestamps": "true" },
      protocol(1, 7, undefined, ["appendOnly", "invariants", "inCommitTimestamp"]),
    ],
    [
      { "delta.enableTypeWidening": "true" },
      protocol(3, 7, ["typeWidening"], ["appendOnly", "invariants", "typeWidening"]),
    ],
  ] as const)(
    "with %j lists what it uses, readers' features only where one has no version of its own",
    (settings, expected) => {
      expect(protocolForNewTable(metadata(settings))).toEqual(expected);
    },
  );

  test("gets the features that one requires", () => {
    expect(protocolForNewTable(metadata(), { features: ["clustering"] })).toEqual(
      protocol(1, 7, undefined, ["appendOnly", "invariants", "domainMetadata", "clustering"]),
    );
  });

  test("keeps legacy versions where these say exactly what was asked for", () => {
    const request = { features: [], minReaderVersion: 2, minWriterVersion: 5 };
    expect(errorOf(() => protocolForNewTable(metadata(), { features: [], minReaderVersion: 3 })).code).toBe(
      "DELTA_READ_FEATURE_PROTOCOL_REQUIRES_WRITE",
    );
    expect(protocolForNewTable(metadata({ "delta.columnMapping.mode": "id" }), request)).toEqual(protocol(2, 5));
  });
});

describe("an existing table", () => {
  test("keeps its protocol where nothing new is used", () => {
    const before = protocol(1, 2);
    expect(upgradedProtocol(before, metadata({ "delta.appendOnly": "true" }))).toBe(before);
    const listed = protocol(3, 7, ["typeWidening-preview"], ["typeWidening-preview"]);
    expect(upgradedProtocol(listed, metadata({ "delta.enableTypeWidening": "true" }))).toBe(listed);
  });

  test("of legacy versions lists all that these implied when it gets what has no legacy version", () => {
    const after = upgradedProtocol(protocol(1, 4), metadata({ "delta.enableInCommitTimestamps": "true" }));
    expect(after).toEqual(
      protocol(1, 7, undefined, [
        "appendOnly",
        "invariants",
        "checkConstraints",
        "generatedColumns",
        "changeDataFeed",
        "inCommitTimestamp",
      ]),
    );
  });

  test("lists columnMapping for readers too once readers have a list", () => {
    const before = protocol(2, 7, undefined, ["columnMapping"]);
    expect(
      upgradedProtocol(before, metadata({ "delta.columnMapping.mode": "name" }), { features: ["vacuumProtocolCheck"] }),
    ).toEqual(protocol(3, 7, ["columnMapping", "vacuumProtocolCheck"], ["columnMapping", "vacuumProtocolCheck"]));
  });

  test("gets timestampNtz by its name only", () => {
    const withType = metadata({}, "timestamp_ntz");
    const error = errorOf(() => upgradedProtocol(protocol(1, 2), withType));
    expect(error.code).toBe("DELTA_FEATURES_REQUIRE_MANUAL_ENABLEMENT");
    expect(error.message).toContain("delta.feature.timestampNtz");
    expect(upgradedProtocol(protocol(1, 2), withType, { features: ["TIMESTAMPNTZ"] })).toEqual(
      protocol(3, 7, ["timestampNtz"], ["appendOnly", "invariants", "timestampNtz"]),
    );
  });

  test("is refused what this build cannot write, by name", () => {
    const error = errorOf(() => upgradedProtocol(protocol(1, 2), metadata(), { features: ["catalogManaged"] }));
    expect(error).toMatchObject({ code: "UNSUPPORTED_FEATURE", context: { features: "catalogManaged" } });
  });
});
