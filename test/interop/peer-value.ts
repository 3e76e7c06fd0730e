// Our Arrow data in the form in which peers speak of rows (see peer_protocol.py), exact to the microsecond and the last digit.
import { type Data, DataType as ArrowType, type RecordBatch } from "apache-arrow";
import type { DataType, StructType } from "../../src/index.ts";
import type { PeerRow, PeerValue } from "./peer.ts";

/** The rows of batches of this schema. */
export function peerRows(batches: readonly RecordBatch[], schema: StructType): PeerRow[] {
  return batches.flatMap((batch) => {
    const read = structReader(batch.data, schema);
    return Array.from({ length: batch.numRows }, (_, index) => read(index));
  });
}

/** A row of a peer as the row objects that `append` takes. */
export function ourRow(row: PeerRow, schema: StructType): Record<string, unknown> {
  const known = schema.fields.filter((field) => field.name in row);
  return Object.fromEntries(known.map((field) => [field.name, ourValue(row[field.name] ?? null, field.type)]));
}

/** Rows in an order of their own, so that two sets of rows can be compared. */
export function sorted(rows: readonly PeerRow[]): readonly PeerRow[] {
  return rows
    .map((row) => ({ row, text: JSON.stringify(row, Object.keys(row).toSorted().concat(nestedNames(row))) }))
    .toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ row }) => row);
}

// JSON.stringify's list of names holds at every depth.
function nestedNames(value: PeerValue): string[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item: PeerValue) => nestedNames(item));
  return [
    ...new Set(Object.entries(value).flatMap(([name, item]) => [name, ...nestedNames(item as PeerValue)])),
  ].toSorted();
}

function ourValue(value: PeerValue, type: DataType): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case "struct":
      return ourRow(value as PeerRow, type);
    case "array":
      return (value as readonly PeerValue[]).map((item) => ourValue(item, type.elementType));
    case "map":
      return new Map(
        (value as readonly (readonly [PeerValue, PeerValue])[]).map(([key, item]) => [
          ourValue(key, type.keyType),
          ourValue(item, type.valueType),
        ]),
      );
    case "decimal":
      return value;
    case "primitive":
      if (type.name === "long") return BigInt(value as string);
      if (type.name === "float" || type.name === "double") return Number(value);
      return type.name === "binary" ? Uint8Array.from(Buffer.from(value as string, "hex")) : value;
  }
}

type Reader = (index: number) => PeerValue;

function reader(data: Data, type: DataType): Reader {
  if (ArrowType.isNull(data.type)) return () => null;
  const read = presentReader(data, type);
  return (index) => (data.getValid(index) ? read(index) : null);
}

function structReader(data: Data, type: StructType): (index: number) => PeerRow {
  const fields = type.fields.map((field, at) => ({ name: field.name, read: reader(childAt(data, at), field.type) }));
  return (index) => Object.fromEntries(fields.map(({ name, read }) => [name, read(index)]));
}

function presentReader(data: Data, type: DataType): Reader {
  switch (type.kind) {
    case "struct":
      return structReader(data, type);
    case "array": {
      const read = reader(childAt(data, 0), type.elementType);
      return (index) => range(data, index).map(read);
    }
    case "map": {
      const entries = childAt(data, 0);
      const key = reader(childAt(entries, 0), type.keyType);
      const value = reader(childAt(entries, 1), type.valueType);
      return (index) =>
        range(data, index)
          .map((at): readonly [PeerValue, PeerValue] => [key(at), value(at)])
          .toSorted(([a], [b]) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    }
    case "decimal":
      return (index) => decimalText(data.values as Uint32Array, index, type.scale);
    case "primitive":
      return primitiveReader(data, type.name);
  }
}

function primitiveReader(data: Data, name: string): Reader {
  const values = data.values as ArrayLike<number | bigint>;
  const bytes = (index: number): Buffer => {
    const [from = 0, to = 0] = [0, 1].map((step) =>
      Number((data.valueOffsets as ArrayLike<number | bigint>)[index + step]),
    );
    return Buffer.from((data.values as Uint8Array).subarray(from, to));
  };
  switch (name) {
    case "boolean":
      return (index) => (((values[(data.offset + index) >> 3] as number) >> ((data.offset + index) & 7)) & 1) === 1;
    case "string":
      return (index) => bytes(index).toString("utf8");
    case "binary":
      return (index) => bytes(index).toString("hex");
    case "date":
      return (index) => dateText(values[index] as number);
    case "timestamp":
      return (index) => `${timestampText(values[index] as bigint)}Z`;
    case "timestamp_ntz":
      return (index) => timestampText(values[index] as bigint);
    case "long":
      return (index) => String(values[index]);
    case "float":
    case "double":
      return (index) => floatValue(values[index] as number);
    default:
      return (index) => values[index] as number;
  }
}

function floatValue(value: number): PeerValue {
  return Number.isFinite(value) ? value : String(value);
}

function range(data: Data, index: number): number[] {
  const offsets = data.valueOffsets as ArrayLike<number | bigint>;
  const from = Number(offsets[index]);
  return Array.from({ length: Number(offsets[index + 1]) - from }, (_, step) => from + step);
}

function childAt(data: Data, index: number): Data {
  const child: Data | undefined = data.children[index];
  if (child === undefined) throw new Error(`Arrow data without its child ${index}`);
  return child;
}

function decimalText(words: Uint32Array, index: number, scale: number): string {
  let unscaled = 0n;
  for (let word = 3; word >= 0; word -= 1) unscaled = (unscaled << 32n) | BigInt(words[index * 4 + word] ?? 0);
  unscaled = BigInt.asIntN(128, unscaled);
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  return `${unscaled < 0n ? "-" : ""}${digits.slice(0, point)}${scale === 0 ? "" : `.${digits.slice(point)}`}`;
}

function dateText(days: number): string {
  return new Date(days * 86_400_000).toISOString().replace(/T.*/, "");
}

function timestampText(micros: bigint): string {
  const ms = (micros - (((micros % 1000n) + 1000n) % 1000n)) / 1000n;
  const fraction = String(micros - ms * 1000n).padStart(3, "0");
  return new Date(Number(ms)).toISOString().replace("Z", fraction);
}
