// engine/base/warning.ts: telling of something that went wrong and harmed nothing.

/** Tells it as Node tells its own warnings: on standard error, once, or to whoever listens for `warning` of the process. */
export function warn(message: string, code: string): void {
  process.emitWarning(message, { type: "AlluviumWarning", code });
}
