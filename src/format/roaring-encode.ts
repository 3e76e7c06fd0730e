// format/roaring-encode.ts: sets of numbers as compressed bitmaps, the portable serialization for 64 bits.
// RoaringFormatSpec, "Extension for 64-bit implementations".
import { GrowingBytes } from "./growing-bytes.ts";
import type { Run } from "./roaring.ts";

/**
 * Encodes a set; of each stretch of 65536 numbers the smallest of the three forms is taken.
 * @param runs ascending, not touching one another; numbers below 2^53
 */
export function encodeRoaring64(runs: Iterable<Run>): Uint8Array {
  const buckets = new Map<number, Container[]>();
  for (const container of containersOf(runs)) {
    const key = Math.floor(container.base / bucketLength);
    const known = buckets.get(key);
    if (known === undefined) buckets.set(key, [container]);
    else known.push(container);
  }
  const out = new GrowingBytes();
  out.uint64(buckets.size);
  for (const [key, containers] of buckets) {
    out.uint32(key);
    writeBitmap(out, containers);
  }
  return out.toBytes();
}

const bucketLength = 2 ** 32;
const containerLength = 65_536;
const noRunsCookie = 12_346;
const runsCookie = 12_347;
const listCardinalityMax = 4096;
const bitmapSizeBytes = 8192;
/** With runs, smaller bitmaps have no table of offsets. */
const offsetsFrom = 4;

/** Numbers from `base` on; `firsts` and `lasts` count from there. */
interface Container {
  readonly base: number;
  readonly firsts: number[];
  readonly lasts: number[];
  cardinality: number;
}

function* containersOf(runs: Iterable<Run>): Generator<Container> {
  let open: Container | null = null;
  for (const run of runs) {
    for (let first = run.first; first <= run.last;) {
      const base = Math.floor(first / containerLength) * containerLength;
      const last = Math.min(run.last, base + containerLength - 1);
      if (open === null || open.base !== base) {
        if (open !== null) yield open;
        open = { base, firsts: [], lasts: [], cardinality: 0 };
      }
      open.firsts.push(first - base);
      open.lasts.push(last - base);
      open.cardinality += last - first + 1;
      first = last + 1;
    }
  }
  if (open !== null) yield open;
}

type Form = "list" | "bitmap" | "runs";

function formOf({ cardinality, firsts }: Container): Form {
  const plain = cardinality <= listCardinalityMax ? "list" : "bitmap";
  const plainSizeBytes = plain === "list" ? cardinality * 2 : bitmapSizeBytes;
  return runsSizeBytes(firsts.length) < plainSizeBytes ? "runs" : plain;
}

const runsSizeBytes = (runCount: number): number => 2 + runCount * 4;

function sizeBytesOf(container: Container, form: Form): number {
  if (form === "runs") return runsSizeBytes(container.firsts.length);
  return form === "list" ? container.cardinality * 2 : bitmapSizeBytes;
}

function writeBitmap(out: GrowingBytes, containers: readonly Container[]): void {
  const forms = containers.map(formOf);
  const count = containers.length;
  const hasRuns = forms.includes("runs");
  const start = out.length;
  if (hasRuns) {
    out.uint32(runsCookie | ((count - 1) << 16));
    const flags = new Uint8Array(Math.ceil(count / 8));
    for (const [index, form] of forms.entries())
      if (form === "runs") flags[index >> 3] = (flags[index >> 3] ?? 0) | (1 << (index & 7));
    out.bytes(flags);
  } else {
    out.uint32(noRunsCookie);
    out.uint32(count);
  }
  for (const { base, cardinality } of containers) {
    out.uint16((base % bucketLength) / containerLength);
    out.uint16(cardinality - 1);
  }
  if (!hasRuns || count >= offsetsFrom) {
    let offset = out.length - start + count * 4;
    for (const [index, container] of containers.entries()) {
      out.uint32(offset);
      offset += sizeBytesOf(container, forms[index] ?? "list");
    }
  }
  for (const [index, container] of containers.entries()) writeContainer(out, container, forms[index] ?? "list");
}

function writeContainer(out: GrowingBytes, { firsts, lasts }: Container, form: Form): void {
  if (form === "runs") out.uint16(firsts.length);
  const bitmap = new Uint8Array(form === "bitmap" ? bitmapSizeBytes : 0);
  for (const [index, first] of firsts.entries()) {
    const last = lasts[index] ?? first;
    if (form === "runs") {
      out.uint16(first);
      out.uint16(last - first);
      continue;
    }
    for (let value = first; value <= last; value += 1) {
      if (form === "list") out.uint16(value);
      else bitmap[value >> 3] = (bitmap[value >> 3] ?? 0) | (1 << (value & 7));
    }
  }
  out.bytes(bitmap);
}
