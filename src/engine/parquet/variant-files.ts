// engine/parquet/variant-files.ts: Parquet files whose variants are plain structs of two binaries, made from files as writers write them.
import { constants } from "node:fs";
import { copyFile, open } from "node:fs/promises";
import { join } from "node:path";
import { AlluviumError } from "../../format/text/error.ts";
import type { SqlEngine, VariantFiles } from "../base/engine.ts";
import { ioError } from "../base/io-error.ts";
import { sqlLiteral, sqlParquetFiles } from "../base/sql-quote.ts";
import { temporaryDirectory } from "../files/temporary-directory.ts";
import type { TemporaryDirectory } from "../files/temporary-directory.ts";
import { footerColumns, markVariants } from "./variant-footer.ts";
import type { FooterColumn } from "./variant-footer.ts";
import { reassembledFile } from "./variant-sql.ts";

/** Files with plain variants; copies lie in the system's place for temporary files until `close`. */
export function localVariantFiles(sql: SqlEngine): VariantFiles {
  return new LocalVariantFiles(sql);
}

/** The footer of a file, and where it begins. */
interface Footer {
  readonly bytes: Uint8Array;
  readonly byteOffset: number;
}

class LocalVariantFiles implements VariantFiles {
  readonly #sql: SqlEngine;
  /** By path, size and time of the original: a data file never changes, but a name may be used again. */
  readonly #made = new Map<string, Promise<string>>();
  #directory: Promise<TemporaryDirectory> | undefined;
  #count = 0;

  constructor(sql: SqlEngine) {
    this.#sql = sql;
  }

  async plain(path: string): Promise<string> {
    const key = await identityOf(path);
    if (key === null) return path;
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const making = this.#make(path);
    this.#made.set(key, making);
    making.catch(() => this.#made.delete(key));
    return making;
  }

  async close(): Promise<void> {
    const directory = await this.#directory?.catch(() => undefined);
    this.#directory = undefined;
    this.#made.clear();
    await directory?.[Symbol.asyncDispose]();
  }

  async #make(path: string): Promise<string> {
    const found = await readVariants(path);
    if (found === null) return path;
    const { footer, columns } = found;
    const all = columns.flatMap(withNested);
    const isShredded = all.some((column) => column.variant === "shredded");
    if (!isShredded && !all.some((column) => column.isMarked)) return path;
    const plain = all.some((column) => column.isMarked) ? await this.#copy(path, footer, "none") : path;
    if (!isShredded) return plain;
    const isMarked = all.every((column) => column.variant !== "shredded" || column.isMarked);
    const marked = isMarked ? path : await this.#copy(path, footer, "all");
    const target = await this.#nextPath();
    await using connection = await this.#sql.connect();
    const { select, fieldIds } = reassembledFile(columns);
    const from = `${sqlParquetFiles([marked])} AS whole POSITIONAL JOIN ${sqlParquetFiles([plain])} AS parts`;
    const ids = fieldIds === null ? "" : `, FIELD_IDS ${fieldIds}`;
    await connection.run(`COPY (SELECT ${select} FROM ${from}) TO ${sqlLiteral(target)} (FORMAT parquet${ids})`);
    return target;
  }

  async #copy(path: string, footer: Footer, mark: "none" | "all"): Promise<string> {
    const target = await this.#nextPath();
    try {
      await copyFile(path, target, constants.COPYFILE_FICLONE);
      await using file = await open(target, "r+");
      const bytes = markVariants(footer.bytes, mark);
      const tail = Buffer.alloc(tailSizeBytes);
      tail.writeUInt32LE(bytes.length, 0);
      tail.write("PAR1", 4, "latin1");
      await file.truncate(footer.byteOffset);
      await file.write(Buffer.concat([bytes, tail]), 0, bytes.length + tailSizeBytes, footer.byteOffset);
      return target;
    } catch (cause) {
      throw ioError("copy", path, cause);
    }
  }

  async #nextPath(): Promise<string> {
    this.#directory ??= temporaryDirectory();
    this.#count += 1;
    const name = `${this.#count}.parquet`;
    return join((await this.#directory).path, name);
  }
}

const tailSizeBytes = 8;

async function identityOf(path: string): Promise<string | null> {
  try {
    await using file = await open(path, "r");
    const { size, mtimeMs, ino } = await file.stat();
    return [path, size, mtimeMs, ino].join("\0");
  } catch {
    return null; // whoever reads the file says what is wrong with it
  }
}

/** Null for a file without variants, and for one that is damaged: whoever reads it says so. */
async function readVariants(path: string): Promise<{ footer: Footer; columns: readonly FooterColumn[] } | null> {
  try {
    const footer = await readFooter(path);
    return footer === null ? null : { footer, columns: footerColumns(footer.bytes) };
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause instanceof AlluviumError ? cause : ioError("read", path, cause);
  }
}

async function readFooter(path: string): Promise<Footer | null> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const tail = Buffer.alloc(tailSizeBytes);
  if (size < 2 * tailSizeBytes) return null;
  await file.read(tail, 0, tailSizeBytes, size - tailSizeBytes);
  const byteOffset = size - tailSizeBytes - tail.readUInt32LE(0);
  if (tail.toString("latin1", 4) !== "PAR1" || byteOffset < 4) return null;
  const bytes = Buffer.alloc(size - tailSizeBytes - byteOffset);
  await file.read(bytes, 0, bytes.length, byteOffset);
  return { bytes, byteOffset };
}

function withNested(column: FooterColumn): readonly FooterColumn[] {
  return column.variant === "none" ? [column, ...column.children.flatMap(withNested)] : [column];
}
