import { type Holder, OPEN_RUNS, type Unheld } from '../ports/store.ts';
import type { ControlOptions } from './control-options.ts';
import { elsewhere } from './elsewhere.ts';
import { Holders } from './holders.ts';
import { superviseRun } from './supervise-run.ts';
import { Turns } from './turns.ts';
import { makeWakeup } from './wakeup.ts';
import type { Workplace } from './workplace.ts';

export interface AttendOptions extends ControlOptions {
  /** Told, once for each cause, what keeps this process from finding runs. */
  readonly onWarning: (message: string) => void;
}

/** Other processes' heartbeats are looked at so often, by one query of a row each. */
const LOOK_MILLISECONDS = 500;
/** Runs are looked for so often, by two queries over all that are open; and at once where a process is gone. */
const LOOK_FOR_RUNS_MILLISECONDS = 3_000;
/** Of a run that nobody holds: who has recorded it, or brought it back, may be about to take it. */
const TAKEN_SOON_MILLISECONDS = 2_000;

/**
 * Attends all open runs of the store that this process can: those on Kubernetes, and those of this machine. What is recorded while
 * it goes on is taken up, and so is a run whose process is gone. Each run is attended by itself: whatever ends one, a fault of our
 * own included, ends no other. Where runs would share the devices of a cluster that does not queue they go on one after another, in
 * order of creation.
 *
 * @returns when `options.interrupt` is aborted and every run is left as `ControlOptions` says.
 */
export async function attendAll(workplace: Workplace, options: AttendOptions): Promise<void> {
  const { interrupt, force } = options;
  const attendant = new Attendant(workplace, options);
  const wakeup = makeWakeup(workplace);
  const onInterrupt = () => {
    attendant.leave('interrupt');
    wakeup.wake();
  };
  const onForce = () => attendant.leave('force');
  const ignore = workplace.store.changes.subscribe(OPEN_RUNS, attendant.changed);
  interrupt.addEventListener('abort', onInterrupt);
  force.addEventListener('abort', onForce);
  try {
    while (!interrupt.aborted) {
      await attendant.look();
      const again = workplace.now() + LOOK_MILLISECONDS;
      await wakeup.wait(() => again);
    }
    await attendant.done();
  } finally {
    ignore();
    interrupt.removeEventListener('abort', onInterrupt);
    force.removeEventListener('abort', onForce);
  }
}

interface Attended {
  /** Its own: those of the whole process live longer than a run, and would keep whatever listens to them. */
  readonly interrupt: AbortController;
  readonly force: AbortController;
  readonly done: Promise<void>;
}

class Attendant {
  readonly #workplace: Workplace;
  readonly #options: AttendOptions;
  readonly #holders: Holders;
  readonly #turns = new Turns();
  readonly #attended = new Map<string, Attended>();
  /** Since when nobody is seen to hold a run. */
  readonly #free = new Map<string, number>();
  /** Of an earlier Stint: each of their leases has a heartbeat of its own. */
  #withoutHeartbeat: readonly Holder[] = [];
  #lookedAt = Number.NEGATIVE_INFINITY;
  #living = '';
  #told = '';

  constructor(workplace: Workplace, options: AttendOptions) {
    this.#workplace = workplace;
    this.#options = options;
    this.#holders = new Holders(workplace);
  }

  /** Takes up what nobody attends. */
  async look(): Promise<void> {
    const { store, owner, now, log } = this.#workplace;
    try {
      const at = now();
      const isDue = this.#free.size > 0 || at - this.#lookedAt >= LOOK_FOR_RUNS_MILLISECONDS;
      if (isDue) this.#withoutHeartbeat = (await store.leases.holders()).filter(({ beats }) => !beats);
      const holders = [...(await store.leases.attendants()), ...this.#withoutHeartbeat];
      const living = this.#holders.observe(
        holders.filter((holder) => holder.owner !== owner),
        at,
      );
      this.#told = '';
      const known = living.join();
      if (!isDue && known === this.#living) return;
      // Before it is looked: what is recorded meanwhile is looked for the next time.
      this.#lookedAt = at;
      const left = (await store.leases.unheld([owner, ...living])).filter((run) => this.#isOurs(run));
      this.#forget(left);
      this.#living = known;
      // One by one, so that they stand in order of creation where they share devices.
      for (const each of left)
        if (this.#isLeft(each) && !this.#options.interrupt.aborted) await this.#attend(each);
    } catch (error) {
      log.warn({ error }, 'open runs could not be looked for');
      const what = error instanceof Error ? error.message : String(error);
      if (what !== this.#told)
        this.#options.onWarning(`open runs cannot be looked for, trying again: ${what}`);
      this.#told = what;
    }
  }

  /** What is open has changed: it is looked for at the next look. */
  readonly changed = (): void => {
    this.#lookedAt = Number.NEGATIVE_INFINITY;
  };

  leave(how: 'interrupt' | 'force'): void {
    for (const attended of this.#attended.values()) attended[how].abort();
  }

  /** Ends when no run is attended any more. */
  async done(): Promise<void> {
    await Promise.all([...this.#attended.values()].map(({ done }) => done));
  }

  #isOurs({ run, host }: Unheld): boolean {
    return !this.#attended.has(run) && elsewhere(this.#workplace, { host }) === null;
  }

  #forget(left: readonly Unheld[]): void {
    const runs = new Set(left.map(({ run }) => run));
    for (const run of this.#free.keys()) if (!runs.has(run)) this.#free.delete(run);
  }

  #isLeft({ run, owner }: Unheld): boolean {
    if (owner !== null) return true;
    const { now } = this.#workplace;
    const since = this.#free.get(run) ?? now();
    this.#free.set(run, since);
    return now() - since >= TAKEN_SOON_MILLISECONDS;
  }

  async #attend({ run, owner }: Unheld): Promise<void> {
    const [interrupt, force] = [new AbortController(), new AbortController()];
    const { promise: placed, resolve: onPlaced } = Promise.withResolvers<void>();
    const done = superviseRun(
      this.#workplace,
      { run, gone: owner ?? undefined, turns: this.#turns, onPlaced },
      { ...this.#options, interrupt: interrupt.signal, force: force.signal },
    ).finally(() => this.#attended.delete(run));
    this.#attended.set(run, { interrupt, force, done });
    await Promise.race([placed, done]);
  }
}
