// session/plan/frame-arguments.ts: arguments of a frame's transformations, checked when they are given.
import { AlluviumError } from "../../format/text/error.ts";
import { parseInterval } from "../../format/text/interval.ts";

/** @throws AlluviumError `INVALID_ARGUMENT` unless `count` is a whole number from 0 */
export function checkLimit(count: number): void {
  if (Number.isSafeInteger(count) && count >= 0) return;
  throw new AlluviumError("INVALID_ARGUMENT", { count }, `limit takes a whole number from 0, not ${count}`);
}

/** A share of the rows in percent. @throws AlluviumError `INVALID_ARGUMENT` unless `fraction` is from 0 to 1 */
export function samplePercent(fraction: number): string {
  if (fraction >= 0 && fraction <= 1) return (fraction * 100).toFixed(10);
  throw new AlluviumError("INVALID_ARGUMENT", { fraction }, `sample takes a share from 0 to 1, not ${fraction}`);
}

/** Milliseconds of a watermark's delay. @throws AlluviumError `CANNOT_PARSE_INTERVAL` */
export function watermarkDelayMs(delay: string): number {
  const delayMs = parseInterval(delay);
  if (delayMs !== null && delayMs >= 0) return delayMs;
  const message = `a delay is a time span such as "10 minutes", not ${JSON.stringify(delay)}`;
  throw new AlluviumError("CANNOT_PARSE_INTERVAL", { delay }, message);
}

/** @throws AlluviumError `INVALID_ARGUMENT` for what cannot name a view */
export function checkViewName(name: string): void {
  if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) return;
  const message = `${JSON.stringify(name)} is no name of a view: letters, digits and _`;
  throw new AlluviumError("INVALID_ARGUMENT", { name }, message);
}
