import type { Submission } from '../../orchestrator/contract/submission.ts';
import type { LoadedRecipe } from '../../orchestrator/documents/load-recipe.ts';

/** A recipe whose data is generated, as a client sends it. */
export function submissionOf(
  { file, recipe, arms }: LoadedRecipe,
  cluster: Submission['cluster'],
): Submission {
  const sent = arms.map(({ name, value, recipe: of }) => {
    const benchmarks = (of.evaluation?.benchmarks ?? []).map((each) => ({
      benchmark: each.name,
      files: null,
    }));
    return { name, value, recipe: of, inputs: { model: null, dataset: null, benchmarks }, seen: null };
  });
  return { file, recipe, arms: sent, seen: [], cluster } as Submission;
}
