// What a writing process puts into one commit: rows that tell how many of them there must be.

/** One row of a group. */
export type GroupRow = Readonly<{ writer: string; grp: bigint; item: number; size: number }>;

/** The rows of a group: items 0 to size - 1; the size depends on the group, and is 2 at least. */
export function groupRows(writer: string, group: number): readonly GroupRow[] {
  const size = 2 + ((group * 7) % 5);
  return Array.from({ length: size }, (_, item) => ({ writer, grp: BigInt(group), item, size }));
}
