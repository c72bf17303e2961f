import { foldRun } from '../run/evolve.ts';
import type { RunRecord } from '../store/port.ts';
import { LEASE_EXPIRES_MILLISECONDS } from './hold-lease.ts';
import type { Workplace } from './workplace.ts';

/**
 * Whether a process works on the run, as far as can be known. A run that was only just recorded and that nobody has begun
 * with counts as attended for the time of a lease, because its process may be about to take it.
 */
export async function isAttended(
  { store, now, isAlive }: Pick<Workplace, 'store' | 'now' | 'isAlive'>,
  { id, createdAt }: Pick<RunRecord, 'id' | 'createdAt'>,
): Promise<boolean> {
  const holder = await store.leases.find(id);
  if (!holder && foldRun(await store.runs.events(id)).attempt > 0) return false;
  if (holder && !isAlive(holder)) return false;
  return now() - (holder?.heartbeatAt ?? createdAt) < LEASE_EXPIRES_MILLISECONDS;
}
