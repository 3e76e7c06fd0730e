// bench/published.ts: the package as it is published, for what is measured from the start of a process.
import type * as alluvium from "../src/index.ts";

/** Loads it; `npm run bench` has bundled it before. */
export async function published(): Promise<typeof alluvium> {
  return (await import(new URL("../package/index.js", import.meta.url).href)) as typeof alluvium;
}
