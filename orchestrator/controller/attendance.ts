import type { Workplace } from './workplace.ts';

const BEAT_MILLISECONDS = 1_000;
/**
 * Whose heartbeat does not change for so long is gone to those that watch it all the time, so that its runs are attended again
 * within five seconds of its death.
 */
export const SILENT_MILLISECONDS = 3_500;
/** For so long a process trusts its last heartbeat: it asks again before any other could have found it silent. */
const TRUSTED_MILLISECONDS = 2_000;

type Attending = Pick<Workplace, 'store' | 'owner' | 'pid' | 'host' | 'now' | 'every'>;

/** What one process holds in a store, under one heartbeat. */
export class Attendance {
  readonly #workplace: Attending;
  readonly #held = new Map<string, AbortController>();
  /** Leases that are just being taken. */
  #taking = 0;
  #beatAt = Number.NEGATIVE_INFINITY;
  #beating: Promise<void> | undefined;
  #stop: (() => void) | undefined;

  constructor(workplace: Attending) {
    this.#workplace = workplace;
  }

  /** Aborted when it is lost; null where it could not be had. */
  async hold(run: string, acquire: () => Promise<boolean>): Promise<AbortSignal | null> {
    this.#taking += 1;
    try {
      if (this.#stop === undefined) await this.#beat();
      // What cannot be renewed now may be before another process has found this one silent.
      this.#stop ??= this.#workplace.every(BEAT_MILLISECONDS, () => void this.#beat().catch(() => undefined));
      if (!(await acquire())) return null;
      const lost = new AbortController();
      this.#held.set(run, lost);
      return lost.signal;
    } finally {
      this.#taking -= 1;
      await this.#leaveWhereNothingIsHeld();
    }
  }

  /** Ends when no other process can have taken anything of which this one does not know. */
  async assure(): Promise<void> {
    if (this.#workplace.now() - this.#beatAt >= TRUSTED_MILLISECONDS) await this.#beat();
  }

  async release(run: string): Promise<void> {
    const { store, owner } = this.#workplace;
    this.#held.delete(run);
    await store.leases.release(run, owner);
    await this.#leaveWhereNothingIsHeld();
  }

  async #leaveWhereNothingIsHeld(): Promise<void> {
    if (this.#held.size > 0 || this.#taking > 0 || this.#stop === undefined) return;
    this.#stop();
    this.#stop = undefined;
    const { store, owner, now } = this.#workplace;
    await store.leases.leave(owner, now());
  }

  #beat(): Promise<void> {
    this.#beating ??= this.#renew().finally(() => {
      this.#beating = undefined;
    });
    return this.#beating;
  }

  async #renew(): Promise<void> {
    const { store, owner, pid, host, now } = this.#workplace;
    const [at, known] = [now(), new Map(this.#held)];
    const held = await store.leases.beat({ owner, pid, host }, at);
    if (held !== known.size) {
      const own = new Set(await store.leases.held(owner));
      for (const [run, lost] of known) if (!own.has(run) && this.#held.get(run) === lost) lost.abort();
    }
    this.#beatAt = at;
  }
}
