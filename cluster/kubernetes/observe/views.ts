import type { RunsView } from './runs-view.ts';
import type { PodSnapshot } from './seen-pods.ts';

/**
 * Looks at one run by its label, and at all of the namespace as soon as a second one is looked at beside it: what one process
 * asks of the API server grows neither with other people's runs, nor with the number of its own.
 */
export class Views {
  readonly #open: (run?: string) => RunsView;
  #alone: { readonly run: string; readonly view: RunsView } | undefined;
  #all: RunsView | undefined;

  constructor(open: (run?: string) => RunsView) {
    this.#open = open;
  }

  /** The view through which the run is to be watched; it is not watched yet. */
  for(run: string): RunsView {
    if (this.#all?.isWatched) return this.#all;
    if (this.#alone?.view.isWatched && this.#alone.run !== run) return (this.#all ??= this.#open());
    if (this.#alone?.run !== run) this.#alone = { run, view: this.#open(run) };
    return this.#alone.view;
  }

  /** What somebody else has seen of pods: their ends are remembered by whoever watches their run. */
  take(look: PodSnapshot): void {
    for (const view of [this.#alone?.view, this.#all]) view?.seenPods.take(look);
  }
}
