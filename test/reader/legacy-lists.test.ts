// test/reader/legacy-lists.test.ts: lists and maps as old writers lay them out. The Parquet format, "Backward-compatibility rules".
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseSchemaDdl } from "../../src/expression/parse/parse-schema.ts";
import { makeTable, readRows, testEngine } from "./table-of-files.ts";

const engine = testEngine();

// Files of parquet-java's example writer; the rows are Spark's.
const files: readonly (readonly [layout: string, type: string, rows: readonly unknown[], file: string])[] = [
  [
    "optional group c (LIST) { repeated int32 array; }",
    "ARRAY<INT>",
    [{ c: [1, 2] }, { c: null }, { c: [] }],
    "UEFSMRUAFSoVKhWqpPflAhwVCBUAFQYVBgAAAgAAAAMCAwAAAANKAAEAAAACAAAAGRECGRgEAQAAABkYBAIAAAAVAhkWBBkmBgIZNgICBAAZHBYIFVgWAAAAFQIZPEgBbRUCADUCGAFjFQIVBkw8AAAAFQIlBBgFYXJyYXkAFgYZHBkcJgAcFQIZJQYAGSgBYwVhcnJheRUAFggWWBZYJgg8GAQCAAAAGAQBAAAAFgQoBAIAAAAYBAEAAAAAGRwVABUAFQIAPCkmBgIZNgICBAAAFqABFRQWYBVAABZYFgYmCBZYFAAAGRwYEXdyaXRlci5tb2RlbC5uYW1lGAdleGFtcGxlABhKcGFycXVldC1tciB2ZXJzaW9uIDEuMTcuMCAoYnVpbGQgZmFjMGM3NDY1MzJlMTMzYmViOTI4YTdmNmE3ZTU3YjUxMGI0NzdhMSkZHBwAAAD+AAAAUEFSMQ==",
  ],
  [
    "optional group c (LIST) { repeated int32 c_tuple; }",
    "ARRAY<INT>",
    [{ c: [1] }, { c: null }],
    "UEFSMRUAFSIVIhXzosIpHBUEFQAVBhUGAAACAAAAAwADAAAAAwIAAQAAABkRAhkYBAEAAAAZGAQBAAAAFQIZFgIZJgQAGTYCAAIAGRwWCBVOFgAAABUCGTxIAW0VAgA1AhgBYxUCFQZMPAAAABUCJQQYB2NfdHVwbGUAFgQZHBkcJgAcFQIZJQYAGSgBYwdjX3R1cGxlFQAWBBZOFk4mCDwYBAEAAAAYBAEAAAAWAigEAQAAABgEAQAAAAAZHBUAFQAVAgA8KSYEABk2AgACAAAWlgEVFBZWFUAAFk4WBCYIFk4UAAAZHBgRd3JpdGVyLm1vZGVsLm5hbWUYB2V4YW1wbGUAGEpwYXJxdWV0LW1yIHZlcnNpb24gMS4xNy4wIChidWlsZCBmYWMwYzc0NjUzMmUxMzNiZWI5MjhhN2Y2YTdlNTdiNTEwYjQ3N2ExKRkcHAAAAAIBAABQQVIx",
  ],
  [
    "optional group c (LIST) { repeated group element { required int32 x; optional binary y (UTF8); } }",
    "ARRAY<STRUCT<x: INT, y: STRING>>",
    [
      {
        c: [
          { x: 1, y: "a" },
          { x: 2, y: null },
        ],
      },
      { c: null },
    ],
    "UEFSMRUAFSoVKhWVxdjxDhwVBhUAFQYVBgAAAgAAAAMCAwAAAAMKAAEAAAACAAAAFQAVJBUkFe3I8dwPHBUGFQAVBhUGAAACAAAAAwIDAAAAAwsAAQAAAGEZEQIZGAQBAAAAGRgEAgAAABUCGRYCGSYEAhk2AgAEABkRAhkYAWEZGAFhFQIZFgQZJgQCGUYCAAICABkcFggVWBYAAAAZHBZgFVIWAAAZFgIAFQIZXEgBbRUCADUCGAFjFQIVBkw8AAAANQQYB2VsZW1lbnQVBAAVAiUAGAF4ABUMJQIYAXklAEwcAAAAFgQZHBksJgAcFQIZJQYAGTgBYwdlbGVtZW50AXgVABYGFlgWWCYIPBgEAgAAABgEAQAAABYCKAQCAAAAGAQBAAAAABkcFQAVABUCADwpJgQCGTYCAAQAABaoAhUUFrIBFUAAJgAcFQwZJQYAGTgBYwdlbGVtZW50AXkVABYGFlIWUiZgPBgBYRgBYRYEKAFhGAFhABkcFQAVABUCADwWAhkmBAIZRgIAAgIAABa8AhUaFvIBFTYAFqoBFgQmCBaqARQAABkcGBF3cml0ZXIubW9kZWwubmFtZRgHZXhhbXBsZQAYSnBhcnF1ZXQtbXIgdmVyc2lvbiAxLjE3LjAgKGJ1aWxkIGZhYzBjNzQ2NTMyZTEzM2JlYjkyOGE3ZjZhN2U1N2I1MTBiNDc3YTEpGSwcAAAcAAAAdAEAAFBBUjE=",
  ],
  [
    "optional group c (LIST) { repeated group array { required int32 x; } }",
    "ARRAY<STRUCT<x: INT>>",
    [{ c: [{ x: 1 }, { x: 2 }] }, { c: null }],
    "UEFSMRUAFSoVKhWVxdjxDhwVBhUAFQYVBgAAAgAAAAMCAwAAAAMKAAEAAAACAAAAGRECGRgEAQAAABkYBAIAAAAVAhkWAhkmBAIZNgIABAAZHBYIFVgWAAAAFQIZTEgBbRUCADUCGAFjFQIVBkw8AAAANQQYBWFycmF5FQIAFQIlABgBeAAWBBkcGRwmABwVAhklBgAZOAFjBWFycmF5AXgVABYGFlgWWCYIPBgEAgAAABgEAQAAABYCKAQCAAAAGAQBAAAAABkcFQAVABUCADwpJgQCGTYCAAQAABagARUUFmAVQAAWWBYEJggWWBQAABkcGBF3cml0ZXIubW9kZWwubmFtZRgHZXhhbXBsZQAYSnBhcnF1ZXQtbXIgdmVyc2lvbiAxLjE3LjAgKGJ1aWxkIGZhYzBjNzQ2NTMyZTEzM2JlYjkyOGE3ZjZhN2U1N2I1MTBiNDc3YTEpGRwcAAAACAEAAFBBUjE=",
  ],
  [
    "repeated int32 c",
    "ARRAY<INT>",
    [{ c: [1, 2] }, { c: [] }],
    "UEFSMRUAFSgVKBW4jJOSAhwVBhUAFQYVBgAAAgAAAAMCAgAAAAMDAQAAAAIAAAAZEQIZGAQBAAAAGRgEAgAAABUCGRYCGSYEAgAZHBYIFVYWAAAAFQIZLEgBbRUCABUCJQQYAWMAFgQZHBkcJgAcFQIZJQYAGRgBYxUAFgYWVhZWJgg8GAQCAAAAGAQBAAAAFgIoBAIAAAAYBAEAAAAAGRwVABUAFQIAPCkmBAIAABaUARUUFl4VNgAWVhYEJggWVhQAABkcGBF3cml0ZXIubW9kZWwubmFtZRgHZXhhbXBsZQAYSnBhcnF1ZXQtbXIgdmVyc2lvbiAxLjE3LjAgKGJ1aWxkIGZhYzBjNzQ2NTMyZTEzM2JlYjkyOGE3ZjZhN2U1N2I1MTBiNDc3YTEpGRwcAAAA4QAAAFBBUjE=",
  ],
  [
    "repeated group c { optional int32 x; }",
    "ARRAY<STRUCT<x: INT>>",
    [{ c: [{ x: 1 }, { x: null }] }, { c: [] }],
    "UEFSMRUAFSIVIhXh0JTTDhwVBhUAFQYVBgAAAgAAAAMCAwAAAAMGAAEAAAAZEQIZGAQBAAAAGRgEAQAAABUCGRYEGSYEAhk2AgICABkcFggVUBYAAAAVAhk8SAFtFQIANQQYAWMVAgAVAiUCGAF4ABYEGRwZHCYAHBUCGSUGABkoAWMBeBUAFgYWUBZQJgg8GAQBAAAAGAQBAAAAFgQoBAEAAAAYBAEAAAAAGRwVABUAFQIAPCkmBAIZNgICAgAAFpgBFRQWWBVAABZQFgQmCBZQFAAAGRwYEXdyaXRlci5tb2RlbC5uYW1lGAdleGFtcGxlABhKcGFycXVldC1tciB2ZXJzaW9uIDEuMTcuMCAoYnVpbGQgZmFjMGM3NDY1MzJlMTMzYmViOTI4YTdmNmE3ZTU3YjUxMGI0NzdhMSkZHBwAAADwAAAAUEFSMQ==",
  ],
  [
    "optional group c (LIST) { repeated group array (LIST) { repeated int32 array; } }",
    "ARRAY<ARRAY<INT>>",
    [{ c: [[1, 2], []] }],
    "UEFSMRUAFSwVLBXd05vQBBwVBhUAFQYVBgAAAwAAAAMYAAMAAAADLwABAAAAAgAAABkRAhkYBAEAAAAZGAQCAAAAFQIZFgIZNgICAhlGAAACBAAZHBYIFVoWAAAAFQIZTEgBbRUCADUCGAFjFQIVBkw8AAAANQQYBWFycmF5FQIVBkw8AAAAFQIlBBgFYXJyYXkAFgIZHBkcJgAcFQIZJQYAGTgBYwVhcnJheQVhcnJheRUAFgYWWhZaJgg8GAQCAAAAGAQBAAAAFgIoBAIAAAAYBAEAAAAAGRwVABUAFQIAPCk2AgICGUYAAAIEAAAWpgEVFBZiFUQAFloWAiYIFloUAAAZHBgRd3JpdGVyLm1vZGVsLm5hbWUYB2V4YW1wbGUAGEpwYXJxdWV0LW1yIHZlcnNpb24gMS4xNy4wIChidWlsZCBmYWMwYzc0NjUzMmUxMzNiZWI5MjhhN2Y2YTdlNTdiNTEwYjQ3N2ExKRkcHAAAABgBAABQQVIx",
  ],
  [
    "optional group c (MAP) { repeated group entries { optional binary k (UTF8); optional int32 v; } }",
    "MAP<STRING, INT>",
    [{ c: { a: 1 } }, { c: null }],
    "UEFSMRUAFSQVJBW1pO7nBRwVBBUAFQYVBgAAAgAAAAMAAwAAAAMDAAEAAABhFQAVIhUiFcaT2+MGHBUEFQAVBhUGAAACAAAAAwADAAAAAwMAAQAAABkRAhkYAWEZGAFhFQIZFgIZJgQAGUYCAAACABkRAhkYBAEAAAAZGAQBAAAAFQIZFgIZJgQAGUYCAAACABkcFggVUhYAABkWAgAZHBZaFVAWAAAAFQIZXEgBbRUCADUCGAFjFQIVAkwsAAAANQQYB2VudHJpZXMVBAAVDCUCGAFrJQBMHAAAABUCJQIYAXYAFgQZHBksJgAcFQwZJQYAGTgBYwdlbnRyaWVzAWsVABYEFlIWUiYIPBgBYRgBYRYCKAFhGAFhABkcFQAVABUCADwWAhkmBAAZRgIAAAIAABaiAhUaFqoBFTYAJgAcFQIZJQYAGTgBYwdlbnRyaWVzAXYVABYEFlAWUCZaPBgEAQAAABgEAQAAABYCKAQBAAAAGAQBAAAAABkcFQAVABUCADwpJgQAGUYCAAACAAAWvAIVFBbgARVCABaiARYEJggWogEUAAAZHBgRd3JpdGVyLm1vZGVsLm5hbWUYB2V4YW1wbGUAGEpwYXJxdWV0LW1yIHZlcnNpb24gMS4xNy4wIChidWlsZCBmYWMwYzc0NjUzMmUxMzNiZWI5MjhhN2Y2YTdlNTdiNTEwYjQ3N2ExKRksHAAAHAAAAHUBAABQQVIx",
  ],
];

test.each(files)("%s is read as %s", async (...given) => {
  const [, type, rows, file] = given;
  const snapshot = await makeTable(engine, { schema: parseSchemaDdl(`c ${type}`), files: [{ path: "f" }] });
  writeFileSync(join(snapshot.tablePath, "f"), Buffer.from(file, "base64"));
  expect(await readRows(engine, snapshot)).toEqual(rows);
});

test("an element's field that an old list of groups of one field does not have is null", async () => {
  const [, , , file = ""] = files[3] ?? [];
  for (const [type, element] of [
    ["ARRAY<STRUCT<y: INT, X: BIGINT>>", { y: null, X: "1" }],
    ["ARRAY<STRUCT<y: INT>>", { y: null }],
  ] as const) {
    const snapshot = await makeTable(engine, { schema: parseSchemaDdl(`c ${type}`), files: [{ path: "f" }] });
    writeFileSync(join(snapshot.tablePath, "f"), Buffer.from(file, "base64"));
    expect(await readRows(engine, snapshot)).toMatchObject([{ c: [element, {}] }, { c: null }]);
  }
});
