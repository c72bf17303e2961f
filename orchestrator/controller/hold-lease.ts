import { machineOfProcess } from '../documents/process-identity.ts';
import { StintError } from '../errors/stint-error.ts';
import type { Store } from '../ports/store.ts';
import { Attendance } from './attendance.ts';
import type { Workplace } from './workplace.ts';

/**
 * A lease whose holder has no heartbeat for this long is free, by the clock of whoever looks once: its holder is dead or cannot
 * reach the store. Whoever looks all the time knows earlier (`Holders`).
 */
export const LEASE_EXPIRES_MILLISECONDS = 15_000;

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

type Holding = Pick<Workplace, 'store' | 'owner' | 'pid' | 'host' | 'now' | 'every' | 'isAlive'>;

/**
 * Takes a run for this process alone and keeps it until released. A holder on this machine whose process is gone is
 * succeeded at once, without waiting for the lease to expire.
 *
 * @param gone - An owner that is known to be gone, however young its heartbeat is.
 * @throws StintError `run-is-held` when another process works on the run.
 */
export async function holdLease(workplace: Holding, run: string, gone?: string): Promise<HeldLease> {
  const { store, owner, pid, now, isAlive } = workplace;
  const attendance = attendanceOf(workplace);
  const holder = await store.leases.find(run);
  const dead = holder && !isAlive(holder) ? holder.owner : gone;
  const lost = await attendance.hold(run, () =>
    store.leases.acquire({ run, owner, pid, heartbeatAt: now() }, LEASE_EXPIRES_MILLISECONDS, dead),
  );
  if (lost === null) {
    throw new StintError({
      code: 'run-is-held',
      where: run,
      what: `another stint process${holder ? ` (pid ${holder.pid} on ${machineOfProcess(holder.owner)})` : ''} is working on ${run}`,
      todo: 'follow it with `stint runs logs -f`, or end it with `stint runs cancel`',
    });
  }
  return {
    lost,
    require: async () => {
      await attendance.assure();
      if (lost.aborted) throw lostLease(run);
    },
    release: () => attendance.release(run),
  };
}

const attendances = new WeakMap<Store, Map<string, Attendance>>();

/** One a process: whoever opens the store again, as a test may in the place of another process, has its own. */
function attendanceOf(workplace: Holding): Attendance {
  const owners = attendances.get(workplace.store) ?? new Map<string, Attendance>();
  attendances.set(workplace.store, owners);
  const attendance = owners.get(workplace.owner) ?? new Attendance(workplace);
  owners.set(workplace.owner, attendance);
  return attendance;
}

const lostLease = (run: string) =>
  new StintError({
    code: 'lease-lost',
    where: run,
    what: `this process did not renew its lease on ${run} in time, and another one took the run over`,
    todo: 'see what it does with `stint runs show`',
  });
