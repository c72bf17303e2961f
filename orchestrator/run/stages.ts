import type { RunRecipe } from '../recipe/run-recipe.ts';
import type { Stage } from '../wire/job-spec.ts';
import { holdsDevices } from '../wire/stage-traits.ts';
import { EVALUATION } from './kinds/evaluation.ts';
import { FINE_TUNE } from './kinds/fine-tune.ts';

/** Stages of a run, in order. */
export const stagesOf = (recipe: RunRecipe): readonly Stage[] =>
  recipe.kind === 'FineTune' ? FINE_TUNE.stages(recipe) : EVALUATION.stages(recipe);

/** Optimizer steps that a run may have to take again when an attempt of it ends by force. */
export const stepsAtRisk = (recipe: RunRecipe): number =>
  recipe.kind === 'FineTune' ? FINE_TUNE.stepsAtRisk(recipe) : EVALUATION.stepsAtRisk(recipe);

/** Whether the stage of this very run does: whoever asks a server elsewhere needs no device to wait for it. */
export const takesDevices = ({
  stage,
  recipe,
}: {
  readonly stage: Stage;
  readonly recipe: RunRecipe;
}): boolean =>
  holdsDevices(stage) && !(stage === 'evaluate' && recipe.evaluation?.engine?.kind === 'endpoint');
