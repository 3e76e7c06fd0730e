// engine/files/byte-source.ts: bytes that pass by once, a piece at a time: a file, standard input, or bytes at hand.
import { type FileHandle, open } from "node:fs/promises";
import { errnoOf, fileNotFound, ioError } from "../base/io-error.ts";

/** Bytes in pieces. */
export type ByteSource = AsyncIterable<Uint8Array>;

/** A file's bytes. @throws AlluviumError `FILE_NOT_FOUND`, `IO_ERROR` when it is read */
export async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    for (;;) {
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.allocUnsafe(pieceBytes) });
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (cause) {
    throw errnoOf(cause) === "ENOENT" ? fileNotFound(path, cause) : ioError("read", path, cause);
  } finally {
    await handle?.close(); // a stream would close it some time later
  }
}

/** What a person pipes into the process. */
export async function* standardInputBytes(): AsyncGenerator<Uint8Array> {
  for await (const piece of process.stdin) yield piece as Uint8Array;
}

/** Bytes at hand. */
export async function* bytesAtHand(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const pieceBytes = 2 ** 20;

/** All of them together. */
export async function allBytes(source: ByteSource): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A file that is open for reading at any place. */
export interface OpenFile extends AsyncDisposable {
  /** Node's own handle, for libraries that read by it. */
  readonly handle: object;
}

/** @throws AlluviumError `FILE_NOT_FOUND`, `IO_ERROR` */
export async function openFile(path: string): Promise<OpenFile> {
  try {
    const handle = await open(path, "r");
    return { handle, [Symbol.asyncDispose]: () => handle.close().catch(() => undefined) };
  } catch (cause) {
    throw errnoOf(cause) === "ENOENT" ? fileNotFound(path, cause) : ioError("open", path, cause);
  }
}
