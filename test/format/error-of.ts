// test/format/error-of.ts: the AlluviumError that a call throws.
import { AlluviumError } from "../../src/format/text/error.ts";

/** The error; anything else thrown, or nothing thrown, fails the test. */
export function errorOf(run: () => unknown): AlluviumError {
  try {
    run();
  } catch (error) {
    if (error instanceof AlluviumError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
