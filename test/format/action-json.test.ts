import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Action } from "../../src/format/action/action.ts";
import { formatAction, parseActionLine } from "../../src/format/action/action-json.ts";
import { errorOf } from "./error-of.ts";

const where = { path: "/t/_delta_log/00000000000000000007.json", line: 3 };
const parse = (line: string): Action | null => parseActionLine(line, where);

const lines = [
  '{"add":{"path":"d=2017-12-10/part-0.parquet","partitionValues":{"d":"2017-12-10","e":null},"size":841454,"modificationTime":1512909768000,"dataChange":true,"stats":"{\\"numRecords\\":1}","tags":{"A":"b"},"deletionVector":{"storageType":"u","pathOrInlineDv":"ab","offset":1,"sizeInBytes":40,"cardinality":6,"maxRowIndex":9},"baseRowId":9223372036854775807,"defaultRowCommitVersion":41,"clusteringProvider":"liquid","new":{"x":[1,9007199254740993]}}}',
  '{"remove":{"path":"a","deletionTimestamp":1515488792485,"dataChange":true,"extendedFileMetadata":true,"partitionValues":{},"size":0,"tags":{},"baseRowId":4071,"defaultRowCommitVersion":41,"stats":"{}"}}',
  '{"remove":{"path":"a","dataChange":false}}',
  '{"cdc":{"path":"_change_data/c","partitionValues":{},"size":1213,"tags":{"k":null},"dataChange":false}}',
  '{"metaData":{"id":"af23","name":"n","description":"d","format":{"provider":"parquet","options":{}},"schemaString":"{}","partitionColumns":["a"],"configuration":{"delta.appendOnly":"true","x":"y"},"createdTime":1587968585495,"extra":null}}',
  '{"metaData":{"id":"testId","format":{"provider":"parquet","options":{}},"partitionColumns":[],"configuration":{}}}',
  '{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["columnMapping"],"writerFeatures":["columnMapping","identityColumns"]}}',
  '{"txn":{"appId":"3ba1","version":9223372036854775807,"lastUpdated":1515488792485}}',
  '{"domainMetadata":{"domain":"delta.x","configuration":"{\\"a\\":1}","removed":false}}',
  '{"commitInfo":{"inCommitTimestamp":2,"timestamp":1515491537026,"operation":"INSERT","operationParameters":{"mode":"Append","n":1},"readVersion":0,"isolationLevel":"Serializable","isBlindAppend":true,"operationMetrics":{"numFiles":"1"},"userMetadata":"u","engineInfo":"e","txnId":"t","userId":"100121","notebook":{"notebookId":"4443029"}}}',
  '{"newAction":{"a":12345678901234567890}}',
  '{"newAction":5}',
  '{"commitInfo":"free-form"}',
];

