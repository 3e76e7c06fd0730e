// log/checkpoint/md5.ts: the digest that Delta's protocol takes of `_last_checkpoint`. PROTOCOL.md, "JSON checksum".
import { createHash } from "node:crypto";

/** MD5 of a text's UTF-8 bytes, as 32 lower-case hexadecimal digits. */
export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
