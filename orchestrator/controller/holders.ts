import type { Holder } from '../store/port.ts';
import { LEASE_EXPIRES_MILLISECONDS } from './hold-lease.ts';
import type { Workplace } from './workplace.ts';

interface Observed {
  readonly heartbeatAt: number;
  /** By this process's own clock. */
  readonly changedAt: number;
}

/**
 * Which other processes live, told from their heartbeats. A resident observer needs no clock but its own for that: whose
 * heartbeat has not changed for as long as a lease lasts is gone, whatever the time that it bears.
 */
export class Holders {
  readonly #isAlive: Workplace['isAlive'];
  readonly #observed = new Map<string, Observed>();

  constructor({ isAlive }: Pick<Workplace, 'isAlive'>) {
    this.#isAlive = isAlive;
  }

  /** Gives those that live, of all that hold anything. */
  observe(holders: readonly Holder[], now: number): readonly string[] {
    const known = new Set(holders.map(({ owner }) => owner));
    for (const owner of this.#observed.keys()) if (!known.has(owner)) this.#observed.delete(owner);
    return holders.filter((holder) => this.#lives(holder, now)).map(({ owner }) => owner);
  }

  #lives(holder: Holder, now: number): boolean {
    if (!this.#isAlive(holder)) return false;
    const { owner, heartbeatAt } = holder;
    const before = this.#observed.get(owner);
    if (before === undefined) {
      // Of one that was gone before this process came, only the time that its last heartbeat bears can tell.
      const changedAt = Math.min(now, heartbeatAt);
      this.#observed.set(owner, { heartbeatAt, changedAt });
      return now - changedAt < LEASE_EXPIRES_MILLISECONDS;
    }
    if (before.heartbeatAt === heartbeatAt) return now - before.changedAt < LEASE_EXPIRES_MILLISECONDS;
    this.#observed.set(owner, { heartbeatAt, changedAt: now });
    return true;
  }
}
