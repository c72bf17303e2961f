import { z } from 'zod';
import { controlIssues } from './control-issues.ts';
import { PromptFields } from './dataset.ts';
import { EvaluationSettingsSchema } from './evaluation.ts';
import { PretrainedModelSchema } from './model.ts';
import { Name } from './name.ts';
import { RunBudgetSchema } from './run-budget.ts';

const PromptSchema = z.strictObject(PromptFields);

const EvaluationFields = z.strictObject({
  kind: z.literal('Evaluation'),
  name: Name,
  description: z.string().optional(),
  /** Who answers for the cost. */
  team: Name.optional(),
  project: Name.optional(),
  /** As the bill names it. */
  costCenter: Name.optional(),
  /** Id or digest of the registered checkpoint that answers. One that `stint eval --checkpoint` names takes its place. */
  checkpoint: z.string().min(1).optional(),
  /** The model that answers where no checkpoint is named; until one is, plans count with its architecture. */
  model: PretrainedModelSchema.optional(),
  /** Left out: as the checkpoint was trained to be asked, and s1's use of Qwen2.5's template for a model. */
  prompt: PromptSchema.optional(),
  evaluation: EvaluationSettingsSchema.refine(({ untouched }) => untouched !== true, {
    path: ['untouched'],
    error: 'expected false: a model that was not trained is evaluated by naming it as `model`',
  }),
  budget: RunBudgetSchema.optional(),
});

/** What a registered checkpoint, or a model as its makers published it, answers under each control of thinking. */
export const EvaluationSchema = EvaluationFields.check(({ value: { prompt, evaluation }, issues }) => {
  issues.push(...controlIssues(prompt?.thinking, evaluation));
});
export type Evaluation = z.infer<typeof EvaluationSchema>;

/** The same when it is known who answers, and how questions are put to it. */
export const SettledEvaluationSchema = EvaluationFields.extend({
  model: PretrainedModelSchema,
  prompt: PromptSchema,
});
export type SettledEvaluation = z.infer<typeof SettledEvaluationSchema>;

export const DEFAULT_PROMPT = PromptSchema.parse({});
