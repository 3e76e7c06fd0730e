// Any sequence of batches, crashes and restarts gives each source row once. Doubles stand for source and sink, files are real.
import * as fc from "fast-check";
import { test } from "vitest";
import type { Trigger } from "../../src/stream/plan/trigger.ts";
import { Bench, CountingSource, testEngine } from "./query-doubles.ts";

type Step =
  | { readonly kind: "add"; readonly count: number; readonly withEmpty: boolean }
  | {
      readonly kind: "run";
      readonly limit: number;
      readonly trigger: Trigger;
      readonly crash: { readonly at: "before" | "after" | "never"; readonly batch: number };
    }
  | { readonly kind: "stop"; readonly turns: number; readonly limit: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("add" as const), count: fc.integer({ min: 1, max: 6 }), withEmpty: fc.boolean() }),
  fc.record({
    kind: fc.constant("run" as const),
    limit: fc.integer({ min: 1, max: 4 }),
    trigger: fc.constantFrom<Trigger>({ kind: "once" }, { kind: "availableNow" }),
    crash: fc.record({ at: fc.constantFrom("before", "after", "never"), batch: fc.integer({ min: 0, max: 8 }) }),
  }),
  fc.record({
    kind: fc.constant("stop" as const),
    turns: fc.integer({ min: 0, max: 30 }),
    limit: fc.integer({ min: 1, max: 4 }),
  }),
);

test("any sequence of batches, crashes, stops and restarts gives each source row once, in order", async () => {
  const engine = testEngine();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const bench = new Bench(new CountingSource(0), engine);
      for (const each of steps) await take(bench, each);
      bench.source.limit = 3;
      bench.sink.before = null;
      bench.sink.after = null;
      await bench.drain();
      const expected = Array.from({ length: bench.source.count }, (_, index) => index + 1).filter(
        (item) => !bench.source.empties.has(item),
      );
      if (JSON.stringify(bench.sink.items) !== JSON.stringify(expected))
        throw new Error(`${JSON.stringify(bench.sink.items)} instead of ${JSON.stringify(expected)}`);
      // One id a batch, no gap: what one run promised the next one kept.
      const ids = [...bench.sink.batches.keys()];
      if (ids.some((id, index) => id !== index)) throw new Error(`batches ${ids.join()}`);
    }),
    { seed: 20, numRuns: 150 },
  );
});

async function take(bench: Bench, each: Step): Promise<void> {
  switch (each.kind) {
    case "add":
      if (each.withEmpty) bench.source.empties.add(bench.source.count + 1);
      bench.source.add(each.count);
      return;
    case "run": {
      bench.source.limit = each.limit;
      const die = (id: number): void => {
        if (id === each.crash.batch) throw new Error("crash");
      };
      bench.sink.before = each.crash.at === "before" ? die : null;
      bench.sink.after = each.crash.at === "after" ? die : null;
      const query = await bench.start({ trigger: each.trigger });
      await query.awaitTermination().catch((error: Error) => {
        if (!error.message.includes("crash")) throw error;
      });
      return;
    }
    case "stop": {
      bench.source.limit = each.limit;
      bench.sink.before = null;
      bench.sink.after = null;
      const query = await bench.start();
      for (let turn = 0; turn < each.turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await query.stop();
    }
  }
}
