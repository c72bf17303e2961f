import type { OnProgress, Progress } from '../run/progress.ts';

/** Hands what the runs of this process do to whoever follows them. */
export class ProgressHub {
  readonly #followers = new Map<string, Set<OnProgress>>();

  readonly publish = (progress: Progress): void => {
    for (const tell of this.#followers.get(progress.run) ?? []) tell(progress);
  };

  /** @returns what ends it. */
  subscribe(run: string, onProgress: OnProgress): () => void {
    const followers = this.#followers.get(run) ?? new Set();
    this.#followers.set(run, followers.add(onProgress));
    return () => {
      followers.delete(onProgress);
      if (followers.size === 0) this.#followers.delete(run);
    };
  }
}
