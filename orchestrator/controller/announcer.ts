import type { Obstacle } from '../run/obstacle.ts';
import type { OnProgress } from '../run/progress.ts';
import type { RunState } from '../run/state.ts';

export interface Announcer {
  readonly state: (state: RunState) => void;
  readonly obstacles: (obstacles: readonly Obstacle[]) => void;
}

/** Tells each state, and the worst of what the run waits for, once when it becomes so. */
export function makeAnnouncer(run: string, onProgress: OnProgress): Announcer {
  let shown = '';
  let waits = '';
  return {
    state: (state) => {
      // Whoever tells it has just taken the run: it waits in no queue.
      if (state.kind === 'queued') return;
      const text = JSON.stringify(state);
      if (text !== shown) onProgress({ kind: 'state', run, state });
      shown = text;
    },
    obstacles: ([worst]) => {
      const what = worst?.what ?? '';
      if (what !== waits) onProgress({ kind: 'waiting', run, what });
      waits = what;
    },
  };
}
