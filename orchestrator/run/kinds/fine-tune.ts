import type { FineTune } from '../../recipe/fine-tune.ts';
import type { RunKind } from './run-kind.ts';

export const FINE_TUNE: RunKind<FineTune> = {
  stages: ({ evaluation }) => ['prepare', 'train', 'export', ...(evaluation ? (['evaluate'] as const) : [])],
  stepsAtRisk: ({ training }) => training.checkpoint.everySteps ?? 0,
};
