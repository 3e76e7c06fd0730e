// format/schema/column-list.ts: lists of column paths as Spark's SQL spells them: "a, b.c, `odd,name`.d".

/** The paths, or null when the text is no such list. An empty text is an empty list; ` `` ` stands for one backtick. */
export function parseColumnList(text: string): readonly (readonly string[])[] | null {
  if (text.trim() === "") return [];
  const paths: string[][] = [[]];
  let position = 0;
  for (;;) {
    const part = /\s*(?:`((?:[^`]|``)+)`|([\p{L}\p{N}_$-]+))\s*/uy;
    part.lastIndex = position;
    const match = part.exec(text);
    if (match === null) return null;
    paths.at(-1)?.push(match[1]?.replaceAll("``", "`") ?? match[2] ?? "");
    position = part.lastIndex;
    if (position === text.length) return paths;
    if (text[position] === ",") paths.push([]);
    else if (text[position] !== ".") return null;
    position += 1;
  }
}
