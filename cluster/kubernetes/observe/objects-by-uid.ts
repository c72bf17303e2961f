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
  take(set: WatchedSet): readonly ObjectChange[] {
    const gone = set.kind === 'changed' ? set.vanished.map(uidOf) : this.#missingIn(set.objects);
    return [
      ...gone.map((uid) => this.#put(uid, undefined)),
      ...toldIn(set).map((object) => this.#put(uidOf(object), object)),
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

/** As it was, and as it is. */
export const sidesOf = ({ before, after }: ObjectChange): readonly JsonObject[] =>
  [before, after].filter((object) => object !== undefined);

/** What may be new: of a change what it touched, of a list all of it. */
export const toldIn = ({ objects, touched = objects, kind }: WatchedSet): readonly JsonObject[] =>
  kind === 'changed' ? touched : objects;

export const uidOf = (object: JsonObject): string =>
  (object as { readonly metadata: { readonly uid: string } }).metadata.uid;
