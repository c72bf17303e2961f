/** Who is to be told when something of a subject changes. */
export class Subscribers {
  readonly #of = new Map<string, Set<() => void>>();

  get isEmpty(): boolean {
    return this.#of.size === 0;
  }

  /** @returns what ends it. */
  add(subject: string, onChange: () => void): () => void {
    const own = this.#of.get(subject) ?? new Set();
    this.#of.set(subject, own.add(onChange));
    return () => {
      own.delete(onChange);
      if (own.size === 0 && this.#of.get(subject) === own) this.#of.delete(subject);
    };
  }

  tell(subject: string): void {
    for (const onChange of this.#of.get(subject) ?? []) onChange();
  }

  tellAll(): void {
    for (const subject of this.#of.keys()) this.tell(subject);
  }
}
