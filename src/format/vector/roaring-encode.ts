// format/vector/roaring-encode.ts: sets of numbers as compressed bitmaps, the portable serialization for 64 bits.
// RoaringFormatSpec, "Extension for 64-bit implementations".
import { GrowingBytes } from "../text/growing-bytes.ts";
import { containerLength, listCardinalityMax, runCountOf, visitContainer, wordsOf } from "./roaring-container.ts";
import type { Container } from "./roaring-container.ts";
import type { RoaringSet } from "./roaring-set.ts";

/** Encodes a set; of each stretch of 65536 numbers the smallest of the three forms is taken. */
export function encodeRoaring64({ containers }: RoaringSet): Uint8Array {
  const buckets = new Map<number, Container[]>();
  for (const container of containers) {
    const key = Math.floor(container.base / bucketLength);
    const known = buckets.get(key);
    if (known === undefined) buckets.set(key, [container]);
    else known.push(container);
  }
  const out = new GrowingBytes();
  out.uint64(buckets.size);
  for (const [key, own] of buckets) {
    out.uint32(key);
    writeBitmap(out, own);
  }
  return out.toBytes();
}

const bucketLength = 2 ** 32;
const noRunsCookie = 12_346;
const runsCookie = 12_347;
const bitmapSizeBytes = 8192;
/** With runs, smaller bitmaps have no table of offsets. */
const offsetsFrom = 4;

/** How a container is written, and what that takes. */
interface Form {
  readonly kind: "list" | "bitmap" | "runs";
  readonly sizeBytes: number;
  readonly runCount: number;
}

function formOf(container: Container): Form {
  const { cardinality } = container;
  const runCount = runCountOf(container);
  const runsSizeBytes = 2 + runCount * 4;
  const plainSizeBytes = cardinality <= listCardinalityMax ? cardinality * 2 : bitmapSizeBytes;
  if (runsSizeBytes < plainSizeBytes) return { kind: "runs", sizeBytes: runsSizeBytes, runCount };
  return { kind: cardinality <= listCardinalityMax ? "list" : "bitmap", sizeBytes: plainSizeBytes, runCount };
}

function writeBitmap(out: GrowingBytes, containers: readonly Container[]): void {
  const forms = containers.map(formOf);
  const count = containers.length;
  const hasRuns = forms.some(({ kind }) => kind === "runs");
  const start = out.length;
  if (hasRuns) {
    out.uint32(runsCookie | ((count - 1) << 16));
    const flags = new Uint8Array(Math.ceil(count / 8));
    for (const [index, { kind }] of forms.entries())
      if (kind === "runs") flags[index >> 3] = (flags[index >> 3] ?? 0) | (1 << (index & 7));
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
    for (const { sizeBytes } of forms) {
      out.uint32(offset);
      offset += sizeBytes;
    }
  }
  for (const [index, form] of forms.entries()) {
    const container = containers[index];
    if (container !== undefined) writeContainer(out, container, form);
  }
}

function writeContainer(out: GrowingBytes, container: Container, { kind, runCount }: Form): void {
  if (kind === "bitmap") {
    out.bytes(new Uint8Array(wordsOf(container).buffer));
    return;
  }
  if (kind === "runs") out.uint16(runCount);
  let [openFirst, openLast] = [-1, -1];
  const close = (): void => {
    out.uint16(openFirst);
    out.uint16(openLast - openFirst);
  };
  visitContainer({ ...container, base: 0 }, (first, last) => {
    if (kind === "list") {
      for (let value = first; value <= last; value += 1) out.uint16(value);
      return;
    }
    if (first !== openLast + 1 || openFirst < 0) {
      if (openFirst >= 0) close();
      openFirst = first;
    }
    openLast = last;
  });
  if (kind === "runs") close();
}
