// bench/operations/open.ts: opening a table as a program does that has the package, as it is published, and nothing else.
import { resolve } from "node:path";
import { age } from "../age.ts";
import type { Arguments } from "../arguments.ts";
import { emitRepeated } from "../meter.ts";
import { published } from "../published.ts";

/** `open table= [version=] [anew=1]`; `anew` opens it as one that the process does not know yet. */
export async function open(words: Arguments): Promise<void> {
  const { DeltaTable } = await published();
  const path = resolve(words.text("table"));
  const at = words.has("version") ? { version: words.number("version") } : {};
  await emitRepeated({
    workload: "open",
    repeat: words.number("repeat", 3),
    work: async () => {
      if (words.has("anew")) age(path);
      await using table = await DeltaTable.open(path, at);
      return table.version;
    },
    figures: (version) => ({ version }),
  });
}
