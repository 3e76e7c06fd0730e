// writer/data-file-name.ts: fresh names of data files, in Spark's form: part-00000-<uuid>-c000.snappy.parquet.
import { compressionCodecs } from "../format/text/property-value.ts";

/** The name of the file number `index` (from 0) of one write, whose id is unique. */
export function dataFileName(writeId: string, index: number, codec: string = "snappy"): string {
  return `part-${String(index).padStart(5, "0")}-${writeId}-c000${codecSuffix(codec)}.parquet`;
}

/**
 * The same as a pattern of DuckDB, which counts the files of a folder in place of `{i}`, and adds `.parquet`.
 * @param part number of the statement within the write, from 0
 */
export function dataFilePattern(writeId: string, codec: string, part: number): string {
  return `part-${String(part).padStart(5, "0")}-${writeId}-c00{i}${codecSuffix(codec)}`;
}

/** The codec as DuckDB names it; snappy for one that it does not have. */
export function duckdbCodec(codec: string | null): string {
  if (codec === null || !compressionCodecs.includes(codec)) return "snappy";
  if (codec === "none") return "uncompressed";
  return codec === "lz4" ? "lz4_raw" : codec;
}

function codecSuffix(codec: string): string {
  if (codec === "uncompressed") return "";
  return codec === "gzip" ? ".gz" : `.${codec}`;
}