describe("actions", () => {
  test.each(lines)("%s is written back as it was read", (line) => {
    const action = parse(line);
    expect(action).not.toBeNull();
    expect(formatAction(action as Action)).toBe(line);
  });

  test("blank lines and objects without content are no actions", () => {
    for (const line of ["", "  ", "\r", "{}", '{"add":null,"txn":null}']) expect(parse(line)).toBeNull();
  });

  test("null columns beside an action, as in rows of checkpoints, do not matter", () => {
    expect(parse('{"add":null,"txn":{"appId":"a","version":1}}')).toEqual({ kind: "txn", appId: "a", version: 1n });
  });

  test("a line with two actions is corrupt, for one would be lost", () => {
    const line = '{"txn":{"appId":"a","version":1},"remove":{"path":"x","dataChange":true}}';
    expect(errorOf(() => parse(line)).code).toBe("CORRUPT_LOG");
  });

  test("files change rows unless they say that they do not; change data never does where it says nothing", () => {
    expect(parse('{"add":{"path":"a","partitionValues":{},"size":1}}')).toMatchObject({ dataChange: true });
    expect(parse('{"remove":{"path":"a"}}')).toMatchObject({ dataChange: true });
    expect(parse('{"cdc":{"path":"a","partitionValues":{},"size":1}}')).toMatchObject({ dataChange: false });
  });

  test("what old and foreign writers leave out is filled in", () => {
    expect(
      parse(
        '{"add":{"path":"a","partitionValues":null,"size":1,"stats":null,"tags":null,"deletionVector":null,"stats_parsed":null}}',
      ),
    ).toEqual({
      kind: "add",
      path: "a",
      partitionValues: new Map(),
      sizeBytes: 1,
      modificationTimeMs: 0,
      dataChange: true,
    });
    expect(parse('{"metaData":{"id":"i","configuration":{"a":null,"b":"c"}}}')).toEqual({
      kind: "metaData",
      id: "i",
      format: { provider: "parquet", options: new Map() },
      schemaString: "",
      partitionColumns: [],
      configuration: new Map([["b", "c"]]),
    });
  });

  test("provenance of unexpected types is kept and never fails", () => {
    const line = '{"commitInfo":{"timestamp":"today","operation":7,"readVersion":-1,"operationParameters":"none"}}';
    const action = parse(line) as Action;
    expect(action).toEqual({
      kind: "commitInfo",
      unknown: { timestamp: "today", operation: 7, readVersion: -1, operationParameters: "none" },
    });
    expect(formatAction(action)).toBe(line);
  });

  test("statistics given as a struct are taken as their text", () => {
    expect(parse('{"add":{"path":"a","partitionValues":{},"size":1,"stats":{"numRecords":3}}}')).toMatchObject({
      stats: '{"numRecords":3}',
    });
  });

  test.each([
    ['{"add":{"partitionValues":{},"size":1}}', "add.path"],
    ['{"add":{"path":"","partitionValues":{},"size":1}}', "add.path"],
    ['{"add":{"path":"a","partitionValues":{},"size":"1"}}', "add.size"],
    ['{"add":{"path":"a","partitionValues":{},"size":-1}}', "add.size"],
    ['{"add":{"path":"a","partitionValues":{},"size":1.5}}', "add.size"],
    ['{"add":{"path":"a","partitionValues":{"p":[5]},"size":1}}', "add.partitionValues.p"],
    ['{"add":{"path":"a","partitionValues":[],"size":1}}', "add.partitionValues"],
    ['{"add":{"path":"a","partitionValues":{},"size":1,"dataChange":"yes"}}', "add.dataChange"],
    ['{"add":{"path":"a","partitionValues":{},"size":1,"baseRowId":9223372036854775808}}', "add.baseRowId"],
    [
      '{"add":{"path":"a","partitionValues":{},"size":1,"deletionVector":{"storageType":"u"}}}',
      "add.deletionVector.pathOrInlineDv",
    ],
    ['{"metaData":{"schemaString":"{}"}}', "metaData.id"],
    ['{"metaData":{"id":"i","partitionColumns":["a",1]}}', "metaData.partitionColumns[1]"],
    ['{"metaData":{"id":"i","format":{"provider":1}}}', "metaData.format.provider"],
    ['{"protocol":{"minReaderVersion":1}}', "protocol.minWriterVersion"],
    ['{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":"x"}}', "protocol.writerFeatures"],
    ['{"txn":{"appId":"a","version":1.5}}', "txn.version"],
    ['{"txn":{"version":1}}', "txn.appId"],
    ['{"domainMetadata":{"domain":"d","removed":false}}', "domainMetadata.configuration"],
    ['{"remove":7}', "remove"],
  ])("%s is corrupt and the message names file, line and field", (line, field) => {
    const error = errorOf(() => parse(line));
    expect(error.code).toBe("CORRUPT_LOG");
    expect(error.context).toEqual({ ...where, field });
    expect(error.message).toContain(`${where.path}, line 3, field ${field}:`);
  });

  test("a commit cut off at any byte is corrupt and never read as something else", () => {
    const [line = ""] = lines;
    for (let length = 1; length < line.length; length += 1) {
      expect(errorOf(() => parse(line.slice(0, length))).code).toBe("CORRUPT_LOG");
    }
  });

  test("any action is one line and comes back", () => {
    const text = fc.string({ unit: "grapheme" });
    const values = fc.array(fc.tuple(text, fc.option(text))).map((entries) => new Map(entries));
    const add = fc.record(
      {
        kind: fc.constant("add" as const),
        path: text.filter((path) => path !== ""),
        partitionValues: values,
        sizeBytes: fc.maxSafeNat(),
        modificationTimeMs: fc.maxSafeInteger(),
        dataChange: fc.boolean(),
        stats: text,
        tags: values,
        baseRowId: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      },
      { requiredKeys: ["kind", "path", "partitionValues", "sizeBytes", "modificationTimeMs", "dataChange"] },
    );
    fc.assert(
      fc.property(add, (action) => {
        const line = formatAction(action);
        expect(line).not.toMatch(/[\n\r]/);
        expect(parse(line)).toEqual(action);
      }),
      { seed: 3 },
    );
  });
});
