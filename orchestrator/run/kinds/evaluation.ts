import type { SettledEvaluation } from '../../recipe/evaluation-recipe.ts';
import type { RunKind } from './run-kind.ts';

/** It trains nothing, so nothing is prepared for training, exported, or lost but answers. */
export const EVALUATION: RunKind<SettledEvaluation> = { stages: () => ['evaluate'], stepsAtRisk: () => 0 };
