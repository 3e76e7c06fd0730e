// test/format/deletion-vector.test.ts: bitmaps, their text form, their files. PROTOCOL.md, "Deletion Vector Format".
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeDeletedRows, vectorOfFile, vectorPlace } from "../../src/format/vector/deletion-vector.ts";
import { AlluviumError } from "../../src/format/text/error.ts";
import { decodeRoaring64 } from "../../src/format/vector/roaring.ts";
import { encodeRoaring64 } from "../../src/format/vector/roaring-encode.ts";
import { encodeVectorFile } from "../../src/format/vector/deletion-vector-file.ts";
import { difference, setOfNumbers, setOfRuns, union } from "../../src/format/vector/roaring-set.ts";
import type { Run } from "../../src/format/vector/roaring-container.ts";
import type { RoaringSet } from "../../src/format/vector/roaring-set.ts";
import { decodeZ85, encodeZ85 } from "../../src/format/text/z85.ts";
import { errorOf } from "./error-of.ts";
import { concat, roaring64, vectorBytes, vectorFile } from "./roaring-bytes.ts";

function runsOf(set: RoaringSet): readonly Run[] {
  const runs: Run[] = [];
  set.forEachRun((first, last) => void runs.push({ first, last }));
  return runs;
}

const numbersOf = (set: RoaringSet): readonly number[] =>
  runsOf(set).flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, index) => first + index));

const range = (start: number, length: number, step = 1): readonly number[] =>
  Array.from({ length }, (_, index) => start + index * step);

// Lists, bitmaps and runs; neighbouring and far containers; beyond 32 bits.
const sets = fc
  .array(
    fc.record({
      start: fc.oneof(fc.nat(200_000), fc.nat(2 ** 31), fc.constantFrom(65_530, 2 ** 32 - 5, 2 ** 33 + 7, 2 ** 45)),
      length: fc.oneof(fc.nat(20), fc.constantFrom(4096, 4097, 9000)),
      step: fc.constantFrom(1, 1, 2, 3),
    }),
    { maxLength: 6 },
  )
  .map((parts) => new Set(parts.flatMap(({ start, length, step }) => range(start, length, step))));

describe("a bitmap", () => {
  test("is decoded to the numbers it was made of, whatever its containers are", () => {
    fc.assert(
      fc.property(sets, fc.nat(7), (set, salt) => {
        const decoded = decodeRoaring64(roaring64(set, (key) => ((key + salt) & 3) === 0));
        expect(decoded.cardinality).toBe(set.size);
        expect(numbersOf(decoded).join()).toBe([...set].toSorted((a, b) => a - b).join());
      }),
      { seed: 11, numRuns: 40 },
    );
  });

  test("is encoded as others decode it, each container in its smallest form, and decoded to the same numbers", () => {
    fc.assert(
      fc.property(sets, (set) => {
        const numbers = [...set].toSorted((a, b) => a - b);
        const bytes = encodeRoaring64(setOfNumbers(numbers));
        expect(numbersOf(decodeRoaring64(bytes)).join()).toBe(numbers.join());
        // A bitmap of up to three containers has 15 bytes more before them when none of them is of runs.
        const headers = 15 * new Set(numbers.map((number) => Math.floor(number / 2 ** 32))).size;
        for (const hasRuns of [() => false, () => true])
          expect(bytes.length).toBeLessThanOrEqual(roaring64(numbers, hasRuns).length + headers);
      }),
      { seed: 12, numRuns: 40, examples: [[new Set([65_530])]] },
    );
  });

  test("that is encoded is what the format's own example is", () => {
    const numbers = [...range(0, 10), 70_000, 2 ** 32 + 1];
    const isRun = (key: number): boolean => key === 0;
    const encoded = encodeRoaring64(setOfNumbers(numbers));
    const first = roaring64([...range(0, 10), 70_000], isRun);
    expect([...encoded.subarray(8, first.length)]).toEqual([...first.subarray(8)]);
  });

  test("gives runs that do not touch one another", () => {
    const decoded = decodeRoaring64(roaring64(range(65_000, 2000), (key) => key === 1));
    expect(runsOf(decoded)).toEqual([{ first: 65_000, last: 66_999 }]);
  });

  test("that is cut off, longer or changed is refused or still a set, and never hangs", () => {
    const whole = roaring64([...range(0, 50, 3), ...range(70_000, 5000), ...range(2 ** 32, 4)], (key) => key === 0);
    for (let length = 0; length < whole.length; length += 7)
      expect(() => decodeRoaring64(whole.subarray(0, length))).toThrow(RangeError);
    expect(() => decodeRoaring64(concat([whole, Uint8Array.of(0)]))).toThrow("left over");
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ change;
        try {
          const decoded = decodeRoaring64(bytes);
          expect(numbersOf(decoded)).toHaveLength(decoded.cardinality);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { seed: 12, numRuns: 300 },
    );
  });

  test("of more parts than its bytes can hold ends with them", () => {
    expect(() => decodeRoaring64(new Uint8Array(8).fill(255))).toThrow("ends too soon");
  });

  test("with row numbers beyond 2^53 is refused", () => {
    const bytes = roaring64([1]);
    bytes[10] = 0x20;
    expect(() => decodeRoaring64(bytes)).toThrow("2^53");
  });
});

