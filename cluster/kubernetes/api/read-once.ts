import type { JsonObject } from './client.ts';

/**
 * Reads an object at most once. A watched set is told in full at each change, and all but one object of it are the same as
 * before: reading all of them each time would take the longer the more runs there are.
 */
export function readOnce<T>(parse: (object: JsonObject) => T): (object: JsonObject) => T {
  const known = new WeakMap<JsonObject, T>();
  return (object) => {
    const read = known.get(object) ?? parse(object);
    known.set(object, read);
    return read;
  };
}
