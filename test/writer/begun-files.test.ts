// Files whose way to the disk is not over when the next step of a write begins.
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { joinBegunFiles } from "../../src/writer/data-file-writer.ts";

test("a sync that fails before the commit waits for it is heard by the commit, and does not end the process", async () => {
  const unheard: unknown[] = [];
  const listen = (reason: unknown): void => void unheard.push(reason);
  process.on("unhandledRejection", listen);
  try {
    const failed = Promise.reject(new Error("disk gone"));
    failed.catch(() => undefined);
    const none = { adds: [], rowCount: 2, sizeBytes: 3 };
    const joined = joinBegunFiles([
      { ...none, ready: failed },
      { ...none, ready: Promise.resolve() },
    ]);
    await setImmediate();
    await setImmediate();
    expect(unheard).toEqual([]);
    await expect(joined.ready).rejects.toThrow("disk gone");
    expect([joined.rowCount, joined.sizeBytes]).toEqual([4, 6]);
  } finally {
    process.off("unhandledRejection", listen);
  }
});
