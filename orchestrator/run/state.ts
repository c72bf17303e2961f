import type { RunBudget } from '../recipe/run-budget.ts';
import type { Stage } from '../wire/job-spec.ts';
import type { ExitClass } from '../wire/termination.ts';
import type { BudgetReached } from './budget-standing.ts';

/** Who must act on a failure. */
export type FailureKind = 'infrastructure' | 'user' | 'configuration' | 'budget';

export interface Outcome {
  readonly exitClass: ExitClass;
  readonly message: string;
  /** Where it came from, when it may be the machine's doing. */
  readonly nodes?: readonly string[];
  /** Its queue took it back and starts it again in its turn: nothing failed, so that is no retry. */
  readonly requeued?: true;
}

/** The attempt that is on its way. */
interface Underway {
  readonly stage: Stage;
  /** The attempt that was launched: the newest job's. Its pods may have started again under it since. */
  readonly launch: number;
  readonly attempt: number;
  /** How the attempt ended, while it is open whether its job starts its pods again. */
  readonly over: Outcome | null;
}

/**
 * Where a run is. It ends in succeeded, failed or stopped; a person can resume all but the first.
 *
 *   queued ──→ running ──→ running (next stage, or next attempt) ──→ succeeded
 *     │          │  └───→ failed
 *     │          └──────→ stopping ──→ stopped | interrupted | failed (its budget is used up) | running (next attempt)
 *     └─────────────────→ stopped | interrupted ──(resume)──→ queued
 *                                        └──────(cancel)──→ stopped
 */
export type RunState =
  /** Accepted and recorded; no pod of it exists. */
  | { readonly kind: 'queued' }
  /** A stage's pods exist or are about to. */
  | ({ readonly kind: 'running' } & Underway)
  /** Pods were asked to end; they may be saving a checkpoint. */
  | ({
      readonly kind: 'stopping';
      readonly why: 'cancel' | 'interrupt' | 'trouble' | 'budget';
      /** What the attempt counts as, where trouble was why, whatever is asked for since. */
      readonly verdict: Outcome | null;
      /** Where a budget was why: which. */
      readonly budget?: BudgetReached;
    } & Underway)
  /** Not finished, no pod alive, nobody working on it: its controller went away. */
  | { readonly kind: 'interrupted'; readonly message: string }
  /** A person ended it. */
  | { readonly kind: 'stopped'; readonly message: string }
  | {
      readonly kind: 'failed';
      readonly stage: Stage;
      readonly failure: FailureKind;
      readonly exitClass: ExitClass;
      readonly message: string;
    }
  | { readonly kind: 'succeeded'; readonly checkpoint: string };

export type ActiveState = Extract<RunState, { kind: 'running' | 'stopping' }>;

/** A run as its events add up to it. */
export interface Run {
  readonly state: RunState;
  /** Stages whose results are there. */
  readonly done: readonly Stage[];
  /** Stages whose results were taken over into the store. */
  readonly collected: readonly Stage[];
  /** The newest attempt; 0 before the first. A new attempt starts when pods start again, not at each stage. */
  readonly attempt: number;
  /** Attempts that were started after a failure without a person asking, since one last did. */
  readonly retries: number;
  /** Nodes on which attempts failed, as often as they did, newest last. */
  readonly suspects: readonly string[];
  /** Since a person last asked: the nodes of each attempt that was refused because they were measured and found wanting. */
  readonly unfit: readonly (readonly string[])[];
  readonly checkpoint: string | null;
  /** Its own budget, where a person has given it another one than its recipe. */
  readonly budget: RunBudget | null;
  /** Keys of the warnings of budgets that were given. */
  readonly warned: readonly string[];
  /** The cluster keeps nothing for it any more. */
  readonly released: boolean;
}

export const NEW_RUN: Run = {
  state: { kind: 'queued' },
  done: [],
  collected: [],
  attempt: 0,
  retries: 0,
  suspects: [],
  unfit: [],
  checkpoint: null,
  budget: null,
  warned: [],
  released: false,
};

/** Nothing more will happen to it by itself. */
export const isAtRest = (state: RunState): boolean =>
  state.kind !== 'queued' && state.kind !== 'running' && state.kind !== 'stopping';
