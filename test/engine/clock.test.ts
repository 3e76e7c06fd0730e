// Time: the system's and the test's.
import { expect, test } from "vitest";
import { systemClock } from "../../src/engine/base/clock.ts";
import { manualClock } from "./manual-clock.ts";

test("a sleep lasts at least as long as asked, and ends at once without a rejection when it is aborted", async () => {
  const clock = systemClock();
  const start = clock.monotonicMs();
  await clock.sleep(20);
  expect(clock.monotonicMs() - start).toBeGreaterThanOrEqual(19);
  const abort = new AbortController();
  const long = clock.sleep(60_000, abort.signal);
  abort.abort();
  await long;
  await clock.sleep(60_000, abort.signal);
  expect(clock.monotonicMs() - start).toBeLessThan(30_000);
});

test("a sleep longer than timers can hold does not end at once", async () => {
  const abort = new AbortController();
  let isOver = false;
  const long = systemClock()
    .sleep(2 ** 40, abort.signal)
    .then(() => (isOver = true));
  await systemClock().sleep(20);
  expect(isOver).toBe(false);
  abort.abort();
  await long;
});

test("the manual clock wakes sleepers in their order, as time is let pass", async () => {
  const clock = manualClock(1000);
  const woken: string[] = [];
  void clock.sleep(20).then(() => woken.push("late"));
  void clock.sleep(10).then(() => woken.push("early"));
  await clock.advance(9);
  expect(woken).toEqual([]);
  await clock.advance(11);
  expect(woken).toEqual(["early", "late"]);
  expect(clock.nowMs()).toBe(1020);
});
