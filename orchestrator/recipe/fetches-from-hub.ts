import type { SettledEvaluation } from './evaluation-recipe.ts';
import type { Model } from './model.ts';

/** Whether a model is a repository on a hub: a folder, and a registered checkpoint, have no commit. */
export const modelIsOnHub = (model: Model): boolean =>
  model.kind === 'pretrained' && model.revision !== undefined;

/** Whether a hub has to be asked for something before its questions can be put. */
export const fetchesFromHub = (recipe: SettledEvaluation): boolean =>
  modelIsOnHub(recipe.model) ||
  recipe.evaluation.benchmarks.some(({ source }) => source.kind === 'huggingface');
