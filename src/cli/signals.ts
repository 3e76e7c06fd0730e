// cli/signals.ts: SIGINT and SIGTERM as a promise.

/** Resolves once at the first signal; the handlers go when it is disposed. */
export interface SignalWait extends Disposable {
  readonly received: Promise<void>;
}

/** Waits for SIGINT or SIGTERM. */
export function untilSignal(): SignalWait {
  let resolve: () => void = () => {};
  const received = new Promise<void>((done) => {
    resolve = done;
  });
  const names = ["SIGINT", "SIGTERM"] as const;
  for (const name of names) process.once(name, resolve);
  return {
    received,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, resolve);
    },
  };
}
