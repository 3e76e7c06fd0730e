// format/vector/roaring-container.ts: 65536 neighbouring numbers of a Roaring bitmap, in the form that is short for them.

/** A run of consecutive numbers, both ends inside. */
export interface Run {
  readonly first: number;
  readonly last: number;
}

/** Takes a run, both ends inside. */
export type RunVisitor = (first: number, last: number) => void;

/** Numbers of a container, counted from its base, ascending. */
export type Members =
  | { readonly kind: "list"; readonly values: Uint16Array }
  /** 2048 words of 32 bits, the lowest bit first. */
  | { readonly kind: "bitmap"; readonly words: Uint32Array }
  /** Pairs of first number and length - 1; a run may touch the next. */
  | { readonly kind: "runs"; readonly pairs: Uint16Array };

/** Some of the numbers from `base`, a multiple of 65536, up to `base + 65535`. */
export interface Container {
  readonly base: number;
  /** At least 1. */
  readonly cardinality: number;
  readonly members: Members;
}

/** Numbers of a container are below this. */
export const containerLength = 65_536;
/** A list of more numbers is longer than a bitmap. */
export const listCardinalityMax = 4096;
/** Words of a bitmap. */
export const wordCount: number = containerLength / 32;

/** The runs of a container as its form has them: those of a list are single numbers. */
export function visitContainer({ base, members }: Container, visit: RunVisitor): void {
  switch (members.kind) {
    case "list":
      for (const value of members.values) visit(base + value, base + value);
      return;
    case "runs":
      for (let at = 0; at < members.pairs.length; at += 2) {
        const first = base + (members.pairs[at] ?? 0);
        visit(first, first + (members.pairs[at + 1] ?? 0));
      }
      return;
    case "bitmap":
      visitBitmap(base, members.words, visit);
  }
}

function visitBitmap(base: number, words: Uint32Array, visit: RunVisitor): void {
  let first = -1;
  for (let index = 0; index < wordCount; index += 1) {
    const word = words[index] ?? 0;
    // Each bit that is another than the one before it.
    let changes = word ^ ((word << 1) | (first < 0 ? 0 : 1));
    while (changes !== 0) {
      const number = base + index * 32 + 31 - Math.clz32(changes & -changes);
      changes &= changes - 1;
      if (first >= 0) visit(first, number - 1);
      first = first < 0 ? number : -1;
    }
  }
  if (first >= 0) visit(first, base + containerLength - 1);
}

/** How many runs a container's numbers are, where those that touch are one. */
export function runCountOf({ members }: Container): number {
  let [count, before] = [0, -2];
  switch (members.kind) {
    case "list":
      for (const value of members.values) {
        if (value !== before + 1) count += 1;
        before = value;
      }
      return count;
    case "runs":
      for (let at = 0; at < members.pairs.length; at += 2) {
        const first = members.pairs[at] ?? 0;
        if (first !== before + 1) count += 1;
        before = first + (members.pairs[at + 1] ?? 0);
      }
      return count;
    case "bitmap": {
      const starts = new Uint32Array(wordCount);
      let carry = 0;
      for (let index = 0; index < wordCount; index += 1) {
        const word = members.words[index] ?? 0;
        starts[index] = word & ~((word << 1) | carry);
        carry = word >>> 31;
      }
      return countBits(starts);
    }
  }
}

/** The greatest number, counted from the base. */
export function lastOf(members: Members): number {
  switch (members.kind) {
    case "list":
      return members.values.at(-1) ?? -1;
    case "runs":
      return (members.pairs.at(-2) ?? 0) + (members.pairs.at(-1) ?? 0);
    case "bitmap": {
      const index = members.words.findLastIndex((word) => word !== 0);
      return index * 32 + 31 - Math.clz32(members.words[index] ?? 0);
    }
  }
}

/** How many bits of the words are 1. */
export function countBits(words: Uint32Array): number {
  let count = 0;
  for (let index = 0; index < words.length; index += 1) {
    let word = words[index] ?? 0;
    word -= (word >>> 1) & 0x5555_5555;
    word = (word & 0x3333_3333) + ((word >>> 2) & 0x3333_3333);
    count += Math.imul((word + (word >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
  }
  return count;
}

/** A container's numbers as a bitmap of their own. */
export function wordsOf({ members }: Container): Uint32Array {
  const words = new Uint32Array(wordCount);
  setWords(words, members);
  return words;
}

/** Sets the bits of some numbers besides those that are set. */
export function setWords(words: Uint32Array, members: Members): void {
  switch (members.kind) {
    case "list":
      for (const value of members.values) words[value >> 5] = (words[value >> 5] ?? 0) | (1 << (value & 31));
      return;
    case "bitmap":
      for (let index = 0; index < wordCount; index += 1)
        words[index] = (words[index] ?? 0) | (members.words[index] ?? 0);
      return;
    case "runs":
      for (let at = 0; at < members.pairs.length; at += 2) {
        const first = members.pairs[at] ?? 0;
        setRange(words, first, first + (members.pairs[at + 1] ?? 0));
      }
  }
}

function setRange(words: Uint32Array, first: number, last: number): void {
  const [from, to] = [first >> 5, last >> 5];
  const [head, tail] = [-1 << (first & 31), -1 >>> (31 - (last & 31))];
  if (from === to) {
    words[from] = (words[from] ?? 0) | (head & tail);
    return;
  }
  words[from] = (words[from] ?? 0) | head;
  words.fill(0xffff_ffff, from + 1, to);
  words[to] = (words[to] ?? 0) | tail;
}

/** In the shorter of the two forms that need no look at runs; null of nothing. */
export function containerOf(base: number, words: Uint32Array): Container | null {
  const cardinality = countBits(words);
  if (cardinality === 0) return null;
  if (cardinality > listCardinalityMax) return { base, cardinality, members: { kind: "bitmap", words } };
  const values = new Uint16Array(cardinality);
  let count = 0;
  visitBitmap(0, words, (first, last) => {
    for (let value = first; value <= last; value += 1, count += 1) values[count] = value;
  });
  return { base, cardinality, members: { kind: "list", values } };
}
