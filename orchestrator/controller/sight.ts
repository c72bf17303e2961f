import type { LedgerFact } from '../ledger/fact.ts';
import type { Watched } from '../ledger/pod-life.ts';
import { isHeld } from './is-attended.ts';
import type { Workplace } from './workplace.ts';

/** What is known of held time at one moment, beside what is recorded. */
export interface Sight extends Watched {
  /** As just seen of runs that nobody works on. They are shown, and recorded by whoever takes the run over. */
  readonly facts: readonly LedgerFact[];
}

/** Of whoever works on a run: it sees what its pods do until now. */
export const watching = (now: number): Sight => ({ now, watchedUntil: () => now, facts: [] });

/** Of whoever has only the store: a run is watched by the process that holds its lease, if one does. */
export async function sightOfLeases({
  store,
  now,
  isAlive,
}: Pick<Workplace, 'store' | 'now' | 'isAlive'>): Promise<Sight> {
  const at = now();
  const held = (await store.leases.list()).filter((lease) => isHeld(lease, at, isAlive));
  const attended = new Set(held.map(({ run }) => run));
  return {
    now: at,
    watchedUntil: (run) => (attended.has(run) ? at : Number.NEGATIVE_INFINITY),
    facts: [],
  };
}
