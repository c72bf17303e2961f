import type { Plan } from '../plan/plan.ts';
import type { RunBudget } from '../recipe/run-budget.ts';
import type { Stage } from '../wire/job-spec.ts';
import type { ExitClass } from '../wire/termination.ts';
import type { BudgetReached, BudgetWarning } from './budget-standing.ts';
import type { FailureKind } from './state.ts';

/** What happened to a run, in order. Its state is what these add up to; nothing else is stored of it. */
export type RunEvent =
  /** Written before the job is created, so a crash in between repeats the creation, which is safe, not the attempt. */
  | { readonly type: 'stage-launched'; readonly stage: Stage; readonly attempt: number }
  /** The job has started its pods again by itself; `retry`: because they had failed, not because its queue took it back. */
  | {
      readonly type: 'attempt-began';
      readonly stage: Stage;
      readonly attempt: number;
      readonly retry: boolean;
    }
  /** It stands still or cannot start, and is ended for that; it counts as said here, however its pods then end. */
  | {
      readonly type: 'attempt-condemned';
      readonly stage: Stage;
      readonly attempt: number;
      readonly exitClass: ExitClass;
      readonly message: string;
      readonly nodes?: readonly string[];
    }
  /** Every pod of the attempt is proven to have ended. */
  | {
      readonly type: 'attempt-ended';
      readonly stage: Stage;
      readonly attempt: number;
      readonly exitClass: ExitClass;
      readonly message: string;
      /** Where it came from, when it may be the machine's doing. */
      readonly nodes?: readonly string[];
      /** Its queue took it back. */
      readonly requeued?: true;
    }
  /** The plan made again from the prepared data, which a launch can only estimate; it was judged again. */
  | { readonly type: 'plan-reviewed'; readonly plan: Plan }
  /** The exported checkpoint was verified and registered. */
  | { readonly type: 'checkpoint-registered'; readonly checkpoint: string }
  /** What undisturbed training has held, beside what the time model expected of it; GPU-milliseconds. */
  | { readonly type: 'prediction-measured'; readonly predicted: number; readonly actual: number }
  /** What the evaluation measured was taken over. */
  | { readonly type: 'evaluation-recorded' }
  | { readonly type: 'stop-requested'; readonly why: 'cancel' | 'interrupt' }
  | { readonly type: 'stop-requested'; readonly why: 'budget'; readonly budget: BudgetReached }
  /** Once of each budget, period and limit. */
  | ({ readonly type: 'budget-warned' } & BudgetWarning)
  /** Something outside of the run was changed for it, or somebody has to: a node was tainted as out of service. */
  | { readonly type: 'warned'; readonly message: string }
  /** Nobody works on the run, and no pod of it is alive. */
  | { readonly type: 'interrupted'; readonly message: string }
  /** A person asked for it to go on; `budget`: with this one of its own from here on. */
  | { readonly type: 'resumed'; readonly budget?: RunBudget }
  | {
      readonly type: 'failed';
      readonly stage: Stage;
      readonly failure: FailureKind;
      readonly exitClass: ExitClass;
      readonly message: string;
    }
  | { readonly type: 'stopped'; readonly message: string }
  | { readonly type: 'succeeded' }
  /** All of its usage is in the ledger, and the cluster was told that it may forget its objects. */
  | { readonly type: 'released' };

/** It brings the run to rest: from then on only a person's wish makes it go on. */
export const endsRun = ({ type }: RunEvent): boolean =>
  type === 'interrupted' || type === 'failed' || type === 'stopped' || type === 'succeeded';

export interface RecordedEvent {
  /** From 1, without gaps. */
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: RunEvent;
}
