import type { Holder } from '../ports/store.ts';
import { SILENT_MILLISECONDS } from './attendance.ts';
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

  /**
   * Gives those that live, of all that hold anything.
   *
   * @param now - From before they were asked for: this process may have stood still since.
   */
  observe(holders: readonly Holder[], now: number): readonly string[] {
    const known = new Set(holders.map(({ owner }) => owner));
    for (const owner of this.#observed.keys()) if (!known.has(owner)) this.#observed.delete(owner);
    return holders.filter((holder) => this.#lives(holder, now)).map(({ owner }) => owner);
  }

  #lives(holder: Holder, now: number): boolean {
    if (!this.#isAlive(holder)) return false;
    const { owner, heartbeatAt, beats } = holder;
    const before = this.#observed.get(owner);
    if (before?.heartbeatAt === heartbeatAt)
      return now - before.changedAt < (beats ? SILENT_MILLISECONDS : LEASE_EXPIRES_MILLISECONDS);
    this.#observed.set(owner, { heartbeatAt, changedAt: now });
    // Of one that was gone before this process came, only the time that its last heartbeat bears can tell.
    return before !== undefined || now - heartbeatAt < LEASE_EXPIRES_MILLISECONDS;
  }
}
