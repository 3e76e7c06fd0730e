// engine/base/own-value.ts: columns may have any name, `__proto__` and `constructor` too; objects of rows must bear that.

/** The value of a key that the object itself has; never one that all objects inherit. */
export function ownValue(object: object, key: string): unknown {
  const isInherited = key in Object.prototype && !Object.hasOwn(object, key);
  return isInherited ? undefined : (object as Record<string, unknown>)[key];
}

/** Sets a key of the object itself. */
export function setOwnValue(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else object[key] = value;
}
