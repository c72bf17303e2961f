import { machineOfProcess } from '../documents/process-identity.ts';
import { StintError } from '../errors/stint-error.ts';
import type { Workplace } from './workplace.ts';

/** A lease that was not renewed for this long is free: its holder is dead or cannot reach the store. */
export const LEASE_EXPIRES_MILLISECONDS = 15_000;
const RENEW_MILLISECONDS = 3_000;

export interface HeldLease {
  /** Aborted when the lease was lost: nothing may be done to the run any more. */
  readonly lost: AbortSignal;
  /**
   * Call it before anything is decided or done. A process that stood still, with its machine asleep, learns here that another
   * one has taken the run over since; what it last saw of the run is then old.
   *
   * @throws StintError `lease-lost`.
   */
  readonly require: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/**
 * Takes a run for this process alone and keeps it until released. A holder on this machine whose process is gone is
 * succeeded at once, without waiting for the lease to expire.
 *
 * @param gone - An owner that is known to be gone, however young its heartbeat is.
 * @throws StintError `run-is-held` when another process works on the run.
 */
export async function holdLease(workplace: Workplace, run: string, gone?: string): Promise<HeldLease> {
  const { store, owner, pid, now, every, isAlive } = workplace;
  const holder = await store.leases.find(run);
  const dead = holder && !isAlive(holder) ? holder.owner : gone;
  if (
    !(await store.leases.acquire({ run, owner, pid, heartbeatAt: now() }, LEASE_EXPIRES_MILLISECONDS, dead))
  ) {
    throw new StintError({
      code: 'run-is-held',
      where: run,
      what: `another stint process${holder ? ` (pid ${holder.pid} on ${machineOfProcess(holder.owner)})` : ''} is working on ${run}`,
      todo: 'follow it with `stint runs logs -f`, or end it with `stint runs cancel`',
    });
  }
  const lost = new AbortController();
  let renewedAt = now();
  const renew = async () => {
    const at = now();
    if (await store.leases.renew(run, owner, at)) renewedAt = at;
    else lost.abort();
  };
  // A store that cannot be reached now may be again before the lease expires.
  const stop = every(RENEW_MILLISECONDS, () => void renew().catch(() => undefined));
  return {
    lost: lost.signal,
    require: async () => {
      if (now() - renewedAt >= LEASE_EXPIRES_MILLISECONDS) await renew();
      if (lost.signal.aborted) throw lostLease(run);
    },
    release: async () => {
      stop();
      await store.leases.release(run, owner);
    },
  };
}

const lostLease = (run: string) =>
  new StintError({
    code: 'lease-lost',
    where: run,
    what: `this process did not renew its lease on ${run} in time, and another one took the run over`,
    todo: 'see what it does with `stint runs show`',
  });
