import { type BudgetBook, covers, type Scope } from '../budget/book.ts';
import { type BudgetLine, budgetLines, nextLookIn, standingOf } from '../budget/standing.ts';
import { BUDGETS, type Store } from '../ports/store.ts';
import { verdictOf } from '../run/budget-standing.ts';
import { refreshUsage } from './refresh-usage.ts';
import { makeWakeup, type Wakeup } from './wakeup.ts';
import type { Workplace } from './workplace.ts';

export type BudgetReader = Pick<Workplace, 'store' | 'now' | 'sleep' | 'isAlive' | 'priceOf'>;

/** However much is left: other processes' runs hold devices, too. */
const LONGEST_MILLISECONDS = 15_000;
/** 16 devices hold 0.01 device-hours meanwhile. */
export const SHORTEST_MILLISECONDS = 2_000;
/** Of ten thousand runs the usage takes seconds to sum up: no more than a twentieth of the time goes into that. */
const SHARE_OF_TIME = 20;
/** A process that stood still has not been busy. */
const LONGEST_REST_MILLISECONDS = 300_000;

interface Watched {
  readonly scope: Scope;
  readonly wakes: Set<() => void>;
}

interface Looked {
  readonly at: number;
  readonly book: BudgetBook;
  readonly lines: readonly BudgetLine[];
}

/**
 * The budgets that runs share, as one process looks at them for all of its runs: those of a scope are woken when they stand
 * otherwise than at the look before. Where no budget covers a run, nothing is looked at.
 */
export class SharedBudgets {
  readonly #reader: BudgetReader;
  readonly #watched = new Map<string, Watched>();
  readonly #looked = new Map<string, Looked>();
  readonly #reading = new Map<string, Promise<Looked>>();
  readonly #wakeup: Wakeup;
  #unsubscribe: (() => void) | undefined;

  constructor(reader: BudgetReader) {
    this.#reader = reader;
    this.#wakeup = makeWakeup(reader);
  }

  /** The book of a scope, as it was last looked at; again where that is long ago. */
  async book(scope: Scope): Promise<BudgetBook> {
    const key = keyOf(scope);
    const looked = this.#looked.get(key);
    if (looked && this.#reader.now() - looked.at < LONGEST_MILLISECONDS) return looked.book;
    return (await this.#read(scope)).book;
  }

  /** @returns what ends it. */
  watch(scope: Scope, wake: () => void): () => void {
    const key = keyOf(scope);
    const watched = this.#watched.get(key) ?? { scope, wakes: new Set() };
    watched.wakes.add(wake);
    if (!this.#watched.has(key)) this.#wakeup.wake();
    this.#watched.set(key, watched);
    if (this.#unsubscribe === undefined) {
      this.#unsubscribe = this.#reader.store.changes.subscribe(BUDGETS, () => {
        this.#looked.clear();
        for (const each of this.#watched.values()) wakeAll(each);
        this.#wakeup.wake();
      });
      void this.#keepLooking();
    }
    return () => {
      watched.wakes.delete(wake);
      if (watched.wakes.size === 0) this.#watched.delete(key);
      if (this.#watched.size === 0) this.#wakeup.wake();
    };
  }

  async #keepLooking(): Promise<void> {
    while (this.#watched.size > 0) {
      this.#wakeup.looking();
      const begun = this.#reader.now();
      // What cannot be read now is read the next time, and each run says so when it looks itself.
      const pause = await this.#look().catch(() => LONGEST_MILLISECONDS);
      const ended = this.#reader.now();
      const rest = Math.min(LONGEST_REST_MILLISECONDS, SHARE_OF_TIME * (ended - begun));
      const due = ended + Math.max(pause, rest);
      if (this.#watched.size > 0) await this.#wakeup.wait(() => due);
    }
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
  }

  /** Gives in how many milliseconds to look again. */
  async #look(): Promise<number> {
    const { store } = this.#reader;
    const budgets = await store.budgets.list();
    const covered = [...this.#watched].filter(([, { scope }]) =>
      budgets.some((budget) => covers(budget, scope)),
    );
    // Until a budget is applied nothing can change.
    if (covered.length === 0) return Number.POSITIVE_INFINITY;
    let next = LONGEST_MILLISECONDS;
    for (const [key, watched] of covered) {
      const before = this.#looked.get(key);
      const looked = await this.#read(watched.scope);
      const since = looked.at - (before?.at ?? looked.at);
      next = Math.min(next, nextLookIn(before?.lines ?? [], looked.lines, since));
      const verdict = verdictOf(standingOf(looked.lines));
      if (before !== undefined && verdict !== verdictOf(standingOf(before.lines))) wakeAll(watched);
    }
    return Math.max(SHORTEST_MILLISECONDS, next);
  }

  /** Whoever asks while it is being read gets the same. */
  #read(scope: Scope): Promise<Looked> {
    const key = keyOf(scope);
    const reading = this.#reading.get(key) ?? this.#readAnew(scope).finally(() => this.#reading.delete(key));
    this.#reading.set(key, reading);
    return reading;
  }

  async #readAnew(scope: Scope): Promise<Looked> {
    const { now, priceOf } = this.#reader;
    const at = now();
    const book = await readSharedBook(this.#reader, scope);
    const nobody = { run: '', ...scope, own: undefined, uses: [] };
    const looked = { at, book, lines: budgetLines(nobody, book, priceOf, at) };
    this.#looked.set(keyOf(scope), looked);
    return looked;
  }
}

/** Pods of other runs hold devices too; only where a budget is shared does that matter. */
export async function readSharedBook(
  reader: Pick<BudgetReader, 'store' | 'now' | 'isAlive'>,
  scope: Scope,
): Promise<BudgetBook> {
  const { store, now } = reader;
  const budgets = await store.budgets.list();
  if (budgets.some((budget) => covers(budget, scope))) await refreshUsage(reader);
  return store.budgets.book(now(), scope);
}

function wakeAll({ wakes }: Watched): void {
  for (const wake of wakes) wake();
}

const keyOf = ({ team, project }: Scope): string => JSON.stringify([team, project]);

const processes = new WeakMap<Store, SharedBudgets>();

/** One a process, for all runs of a store. */
export function sharedBudgetsOf(reader: BudgetReader): SharedBudgets {
  const known = processes.get(reader.store) ?? new SharedBudgets(reader);
  processes.set(reader.store, known);
  return known;
}
