/** Things in groups, each under a name of its own in its group. */
export class ByKey<T> {
  readonly #groups = new Map<string, Map<string, T>>();

  put(key: string, name: string, thing: T): void {
    const group = this.#groups.get(key) ?? new Map<string, T>();
    this.#groups.set(key, group.set(name, thing));
  }

  drop(key: string, name: string): void {
    const group = this.#groups.get(key);
    group?.delete(name);
    if (group?.size === 0) this.#groups.delete(key);
  }

  of(key: string): readonly T[] {
    return [...(this.#groups.get(key)?.values() ?? [])];
  }
}