describe("Z85 text", () => {
  test("gives the bytes back, filled up with zeros", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
        padded.set(bytes);
        expect(decodeZ85(encodeZ85(bytes))).toEqual(padded);
      }),
      { seed: 13 },
    );
  });

  test("is that of the specification", () => {
    expect(encodeZ85(Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b))).toBe("HelloWorld");
  });

  test.each(["Hell", "Hell ", "Hellö"])("that is none is refused: %j", (text) => {
    expect(decodeZ85(text)).toBeNull();
  });
});

const table = "/tables/t";

describe("a descriptor", () => {
  test("with a random prefix names a file in a folder of the table", () => {
    const vector = { storageType: "u", pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^", sizeInBytes: 40, cardinality: 6 };
    expect(vectorPlace(table, { ...vector, offset: 4 })).toEqual({
      kind: "file",
      path: "/tables/t/ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin",
      byteOffset: 4,
    });
  });

  test("without an offset begins behind the version byte", () => {
    const vector = { storageType: "p", pathOrInlineDv: "file:///else%20where/a.bin", sizeInBytes: 4, cardinality: 1 };
    expect(vectorPlace(table, vector)).toEqual({ kind: "file", path: "/else where/a.bin", byteOffset: 1 });
  });

  test("of the protocol's inline example deletes the rows it says", () => {
    const vector = {
      storageType: "i",
      pathOrInlineDv: "wi5b=000010000siXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L",
      sizeInBytes: 40,
      cardinality: 6,
    };
    const place = vectorPlace(table, vector);
    if (place.kind !== "inline") throw new Error("not inline");
    const rows = decodeDeletedRows(place.bytes, vector, { path: table, kind: "inline" });
    expect(numbersOf(rows)).toEqual([3, 4, 7, 11, 18, 29]);
    const more = { ...vector, cardinality: 7 };
    const wrong = errorOf(() => decodeDeletedRows(place.bytes, more, { path: table, kind: "inline" }));
    expect(wrong.code).toBe("CORRUPT_LOG");
  });

  test.each([
    ["x", "ab^-aqEH.-t@S}K{vb[*k^"],
    ["u", "tooshort"],
    ["u", "ab^-aqEH.-t@S}K{vb[* ^"],
    ["u", "../^-aqEH.-t@S}K{vb[*k^"],
    ["i", "HelloWorld"],
    ["i", "no z85"],
    ["p", "relative.bin"],
  ])("that makes no sense is a corrupt log: %s %s", (storageType, pathOrInlineDv) => {
    const vector = { storageType, pathOrInlineDv, sizeInBytes: 40, cardinality: 1 };
    const found = errorOf(() => vectorPlace(table, vector));
    expect(found.code).toBe("CORRUPT_LOG");
  });
});

describe("a file of vectors", () => {
  const vectors = [vectorBytes([1, 5]), vectorBytes(range(0, 5000)), vectorBytes([7])];
  const { bytes, offsets } = vectorFile(vectors);
  const place = (index: number): { path: string; byteOffset: number } => ({
    path: "/v.bin",
    byteOffset: offsets[index] ?? 0,
  });
  const descriptor = (index: number): { storageType: string; pathOrInlineDv: string } & Sizes => ({
    storageType: "p",
    pathOrInlineDv: "/v.bin",
    sizeInBytes: vectors[index]?.length ?? 0,
    cardinality: 1,
  });

  test("holds each where its offset says", () => {
    for (const index of vectors.keys())
      expect(vectorOfFile(bytes, place(index), descriptor(index))).toEqual(vectors[index]);
  });

  test("with any byte of a vector changed, or cut off, is refused by its name", () => {
    const start = offsets[2] ?? 0;
    for (let at = start; at < bytes.length; at += 1) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expectCorrupt(() => vectorOfFile(changed, place(2), descriptor(2)));
      expectCorrupt(() => vectorOfFile(bytes.subarray(0, at), place(2), descriptor(2)));
    }
    expectCorrupt(() => vectorOfFile(new Uint8Array(0), place(0), descriptor(0)));
    expectCorrupt(() => vectorOfFile(concat([Uint8Array.of(2), bytes.subarray(1)]), place(0), descriptor(0)));
    expectCorrupt(() => vectorOfFile(bytes, place(0), { ...descriptor(0), sizeInBytes: 2 ** 31 - 1 }));
    expectCorrupt(() => vectorOfFile(bytes, place(0), { ...descriptor(0), sizeInBytes: -1 }));
  });
});

