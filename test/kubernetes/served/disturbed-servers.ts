import { setTimeout as pause } from 'node:timers/promises';
import { LEASE_EXPIRES_MILLISECONDS } from '../../../orchestrator/controller/hold-lease.ts';

/** A process that attends the runs of a store. */
export interface ServerProcess {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Where it answers; null for one that is asked nothing. */
  readonly port: number | null;
}

export interface DisturbedServers {
  /** One that works. */
  readonly awake: () => ServerProcess;
  /** What was done to them, in order: `killed` and `frozen`. */
  readonly done: readonly string[];
  readonly end: () => Promise<void>;
}

export interface Disturbance {
  readonly start: () => Promise<ServerProcess>;
  /** It answers nobody from now on. */
  readonly onGone: (server: ServerProcess) => void;
}

/** Long enough for a server that was just started to be at work when the other one goes. */
const CALM_MILLISECONDS = 8_000;
/** Whoever wakes after it has lost what it held. */
const FROZEN_MILLISECONDS = LEASE_EXPIRES_MILLISECONDS + 5_000;

/**
 * Two servers that share a store. In turn the first is killed and started again, and the second stands still until its leases have
 * long expired: each time it is the one that has taken over from the other.
 */
export async function disturbedServers({ start, onGone }: Disturbance): Promise<DisturbedServers> {
  let [first, second] = [await start(), await start()];
  let awake = second;
  const done: string[] = [];
  const over = new AbortController();
  const untilOver = (milliseconds: number) =>
    pause(milliseconds, undefined, { signal: over.signal }).catch(() => undefined);

  async function kill(): Promise<void> {
    awake = second;
    first.kill('SIGKILL');
    onGone(first);
    done.push('killed');
    first = await start();
  }
  async function freeze(): Promise<void> {
    awake = first;
    second.kill('SIGSTOP');
    onGone(second);
    done.push('frozen');
    await untilOver(FROZEN_MILLISECONDS);
    second.kill('SIGCONT');
  }
  async function disturb(): Promise<void> {
    for (let turn = 0; ; turn += 1) {
      await untilOver(CALM_MILLISECONDS);
      if (over.signal.aborted) return;
      await (turn % 2 === 0 ? kill() : freeze());
    }
  }

  const disturbing = disturb();
  return {
    awake: () => awake,
    done,
    end: async () => {
      over.abort();
      await disturbing;
      for (const server of [first, second]) server.kill('SIGTERM');
    },
  };
}
