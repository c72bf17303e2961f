import type { Lease } from '../ports/store.ts';
import type { RunRecord } from '../run/run-record.ts';
import { LEASE_EXPIRES_MILLISECONDS } from './hold-lease.ts';
import type { Workplace } from './workplace.ts';

/** Whether its holder works on the run still, as far as can be known. */
export const isHeld = (lease: Lease, now: number, isAlive: Workplace['isAlive']): boolean =>
  isAlive(lease) && now - lease.heartbeatAt < LEASE_EXPIRES_MILLISECONDS;

/**
 * Whether a process works on the run, as far as can be known. A run that was only just recorded, or brought back into the queue,
 * and that nobody has begun with counts as attended for the time of a lease, because its process may be about to take it.
 */
export async function isAttended(
  { store, now, isAlive }: Pick<Workplace, 'store' | 'now' | 'isAlive'>,
  { id, createdAt }: Pick<RunRecord, 'id' | 'createdAt'>,
): Promise<boolean> {
  const holder = await store.leases.find(id);
  if (holder) return isHeld(holder, now(), isAlive);
  if ((await store.runs.state(id)).run.state.kind !== 'queued') return false;
  const resumed = (await store.runs.events(id)).findLast(({ event }) => event.type === 'resumed');
  return now() - (resumed?.at ?? createdAt) < LEASE_EXPIRES_MILLISECONDS;
}
