import type { Stage } from '../wire/job-spec.ts';
import type { BudgetStanding } from './budget-standing.ts';
import type { Observation } from './job-facts.ts';
import type { Outcome } from './state.ts';

/** What the controller sees when it decides. */
export interface View {
  /** The recipe's stages, in order. */
  readonly stages: readonly Stage[];
  /** All of the run that the cluster knows; null while that could not be read. Unknown decides nothing. */
  readonly seen: Observation | null;
  /** Something keeps the attempt from going on, for longer than it may: what it counts as when it is ended for that. */
  readonly trouble: Outcome | null;
  /** A person asked to cancel the run. */
  readonly cancel: boolean;
  /** The controller is going away, and pods go with it. */
  readonly interrupt: boolean;
  /** Attempts that may start without a person asking. */
  readonly maxRetries: number;
  /** Device time that the run has held, and beyond which no attempt starts without a person asking; GPU-milliseconds. */
  readonly held: number;
  readonly maxHeld: number;
  /** How the budgets stand that it is held against; absent where none is. */
  readonly budget?: BudgetStanding;
}
