import type { HeldTime } from '../ledger/statement.ts';
import type { UsedTime } from '../ledger/use.ts';
import type { Plan } from '../plan/plan.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import type { RunState } from '../run/state.ts';
import type { EvaluationResult } from '../wire/evaluation-result.ts';
import type { Prepared } from '../wire/prepared.ts';
import type { StepEvent } from '../wire/trainer-event.ts';

/** All that is known of one run, finished or not. */
export interface ArmInput {
  readonly run: string;
  /** Name of the arm in its ablation; of the recipe, where the run belongs to none. */
  readonly arm: string;
  /** The field that the run's ablation varies, and this arm's value of it. */
  readonly factor: { readonly path: string; readonly value: unknown } | null;
  readonly state: RunState;
  readonly recipe: RunRecipe;
  readonly plan: Plan;
  /** Null until the prepare stage has ended. */
  readonly prepared: Pick<Prepared, 'samples' | 'truncated'> | null;
  /** Steps as they were reported, over all attempts. */
  readonly steps: readonly Pick<StepEvent, 'step' | 'loss' | 'tokens' | 'seconds'>[];
  /** Time that devices were held, by phase. */
  readonly gpuMilliseconds: HeldTime;
  /** The same, by what it was good for. */
  readonly uses: UsedTime;
  /** Cost of that time at the profile's price. */
  readonly cost: { readonly amount: number; readonly currency: string };
  readonly evaluation: EvaluationResult | null;
  /** Id of the registered checkpoint. */
  readonly checkpoint: string | null;
}
