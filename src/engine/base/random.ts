// engine/base/random.ts: chance.
import { randomUUID } from "node:crypto";
import type { Random } from "./engine.ts";

/** The system's source of randomness. */
export function systemRandom(): Random {
  return { uuid: () => randomUUID() };
}
