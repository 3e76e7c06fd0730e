// format/text/z85.ts: bytes as printable text, five characters for four bytes. ZeroMQ RFC 32, "Z85".

/**
 * Decodes text; null when it is no Z85: its length is no multiple of five, or a character is out of range.
 */
export function decodeZ85(text: string): Uint8Array | null {
  if (text.length % charactersPerGroup !== 0) return null;
  const bytes = new Uint8Array((text.length / charactersPerGroup) * bytesPerGroup);
  const view = new DataView(bytes.buffer);
  for (let group = 0; group * charactersPerGroup < text.length; group += 1) {
    let value = 0;
    for (let index = 0; index < charactersPerGroup; index += 1) {
      const digit = digits[text.charCodeAt(group * charactersPerGroup + index)] ?? -1;
      if (digit < 0) return null;
      value = value * alphabet.length + digit;
    }
    // A group beyond 32 bits wraps around, as in the reference implementation: there are tables with such text.
    view.setUint32(group * bytesPerGroup, value);
  }
  return bytes;
}

/** Encodes bytes, which are filled up with zeros to a multiple of four. */
export function encodeZ85(bytes: Uint8Array): string {
  const padded = new Uint8Array(Math.ceil(bytes.length / bytesPerGroup) * bytesPerGroup);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  let text = "";
  for (let offset = 0; offset < padded.length; offset += bytesPerGroup) {
    let value = view.getUint32(offset);
    let group = "";
    for (let index = 0; index < charactersPerGroup; index += 1) {
      group = alphabet.charAt(value % alphabet.length) + group;
      value = Math.floor(value / alphabet.length);
    }
    text += group;
  }
  return text;
}

const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const charactersPerGroup = 5;
const bytesPerGroup = 4;

const digits = new Int8Array(128).fill(-1);
for (let index = 0; index < alphabet.length; index += 1) digits[alphabet.charCodeAt(index)] = index;
