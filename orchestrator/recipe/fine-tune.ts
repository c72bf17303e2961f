import { z } from 'zod';
import { GpuHours } from '../units/gpu-hours.ts';
import { MoneySchema } from '../units/money.ts';
import { DatasetSchema } from './dataset.ts';
import { EvaluationSettingsSchema } from './evaluation.ts';
import { ModelSchema } from './model.ts';
import { Name } from './name.ts';
import { TrainingSchema } from './training.ts';

/** The most a run may use; a plan whose expected use exceeds it is refused before anything starts. */
const BudgetSchema = z.strictObject({
  gpuHours: GpuHours.optional(),
  cost: MoneySchema.optional(),
});

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
  budget: BudgetSchema.optional(),
  /** What somebody else's run of it took, to compare with. */
  published: z.strictObject({ gpuHours: z.number().positive(), source: z.string().min(1) }).optional(),
});

/** What training begins from nothing has no state before it that could be evaluated. */
export const FineTuneSchema = FineTuneFields.refine(
  ({ model, evaluation }) => !(evaluation?.untouched && model.kind === 'scratch'),
  { path: ['evaluation', 'untouched'], error: 'expected false, or a model of kind pretrained' },
);
export type RunBudget = z.infer<typeof BudgetSchema>;
export type FineTune = z.infer<typeof FineTuneSchema>;
