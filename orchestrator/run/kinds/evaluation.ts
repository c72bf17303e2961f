import type { SettledEvaluation } from '../../recipe/evaluation-recipe.ts';
import { fetchesFromHub } from '../../recipe/fetches-from-hub.ts';
import type { RunKind } from './run-kind.ts';

/**
 * It trains nothing, so nothing is exported, or lost but answers. What a hub has is fetched on processors; where nothing is, what
 * prepare would look at is looked at first by evaluate, and a pod less is started.
 */
export const EVALUATION: RunKind<SettledEvaluation> = {
  stages: (recipe) => (fetchesFromHub(recipe) ? ['prepare', 'evaluate'] : ['evaluate']),
  stepsAtRisk: () => 0,
};
