type Wake = (why?: unknown) => void;

/** What was learned, of each run by itself and of all at once, so that nothing is missed while whoever looks is busy. */
export class Changes {
  #ofAll = 0;
  readonly #ofRun = new Map<string, number>();
  readonly #waiting = new Map<string, Set<Wake>>();

  /** Grows with each thing that is learned of the run. */
  of(run: string): number {
    return this.#ofAll + (this.#ofRun.get(run) ?? 0);
  }

  /** Something is new of these runs; of all by default. */
  tell(runs?: Iterable<string>): void {
    if (runs === undefined) {
      this.#ofAll += 1;
      for (const waiting of this.#waiting.values()) for (const wake of waiting) wake();
      return;
    }
    for (const run of runs) {
      this.#ofRun.set(run, (this.#ofRun.get(run) ?? 0) + 1);
      for (const wake of this.#waiting.get(run) ?? []) wake();
    }
  }

  /** Ends when something of the run is newer than that, or on abort. */
  async after(run: string, seen: number, signal: AbortSignal): Promise<void> {
    if (this.of(run) !== seen || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const waiting = this.#waiting.get(run) ?? new Set();
    this.#waiting.set(run, waiting.add(resolve));
    // Taken off again by hand: the signal may live for days, and one listener a change would stay.
    signal.addEventListener('abort', resolve);
    await promise;
    signal.removeEventListener('abort', resolve);
    waiting.delete(resolve);
    if (waiting.size === 0) this.#waiting.delete(run);
  }

  /** When nobody looks any more: what runs that have ended were told of is not kept for ever. */
  forget(): void {
    this.#ofRun.clear();
  }
}
