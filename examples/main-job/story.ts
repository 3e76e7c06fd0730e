// examples/main-job/story.ts: what the main job tells the person who watches.

const startMs = performance.now();

/** A heading. */
export function chapter(title: string): void {
  console.log(`\n${title}`);
}

/** One line, with the seconds since the start. */
export function tell(text: string): void {
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1).padStart(5);
  console.log(`${seconds} s  ${text}`);
}

/** A whole number with thousands separated. */
export function number(value: number | bigint): string {
  return value.toLocaleString("en-US");
}
