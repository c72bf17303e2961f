import type { Submission } from '../contract/submission.ts';
import { hashMemory } from '../documents/cache-folder.ts';
import type { LoadedArm } from '../documents/load-recipe.ts';
import { pinInputs } from '../documents/pin-inputs.ts';
import type { Evaluation, SettledEvaluation } from '../recipe/evaluation-recipe.ts';
import type { LaunchDesk } from './desk.ts';
import { settleEvaluation } from './settle-evaluation.ts';
import { submittedPins } from './submitted-files.ts';

/**
 * An evaluation with the one who answers. A registered checkpoint is here; what was sent is not looked for yet.
 *
 * @throws StintError as `settleEvaluation`.
 */
export async function submittedEvaluation(
  { workplace, caller, site }: Pick<LaunchDesk, 'workplace' | 'caller' | 'site'>,
  recipe: Evaluation,
  { file, asked }: Pick<Submission, 'file' | 'asked'>,
): Promise<LoadedArm<SettledEvaluation>> {
  const arm = await settleEvaluation({ file, recipe }, async () => workplace, caller);
  const sent = asked ?? { model: null, benchmarks: [] };
  const model = recipe.checkpoint === undefined ? sent.model : null;
  const pinned = submittedPins(arm.recipe, { model, benchmarks: sent.benchmarks });
  if (recipe.checkpoint === undefined) return { ...arm, pinned };
  const here = await pinInputs(arm.recipe, { ...arm.inputs, benchmarks: [] }, hashMemory(site.home));
  return { ...arm, pinned: { ...pinned, model: here.model } };
}
