// format/text/remembered.ts: what follows from an object alone is worked out once for it, and forgotten with it.

/** A function of an object that nothing changes, whose answers are kept as long as the object is. */
export function remembered<K extends object, V>(work: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    let found = known.get(key);
    if (found === undefined) known.set(key, (found = { value: work(key) }));
    return found.value;
  };
}
