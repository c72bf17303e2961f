import { z } from 'zod';
import { AblationSchema } from './ablation.ts';
import { CurationSchema } from './curation.ts';
import { EvaluationSchema } from './evaluation-recipe.ts';
import { FineTuneSchema } from './fine-tune.ts';

/** A recipe says what is to be done; a cluster profile says where. */
export const RecipeSchema = z.discriminatedUnion('kind', [
  FineTuneSchema,
  AblationSchema,
  EvaluationSchema,
  CurationSchema,
]);
export type Recipe = z.infer<typeof RecipeSchema>;
