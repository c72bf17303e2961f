import type { JsonObject } from '../api/client.ts';

/** What a watch has told of a part of a namespace. */
export interface WatchedSet {
  /** All that is there. */
  readonly objects: readonly JsonObject[];
  /** What was there before and is not any more, as it was last seen. */
  readonly vanished: readonly JsonObject[];
  /** After a change: what of `objects` is new or other than before, so that nobody has to go through all of them. */
  readonly touched?: readonly JsonObject[];
  readonly kind?: 'synced' | 'changed';
}

/** An object that has come (no `before`), has changed, or is gone (no `after`). */
export interface ObjectChange {
  readonly before: JsonObject | undefined;
  readonly after: JsonObject | undefined;
}

/** Objects of one kind as they were last told, and what each telling has changed. */
export class ObjectsByUid {
  readonly #objects = new Map<string, JsonObject>();

  values(): IterableIterator<JsonObject> {
    return this.#objects.values();
  }

  /** What a list does not name is gone; a change says itself what is. */
  take({ objects, vanished, touched, kind = 'synced' }: WatchedSet): readonly ObjectChange[] {
    const isChange = kind === 'changed' && touched !== undefined;
    const present = isChange ? touched : objects;
    const gone = isChange ? vanished.map(uidOf) : this.#missingIn(objects);
    return [
      ...gone.map((uid) => this.#put(uid, undefined)),
      ...present.map((object) => this.#put(uidOf(object), object)),
    ].filter(({ before, after }) => before !== after);
  }

  #missingIn(objects: readonly JsonObject[]): readonly string[] {
    const there = new Set(objects.map(uidOf));
    return [...this.#objects.keys()].filter((uid) => !there.has(uid));
  }

  #put(uid: string, after: JsonObject | undefined): ObjectChange {
    const before = this.#objects.get(uid);
    if (after === undefined) this.#objects.delete(uid);
    else this.#objects.set(uid, after);
    return { before, after };
  }
}

export const uidOf = (object: JsonObject): string =>
  (object as { readonly metadata: { readonly uid: string } }).metadata.uid;
