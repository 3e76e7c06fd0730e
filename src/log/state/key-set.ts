// log/state/key-set.ts: a set of many whole numbers in sixteen bytes each, where a Set would take five times that.

/** Whole numbers from 0 to 2^53 - 1. */
export class KeySet {
  #slots: Float64Array;
  #count = 0;

  /** @param expectedCount room made beforehand; the set grows when there are more */
  constructor(expectedCount: number) {
    this.#slots = emptySlots(Math.max(16, expectedCount * 2));
  }

  /** Adds a number; false when it was there already. */
  add(key: number): boolean {
    if ((this.#count + 1) * 3 > this.#slots.length * 2) this.#grow();
    const slot = slotOf(this.#slots, key);
    if (this.#slots[slot] === key) return false;
    this.#slots[slot] = key;
    this.#count += 1;
    return true;
  }

  /** True when the number was added. */
  has(key: number): boolean {
    return this.#slots[slotOf(this.#slots, key)] === key;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = emptySlots(before.length * 2);
    for (const key of before) if (key >= 0) this.#slots[slotOf(this.#slots, key)] = key;
  }
}

const emptySlots = (atLeast: number): Float64Array => new Float64Array(2 ** Math.ceil(Math.log2(atLeast))).fill(-1);

/** The slot that holds the key, or the free one where it belongs. */
function slotOf(slots: Float64Array, key: number): number {
  let slot = key % slots.length;
  while (slots[slot] !== key && slots[slot] !== -1) slot = (slot + 1) % slots.length;
  return slot;
}
