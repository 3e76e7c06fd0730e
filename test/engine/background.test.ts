// Work beside the caller's.
import { expect, test } from "vitest";
import { oneAtATime } from "../../src/engine/base/background.ts";

test("works that are begun at one moment run one after the other, and the end of all is waited for", async () => {
  const background = oneAtATime();
  const seen: string[] = [];
  const work = (name: string) => async (): Promise<void> => {
    seen.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.push(`${name} ends`);
    throw new Error("a work that fails holds nobody up");
  };
  await Promise.all([background.start(work("a")), background.start(work("b")), background.start(work("c"))]);
  await background.finish();
  expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});

test("the first work keeps nobody waiting", async () => {
  const background = oneAtATime();
  let goOn = (): void => {};
  const blocked = new Promise<void>((resolve) => (goOn = resolve));
  await background.start(() => blocked);
  goOn();
  await background.finish();
});
