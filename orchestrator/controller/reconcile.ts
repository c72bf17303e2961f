import { isStintError } from '../errors/stint-error.ts';
import { foldRun } from '../run/evolve.ts';
import { isAtRest } from '../run/state.ts';
import { controlRun } from './control-run.ts';
import { LEASE_EXPIRES_MILLISECONDS } from './hold-lease.ts';
import type { Workplace } from './workplace.ts';

/**
 * Runs that are not at rest and that nobody works on any more: their process was killed. Each is brought to rest
 * truthfully: its pods are proven dead, its time is settled, and it is marked interrupted. Gives their ids.
 *
 * A run that was only just recorded is left alone for the time of a lease, because its process may be about to take it.
 */
export async function reconcile(workplace: Workplace): Promise<readonly string[]> {
  const { store, now, isAlive } = workplace;
  const brought: string[] = [];
  for (const record of await store.runs.list()) {
    if (isAtRest(foldRun(await store.runs.events(record.id)).state)) continue;
    const holder = await store.leases.find(record.id);
    const since = holder?.heartbeatAt ?? record.createdAt;
    const isHeld = holder ? isAlive(holder) : true;
    if (isHeld && now() - since < LEASE_EXPIRES_MILLISECONDS) continue;
    try {
      const gone = AbortSignal.abort();
      await controlRun(workplace, record, { interrupt: gone, force: gone, onProgress: () => undefined });
      brought.push(record.id);
    } catch (error) {
      // Another process was faster; it does the same.
      if (!isStintError(error) || error.problems[0]?.code !== 'run-is-held') throw error;
    }
  }
  return brought;
}
