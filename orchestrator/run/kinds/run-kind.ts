import type { RunRecipe } from '../../recipe/run-recipe.ts';
import type { Stage } from '../../wire/job-spec.ts';

/** What the runs of one kind of recipe have in common: what else is hard to tell from outside, they say themselves. */
export interface RunKind<Recipe extends RunRecipe> {
  /** Stages of a run, in order. */
  readonly stages: (recipe: Recipe) => readonly Stage[];
  /** Optimizer steps that an attempt may lose when it ends by force. */
  readonly stepsAtRisk: (recipe: Recipe) => number;
}
