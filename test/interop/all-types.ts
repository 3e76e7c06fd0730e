// Rows with every type and the values at which engines differ.
import { type StructType, parseSchema } from "../../src/index.ts";
import type { PeerRow, PeerValue } from "./peer.ts";

/** A field of Delta's schema JSON, nullable. */
export const field = (
  name: string,
  type: unknown,
): { name: string; type: unknown; nullable: boolean; metadata: object } => ({
  name,
  type,
  nullable: true,
  metadata: {},
});
const array = (elementType: unknown): unknown => ({ type: "array", elementType, containsNull: true });
const map = (keyType: unknown, valueType: unknown): unknown => ({
  type: "map",
  keyType,
  valueType,
  valueContainsNull: true,
});
const struct = (...fields: readonly ReturnType<typeof field>[]): unknown => ({ type: "struct", fields });

/** Columns of scalar types, by name. `id` comes first. */
export const scalarTypes: Readonly<Record<string, string>> = {
  id: "long",
  flag: "boolean",
  tiny: "byte",
  small: "short",
  whole: "integer",
  large: "long",
  ratio: "float",
  precise: "double",
  digit: "decimal(1,0)",
  money: "decimal(9,2)",
  price: "decimal(18,4)",
  huge: "decimal(38,10)",
  fraction: "decimal(38,38)",
  text: "string",
  bytes: "binary",
  day: "date",
  at: "timestamp",
};

/** Delta's schema JSON of `rows`. */
export const allTypesJson = {
  type: "struct",
  fields: [
    ...Object.entries(scalarTypes).map(([name, type]) => field(name, type)),
    field(
      "place",
      struct(field("street", "string"), field("geo", struct(field("lat", "double"), field("lon", "float")))),
    ),
    field("tags", array("string")),
    field("matrix", array(array("integer"))),
    field("counts", map("string", "long")),
    field("events", map("integer", array(struct(field("at", "timestamp"), field("cost", "decimal(12,3)"))))),
    field(
      "people",
      array(struct(field("name", "string"), field("born", "date"), field("keys", map("string", "binary")))),
    ),
  ],
};

/** The same as the library has it. */
export const allTypes: StructType = parseSchema(JSON.stringify(allTypesJson));

const row = (...values: readonly PeerValue[]): PeerRow =>
  Object.fromEntries(allTypesJson.fields.map(({ name }, index) => [name, values[index] ?? null]));

const nines = "9".repeat(28);

/** One row for each kind of trouble. */
export const allTypesRows: readonly PeerRow[] = [
  // The largest of everything.
  row(
    ...["1", true, 127, 32767, 2147483647, "9223372036854775807", 3.4028234663852886e38, 1.7976931348623157e308],
    ...["9", "9999999.99", "99999999999999.9999", `${nines}.9999999999`, `0.${"9".repeat(38)}`],
    ...["\u{10ffff}", "ff".repeat(40), "9999-12-31", "9999-12-31T23:59:59.999999Z"],
    { street: 'Ängelholm\n"quoted" \\ 😀', geo: { lat: -0, lon: 0.5 } },
    ["x", null, ""],
    [[1, null], [], null],
    [
      ["a", "-9223372036854775808"],
      ["b", null],
    ],
    [
      [-1, [{ at: "1969-12-31T23:59:59.999999Z", cost: "-0.001" }, null]],
      [2, null],
    ],
    [{ name: "Ada", born: "1815-12-10", keys: [["k", "00ff"]] }, null, { name: null, born: null, keys: null }],
  ),
  // The smallest.
  row(
    ...["2", false, -128, -32768, -2147483648, "-9223372036854775808", -3.4028234663852886e38, -1.7976931348623157e308],
    ...["-9", "-9999999.99", "-99999999999999.9999", `-${nines}.9999999999`, `-0.${"9".repeat(38)}`],
    ...["", "", "0001-01-01", "0001-01-01T00:00:00.000001Z"],
    { street: null, geo: null },
    [],
    [],
    [],
    [],
    [],
  ),
  row("3"),
  row("4", null, null, null, null, null, "NaN", "NaN"),
  row("5", null, null, null, null, null, "Infinity", "Infinity"),
  row("6", null, null, null, null, null, "-Infinity", "-Infinity"),
  row("7", null, null, null, null, null, -0, -0),
  row("8", null, null, null, null, null, 1.401298464324817e-45, 5e-324),
  row(
    "9",
    true,
    0,
    0,
    0,
    "0",
    0,
    0,
    "0",
    "0.00",
    "0.0000",
    "0.0000000000",
    `0.${"0".repeat(38)}`,
    "0",
    "00",
    "1970-01-01",
    "1970-01-01T00:00:00.000000Z",
  ),
  row(
    ...[
      "9007199254740993",
      true,
      1,
      1,
      1,
      "-9007199254740993",
      0.10000000149011612,
      0.1,
      "1",
      "0.01",
      "0.0001",
      "0.0000000001",
    ],
    ...[
      `0.${"0".repeat(37)}1`,
      "tab\tnull\u0000 line\nfeed\r",
      "de ad be ef".replaceAll(" ", ""),
      "1582-10-10",
      "1899-12-31T23:59:59.123456Z",
    ],
    { street: "s", geo: { lat: null, lon: null } },
    [null],
  ),
];