interface Sizes {
  readonly sizeInBytes: number;
  readonly cardinality: number;
}

function expectCorrupt(call: () => unknown): void {
  const found = errorOf(call);
  expect(found).toBeInstanceOf(AlluviumError);
  expect(found).toMatchObject({ code: "CORRUPT_FILE", context: { path: "/v.bin" } });
}

test("a file of vectors that is written is read back, each vector at its place", () => {
  fc.assert(
    fc.property(fc.array(sets, { minLength: 1, maxLength: 3 }), (list) => {
      const given = list.map((set) => setOfNumbers([...set].toSorted((a, b) => a - b)));
      const file = encodeVectorFile("d2c639aa-8816-431a-aaf6-d3fe2512ff61", given);
      for (const [index, descriptor] of file.descriptors.entries()) {
        const place = vectorPlace("/t", descriptor);
        expect(place).toMatchObject({ kind: "file", path: `/t/${file.name}` });
        if (place.kind !== "file") continue;
        const rows = decodeDeletedRows(vectorOfFile(file.bytes, place, descriptor), descriptor, place);
        expect(numbersOf(rows).join()).toBe(numbersOf(given[index] ?? setOfNumbers([])).join());
      }
    }),
    { seed: 13, numRuns: 15 },
  );
});

/** The same numbers in every form that a set of them can have in memory. */
const formsOf = (numbers: ReadonlySet<number>): readonly RoaringSet[] => {
  const sorted = [...numbers].toSorted((a, b) => a - b);
  const plain = setOfNumbers(sorted);
  return [plain, setOfRuns(runsOf(plain)), decodeRoaring64(roaring64(sorted, (key) => key % 2 === 0))];
};

test("sets together, and one without the other, have the numbers of either and of the first alone, whatever forms they have", () => {
  fc.assert(
    fc.property(sets, sets, fc.nat(8), (left, right, forms) => {
      const [a, b] = [formsOf(left)[forms % 3], formsOf(right)[Math.floor(forms / 3)]];
      if (a === undefined || b === undefined) throw new Error("three forms");
      const expected = (numbers: readonly number[]): string => numbers.toSorted((x, y) => x - y).join();
      const both = union(a, b);
      expect(numbersOf(both).join()).toBe(expected([...new Set([...left, ...right])]));
      expect(both.cardinality).toBe(new Set([...left, ...right]).size);
      const rest = [...left].filter((number) => !right.has(number));
      expect(numbersOf(difference(a, b)).join()).toBe(expected(rest));
      expect(difference(a, b).cardinality).toBe(rest.length);
      const runs = runsOf(both);
      expect(runs.every(({ first }, index) => index === 0 || first > (runs[index - 1]?.last ?? 0) + 1)).toBe(true);
    }),
    { seed: 14, numRuns: 12 },
  );
});

test("a set knows its last number, and gives the bits of a stretch as far as there is room", () => {
  const bitsFrom = fc.constantFrom(0, 65_536, 131_072, 2 ** 32);
  fc.assert(
    fc.property(
      sets,
      fc.nat(2),
      fc.tuple(bitsFrom, fc.constantFrom(1, 100, 8192, 20_000)),
      (numbers, form, [first, sizeBytes]) => {
        const set = formsOf(numbers)[form];
        expect(set?.last).toBe(Math.max(-1, ...numbers));
        const bits = new Uint8Array(sizeBytes);
        set?.setBits(bits, first);
        const found = range(0, sizeBytes * 8).filter((at) => (((bits[at >> 3] ?? 0) >> (at & 7)) & 1) === 1);
        const expected = [...numbers].map((number) => number - first).filter((at) => at >= 0 && at < sizeBytes * 8);
        expect(found.join()).toBe(expected.toSorted((a, b) => a - b).join());
      },
    ),
    { seed: 15, numRuns: 30 },
  );
});
