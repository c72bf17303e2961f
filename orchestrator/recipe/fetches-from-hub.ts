import type { SettledEvaluation } from './evaluation-recipe.ts';

/** Whether who answers is a repository on a hub: a folder, and a registered checkpoint, have no commit. */
export const modelIsOnHub = ({ model }: Pick<SettledEvaluation, 'model'>): boolean =>
  model.revision !== undefined;

/** Whether a hub has to be asked for something before its questions can be put. */
export const fetchesFromHub = (recipe: SettledEvaluation): boolean =>
  modelIsOnHub(recipe) || recipe.evaluation.benchmarks.some(({ source }) => source.kind === 'huggingface');
