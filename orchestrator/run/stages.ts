import type { FineTune } from '../recipe/fine-tune.ts';
import type { Stage } from '../wire/job-spec.ts';

/** Stages of a run, in order: evaluation only where the recipe asks for it. */
export function stagesOf(recipe: FineTune): readonly Stage[] {
  return ['prepare', 'train', 'export', ...(recipe.evaluation ? (['evaluate'] as const) : [])];
}

/** Whether a stage holds devices; the others run on processors, with the devices released. */
export const holdsDevices = (stage: Stage): boolean => stage === 'train' || stage === 'evaluate';
