// format/vector/deletion-vector-file.ts: a file of deletion vectors, written. PROTOCOL.md, "Deletion Vector File Storage Format" and
// "Deletion Vector Descriptor Schema".
import type { DeletionVectorDescriptor } from "../action/action.ts";
import { crc32 } from "../text/crc32.ts";
import { GrowingBytes } from "../text/growing-bytes.ts";
import { encodeRoaring64 } from "./roaring-encode.ts";
import type { RoaringSet } from "./roaring-set.ts";
import { encodeZ85 } from "../text/z85.ts";

/** A file that is to be written, and how add actions name the vectors in it. */
export interface VectorFile {
  /** In the table's own folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** One for each set, in their order. */
  readonly descriptors: readonly DeletionVectorDescriptor[];
}

/**
 * Encodes sets of row numbers as one file of vectors, each with its size and checksum.
 * @param uuid of the file; unique
 */
export function encodeVectorFile(uuid: string, sets: readonly RoaringSet[]): VectorFile {
  const out = new GrowingBytes();
  out.bytes(Uint8Array.of(fileVersion));
  const pathOrInlineDv = encodeZ85(bytesOfUuid(uuid));
  const descriptors = sets.map((set): DeletionVectorDescriptor => {
    const vector = new GrowingBytes();
    vector.uint32(portableMagic);
    vector.bytes(encodeRoaring64(set));
    const bytes = vector.toBytes();
    const offset = out.length;
    out.bytes(bigEndian(bytes.length));
    out.bytes(bytes);
    out.bytes(bigEndian(crc32(bytes)));
    return { storageType: "u", pathOrInlineDv, offset, sizeInBytes: bytes.length, cardinality: set.cardinality };
  });
  return { name: `deletion_vector_${uuid}.bin`, bytes: out.toBytes(), descriptors };
}

const fileVersion = 1;
const portableMagic = 1_681_511_377;

function bytesOfUuid(uuid: string): Uint8Array {
  return Uint8Array.from(uuid.replaceAll("-", "").match(/../g) ?? [], (hex) => Number.parseInt(hex, 16));
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}
