import { z } from 'zod';
import { BudgetsSchema } from '../budget/budgets.ts';
import { IdentityProviderSchema } from '../contract/identity-provider.ts';
import { PriceBookSchema } from '../ledger/price-book.ts';
import { ClusterProfileSchema } from '../profile/cluster-profile.ts';
import { PretrainedModelSchema } from '../recipe/model.ts';
import { RecipeSchema } from '../recipe/recipe.ts';
import { EvaluationResultSchema } from '../wire/evaluation-result.ts';
import { InspectionErrorSchema, InspectionRequestSchema, InspectionSchema } from '../wire/inspection.ts';
import { EvaluationSpecSchema, JobSpecSchema } from '../wire/job-spec.ts';
import { PreparedEvaluationSchema, PreparedSchema } from '../wire/prepared.ts';
import { RehearsalRequestSchema, RehearsalSchema } from '../wire/rehearsal.ts';
import { StageManifestSchema } from '../wire/stage-manifest.ts';
import { TerminationSchema } from '../wire/termination.ts';
import { TrainerEventSchema } from '../wire/trainer-event.ts';

/** Generated files: JSON Schema (draft 2020-12) of everything that people or the trainer write as YAML or JSON. */
const JSON_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  'recipes/schema/recipe.schema.json': RecipeSchema,
  'recipes/schema/budgets.schema.json': BudgetsSchema,
  'recipes/schema/cluster-profile.schema.json': ClusterProfileSchema,
  'recipes/schema/identity-provider.schema.json': IdentityProviderSchema,
  'recipes/schema/prices.schema.json': PriceBookSchema,
  'trainer/schema/job-spec.schema.json': JobSpecSchema,
  'trainer/schema/evaluation-spec.schema.json': EvaluationSpecSchema,
  'trainer/schema/trainer-event.schema.json': TrainerEventSchema,
  'trainer/schema/termination.schema.json': TerminationSchema,
  'trainer/schema/stage-manifest.schema.json': StageManifestSchema,
  'trainer/schema/prepared.schema.json': PreparedSchema,
  'trainer/schema/prepared-evaluation.schema.json': PreparedEvaluationSchema,
  'trainer/schema/inspection-request.schema.json': InspectionRequestSchema,
  'trainer/schema/inspection.schema.json': InspectionSchema,
  'trainer/schema/inspection-error.schema.json': InspectionErrorSchema,
  'trainer/schema/rehearsal-request.schema.json': RehearsalRequestSchema,
  'trainer/schema/rehearsal.schema.json': RehearsalSchema,
  'trainer/schema/evaluation-result.schema.json': EvaluationResultSchema,
};

/** The text of each generated file, by its path in the repository. */
export function renderJsonSchemas(): Readonly<Record<string, string>> {
  const entries = Object.entries(JSON_SCHEMAS).map(([path, schema]) => {
    const json = z.toJSONSchema(schema, {
      io: 'input',
      // What people write may leave a model's numbers to its folder (with-architecture.ts); what is read has them.
      override: ({ zodSchema, jsonSchema }) => {
        if (schema === RecipeSchema && zodSchema === PretrainedModelSchema)
          jsonSchema.required = jsonSchema.required?.filter((name) => name !== 'architecture') ?? [];
      },
    });
    return [path, `${JSON.stringify(json, null, 2)}\n`] as const;
  });
  return Object.fromEntries(entries);
}
