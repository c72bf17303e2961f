import type { FoundRun } from '../controller/recover-runs.ts';

/** What cannot be known again, or was left as it is: one of a kind, whatever number of runs it is about. */
export interface Gap {
  readonly kind: string;
  readonly what: string;
  /** Runs, folders or files. */
  readonly of: readonly string[];
}

type Kind = FoundRun['kind'] | 'contradicting' | 'behind' | 'unread-logs' | 'unreadable';

const WHAT: Readonly<Record<Exclude<Kind, 'lost'>, string>> = {
  known: 'recorded in this store already, and left as they are',
  behind:
    'went on after their folders last kept their record: what no pod tells of that time is not known (warnings, who asked for what, what was near a budget, pods that were taken away since, and when pods were asked to end)',
  'without-record':
    'have no record in their folders, as an earlier Stint has launched them: what their pods held comes into the ledger, and of no team or project; recipe, plan, price and results are not known',
  'no-run': 'folders without the record of a run, and of no run of this cluster: left out',
  elsewhere: 'have their pods in the place of another profile: recover them with that',
  unseen: 'could not be seen on their cluster: nothing is recorded of them; try again',
  contradicting:
    'have facts that contradict the ledger of this store: nothing is recorded of them; `stint ledger verify` says how that stands',
  'unread-logs':
    'have pods whose logs cannot be read: how their time is split into phases, and their steps, are not known',
  unreadable: 'files of records that cannot be read, or were changed since they were written: not believed',
};

/** No run's folder has these, and no cluster. */
const OF_THE_STORE: Gap = {
  kind: 'of-the-store-alone',
  what: 'budgets, tokens, what trainers reported last and cancels that nobody had acted on are kept by no folder: put budgets in force with `stint budgets apply FILE`, make tokens with `stint tokens create`',
  of: [],
};

/** Collects what is not known of each finding. */
export class RecoveryGaps {
  readonly #of = new Map<Exclude<Kind, 'lost'>, string[]>();
  #isAnythingLost = false;

  take(found: FoundRun): void {
    if (found.unreadable.length > 0) this.#add('unreadable', ...found.unreadable);
    if (found.kind !== 'lost') {
      this.#add(found.kind, found.run);
      return;
    }
    this.#isAnythingLost = true;
    if (found.lost.isBehind) this.#add('behind', found.run);
    if (found.lost.unreadLogs.length > 0) this.#add('unread-logs', found.run);
  }

  /** Its facts contradict the ledger. */
  refused(run: string): void {
    this.#add('contradicting', run);
  }

  /** Nothing is left that another try might record. */
  get isWhole(): boolean {
    return !this.#of.has('unseen') && !this.#of.has('contradicting');
  }

  get all(): readonly Gap[] {
    const gaps = Object.entries(WHAT).flatMap(([kind, what]): readonly Gap[] => {
      const of = this.#of.get(kind as Exclude<Kind, 'lost'>);
      return of === undefined ? [] : [{ kind, what, of }];
    });
    return this.#isAnythingLost ? [...gaps, OF_THE_STORE] : gaps;
  }

  #add(kind: Exclude<Kind, 'lost'>, ...of: readonly string[]): void {
    this.#of.set(kind, [...(this.#of.get(kind) ?? []), ...of]);
  }
}
