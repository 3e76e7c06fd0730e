// engine/parquet/parquet-columns.ts: the columns of many Parquet files, at the least cost a file: most files of a table list their columns alike,
// and lists that are alike are parsed once. The Parquet format, "Metadata" (parquet.thrift).
import { footerRange, withParquetBytes } from "./parquet-bytes.ts";
import type { ParquetBytes } from "./parquet-bytes.ts";
import { readElement, treeOf } from "./parquet-tree.ts";
import type { ParquetNode, SchemaElement } from "./parquet-tree.ts";
import { ThriftReader } from "./thrift-compact.ts";

/** What the first bytes of a footer, its version and its schema, stand for. */
interface KnownColumns {
  readonly start: Uint8Array;
  readonly columns: readonly ParquetNode[];
}

/** Reads the columns of files; see `ParquetEngine.columns`. What was read lately is remembered. */
export function columnsReader(): (paths: readonly string[]) => Promise<readonly (readonly ParquetNode[])[]> {
  let known: readonly KnownColumns[] = [];
  const read = (file: ParquetBytes): readonly ParquetNode[] => {
    const { byteOffset, sizeBytes } = footerRange(file);
    const longest = known.reduce((length, { start }) => Math.max(length, start.length), 0);
    const start = file.range(byteOffset, Math.min(longest, sizeBytes));
    const found = known.find((each) => startsWith(start, each.start));
    if (found !== undefined) return found.columns;
    const parsed = parseColumns(file.range(byteOffset, sizeBytes));
    known = [parsed, ...known.slice(0, knownCountMax - 1)];
    return parsed.columns;
  };
  return async (paths) => {
    const all: (readonly ParquetNode[])[] = [];
    for (const path of paths) {
      all.push(withParquetBytes(path, read));
      if (all.length % filesAtOnce === 0) await new Promise(setImmediate);
    }
    return all;
  };
}

/** A file is looked at within some ten microseconds, during which nothing else happens. */
const filesAtOnce = 256;

/** Kinds of files that a process reads by turns; each costs some KiB. */
const knownCountMax = 16;

const startsWith = (bytes: Uint8Array, start: Uint8Array): boolean =>
  bytes.length >= start.length && Buffer.compare(bytes.subarray(0, start.length), start) === 0;

function parseColumns(footer: Uint8Array): KnownColumns {
  const reader = new ThriftReader(footer);
  const elements: SchemaElement[] = [];
  let end = footer.length;
  reader.eachField((id) => {
    if (id !== 2) return false;
    reader.eachElement(() => void elements.push(readElement(reader)));
    end = reader.at;
    return true;
  });
  return { start: footer.slice(0, end), columns: treeOf(elements) };
}
