// A cache that forgets what was used longest ago. It keeps memory flat while years pass; what it forgets is made again.

export interface BoundedCache<T> {
  get(key: string, make: () => T): T;
}

export function createBoundedCache<T>(capacity: number): BoundedCache<T> {
  const entries = new Map<string, { value: T }>();
  return {
    get: (key, make) => {
      const held = entries.get(key);
      if (held !== undefined) {
        entries.delete(key);
        entries.set(key, held);
        return held.value;
      }
      const made = make();
      entries.set(key, { value: made });
      if (entries.size > capacity) {
        const oldest = entries.keys().next();
        if (!oldest.done) entries.delete(oldest.value);
      }
      return made;
    },
  };
}

/** One `V` per owner, gone with its owner: caches of pure results without a place of their own. */
export function createPerOwner<K extends object, V>(make: () => V): (owner: K) => V {
  const held = new WeakMap<K, V>();
  return (owner) => {
    let value = held.get(owner);
    if (value === undefined) {
      value = make();
      held.set(owner, value);
    }
    return value;
  };
}
