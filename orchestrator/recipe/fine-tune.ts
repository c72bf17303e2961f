import { z } from 'zod';
import { controlIssues } from './control-issues.ts';
import { DatasetSchema } from './dataset.ts';
import { EvaluationSettingsSchema } from './evaluation.ts';
import { ModelSchema } from './model.ts';
import { Name } from './name.ts';
import { RunBudgetSchema } from './run-budget.ts';
import { countsSteps, NO_STEPS } from './thinking.ts';
import { TrainingSchema } from './training.ts';

const FineTuneFields = z.strictObject({
  kind: z.literal('FineTune'),
  name: Name,
  description: z.string().optional(),
  /** Who answers for the cost. */
  team: Name.optional(),
  project: Name.optional(),
  /** As the bill names it. */
  costCenter: Name.optional(),
  model: ModelSchema,
  dataset: DatasetSchema,
  training: TrainingSchema,
  evaluation: EvaluationSettingsSchema.optional(),
  budget: RunBudgetSchema.optional(),
  /** What somebody else's run of it took, to compare with. */
  published: z.strictObject({ gpuHours: z.number().positive(), source: z.string().min(1) }).optional(),
});

/** What training begins from nothing has no state before it that could be evaluated. */
export const FineTuneSchema = FineTuneFields.refine(
  ({ model, evaluation }) => !(evaluation?.untouched && model.kind === 'scratch'),
  { path: ['evaluation', 'untouched'], error: 'expected false, or a model of kind pretrained' },
)
  .refine(({ dataset }) => dataset.condition !== 'step' || countsSteps(dataset.thinking), {
    path: ['dataset', 'condition'],
    error: NO_STEPS,
  })
  .check(({ value: { dataset, evaluation }, issues }) => {
    issues.push(...controlIssues(dataset.thinking, evaluation));
  });
export type FineTune = z.infer<typeof FineTuneSchema>;
