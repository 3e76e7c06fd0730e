// format/value/text-bound.ts: cutting text for statistics without making a bound wrong. PROTOCOL.md, "Per-file Statistics".

/** At most `length` code points of a smallest text: a prefix, so never above it. No code point is split. */
export function truncateMin(text: string, length: number = defaultLength): string {
  return text.length <= length ? text : text.slice(0, unitsOf(text, length));
}

/**
 * A text that is not below a largest text, in UTF-8 order, and has about `length` code points: a prefix and then the
 * greatest character, U+007F where that is enough, else U+10FFFF.
 * @returns null when no such text is shorter than twice `length`
 */
export function truncateMax(text: string, length: number = defaultLength): string | null {
  if (text.length <= length) return text;
  if (length === 0) return null;
  let end = unitsOf(text, length);
  for (let count = length; count <= 2 * length; count += 1) {
    const next = text.codePointAt(end);
    if (next === undefined) return text;
    if (next < asciiMax) return text.slice(0, end) + String.fromCharCode(asciiMax);
    if (next < unicodeMax) return text.slice(0, end) + String.fromCodePoint(unicodeMax);
    // Nothing is above U+10FFFF: keep it, and look at what comes after.
    end += 2;
  }
  return null;
}

const defaultLength = 32;
const asciiMax = 0x7f;
const unicodeMax = 0x10ffff;

// Code units of the first `length` code points.
function unitsOf(text: string, length: number): number {
  let end = 0;
  for (let count = 0; count < length && end < text.length; count += 1) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return end;
}
