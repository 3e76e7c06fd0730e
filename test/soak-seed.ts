// Gives every property of a soak run the seed of the run in place of its own fixed one.
import type fastCheck from "fast-check";
import type { IRawProperty, Parameters } from "fast-check";
import { vi } from "vitest";

const seed = Number(process.env["ALLUVIUM_SOAK_SEED"] ?? 1);

vi.mock("fast-check", async (importOriginal) => {
  const original = await importOriginal<{ readonly default: typeof fastCheck }>();
  // The overloads of `assert` come to this one.
  const assert = ((property: IRawProperty<unknown>, parameters?: Parameters<unknown>) =>
    original.default.assert(property, { ...parameters, seed })) as typeof fastCheck.assert;
  return { ...original, assert, default: { ...original.default, assert } };
});
