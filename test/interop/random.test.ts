// Random schemas and rows, written by us and read by Spark and delta-rs, and the other way round.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseSchema } from "../../src/index.ts";
import { field } from "./all-types.ts";
import { Lake } from "./lake.ts";
import { type PeerRow, type PeerValue, sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";

let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

/** A type, with an arbitrary of its values. */
interface Typed {
  readonly type: unknown;
  readonly values: fc.Arbitrary<PeerValue>;
}

const long = 2n ** 63n;
const text = fc.string({ unit: "binary", maxLength: 40 });
const finite = (arbitrary: fc.Arbitrary<number>): fc.Arbitrary<PeerValue> =>
  arbitrary.map((value) => (Number.isFinite(value) ? value : String(value)));
const date = fc
  .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true })
  .map((value) => value.toISOString().slice(0, 10));
const timestamp = fc
  .tuple(date, fc.integer({ min: 0, max: 86_399_999 }), fc.integer({ min: 0, max: 999 }))
  .map(([day, ms, micros]) => `${day}T${new Date(ms).toISOString().slice(11, 23)}${String(micros).padStart(3, "0")}Z`);
const integers = (type: string, bits: number): Typed => ({
  type,
  values: fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }),
});

const decimals: fc.Arbitrary<Typed> = fc
  .integer({ min: 1, max: 38 })
  .chain((precision) => fc.tuple(fc.constant(precision), fc.integer({ min: 0, max: precision })))
  .map(([precision, scale]) => ({
    type: `decimal(${precision},${scale})`,
    values: fc.bigInt({ min: -(10n ** BigInt(precision)) + 1n, max: 10n ** BigInt(precision) - 1n }).map((unscaled) => {
      const all = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
      const point = all.length - scale;
      return `${unscaled < 0n ? "-" : ""}${all.slice(0, point)}${scale === 0 ? "" : `.${all.slice(point)}`}`;
    }),
  }));

const scalars: fc.Arbitrary<Typed> = fc.oneof(
  fc.constantFrom<Typed>(
    { type: "boolean", values: fc.boolean() },
    integers("byte", 8),
    integers("short", 16),
    integers("integer", 32),
    { type: "long", values: fc.bigInt({ min: -long, max: long - 1n }).map(String) },
    { type: "float", values: finite(fc.float()) },
    { type: "double", values: finite(fc.double()) },
    { type: "string", values: text },
    { type: "binary", values: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString("hex")) },
    { type: "date", values: date },
    { type: "timestamp", values: timestamp },
  ),
  decimals,
);

const orNull = ({ values }: Typed): fc.Arbitrary<PeerValue> => fc.option(values, { freq: 4 });

function types(depth: number): fc.Arbitrary<Typed> {
  if (depth === 0) return scalars;
  const inner = types(depth - 1);
  const arrays = inner.map((element): Typed => ({
    type: { type: "array", elementType: element.type, containsNull: true },
    values: fc.array(orNull(element), { maxLength: 4 }),
  }));
  const structs = fc.array(inner, { minLength: 1, maxLength: 3 }).map((members): Typed => ({
    type: { type: "struct", fields: members.map((member, index) => field(`m${index}`, member.type)) },
    values: fc.record(Object.fromEntries(members.map((member, index) => [`m${index}`, orNull(member)]))),
  }));
  const maps = fc.tuple(fc.constantFrom("string", "integer"), inner).map(([keyType, value]): Typed => ({
    type: { type: "map", keyType, valueType: value.type, valueContainsNull: true },
    values: fc
      .uniqueArray(fc.tuple(keyType === "string" ? text : fc.integer({ min: -1000, max: 1000 }), orNull(value)), {
        maxLength: 4,
        selector: ([key]) => key,
      })
      .map((entries) => entries.toSorted(([a], [b]) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))),
  }));
  return fc.oneof({ weight: 3, arbitrary: scalars }, arrays, structs, maps);
}

interface RandomTable {
  readonly schema: { readonly type: "struct"; readonly fields: readonly ReturnType<typeof field>[] };
  readonly rows: readonly PeerRow[];
}

const tables: fc.Arbitrary<RandomTable> = fc.array(types(2), { minLength: 1, maxLength: 8 }).chain((columns) =>
  fc.array(fc.tuple(...columns.map(orNull)), { minLength: 1, maxLength: 12 }).map((rows) => ({
    schema: {
      type: "struct" as const,
      fields: [field("id", "long"), ...columns.map((column, index) => field(`c${index}`, column.type))],
    },
    rows: rows.map((row, id) => ({
      id: String(id),
      ...Object.fromEntries(row.map((value, index) => [`c${index}`, value])),
    })),
  })),
);

// One seed, so that a failure is the same everywhere; each table costs every engine a write and two reads.
const samples = fc.sample(tables, { seed: 31, numRuns: 12 }).map((table, index) => ({ index, ...table }));

describe.each(samples)("random table $index", ({ index, schema, rows }) => {
  test("is the same to all who read it, whoever wrote it", async () => {
    const expected = sorted(rows);
    await lake.create(`ours ${index}`, { schema: parseSchema(JSON.stringify(schema)) });
    await lake.append(`ours ${index}`, rows);
    const writers = ["ours", index % 2 === 0 ? "spark" : "deltars"] as const;
    for (const writer of writers) {
      const path = lake.path(`${writer} ${index}`);
      if (writer !== "ours") await sharedPeer(writer).write({ path, rows, schema, mode: "append" });
      expect(await lake.rows(`${writer} ${index}`), `written by ${writer}, read by us`).toEqual(expected);
      if (writer !== "ours") continue;
      for (const reader of ["spark", "deltars"] as const) {
        expect(sorted(await sharedPeer(reader).read({ path })), `written by us, read by ${reader}`).toEqual(expected);
      }
    }
  });
});
