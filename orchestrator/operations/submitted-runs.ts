import type { Submission } from '../contract/submission.ts';
import { digestOf } from '../documents/digest.ts';
import type { LoadedArm, LoadedRecipe } from '../documents/load-recipe.ts';
import { StintError } from '../errors/stint-error.ts';
import type { EvidenceOf } from '../plan/evidence.ts';
import type { Ablation } from '../recipe/ablation.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import { proveOneFactor } from '../recipe/expand-ablation.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { submittedPins } from './submitted-files.ts';

/** A submission as loaded from files, its digests made here; what it reads is not looked for yet. */
export interface Submitted {
  readonly loaded: LoadedRecipe;
  readonly evidenceOf: EvidenceOf;
}

/**
 * What a submission says, held against itself: its arms are those of its recipe, and differ in its factor alone.
 *
 * @throws StintError `wrong-field` and as `proveOneFactor`.
 */
export function submittedRuns(
  recipe: FineTune | Ablation,
  { file, arms, seen }: Pick<Submission, 'file' | 'arms' | 'seen'>,
): Submitted {
  requireArms(recipe, arms);
  const loaded = arms.map(
    ({ name, value, recipe: of, inputs }): LoadedArm => ({
      name,
      value,
      recipe: of,
      recipeDigest: digestOf(of),
      inputs: NOT_LOOKED_FOR,
      pinned: submittedPins(of, inputs),
    }),
  );
  const evidence = new Map(
    arms.map(({ recipe: of, seen: index }) => [canonicalJson(of), index === null ? undefined : seen[index]]),
  );
  const whole = recipe.kind === 'Ablation' ? { ...recipe, base: arms.map((arm) => arm.recipe) } : recipe;
  return {
    loaded: { file, recipe, recipeDigest: digestOf(whole), arms: loaded },
    evidenceOf: (of) => evidence.get(canonicalJson(of)),
  };
}

/** Where its files lie counts when runs are recorded. */
const NOT_LOOKED_FOR = { model: null, dataset: null, benchmarks: [] };

function requireArms(recipe: FineTune | Ablation, arms: Submission['arms']): void {
  if (recipe.kind === 'Ablation') {
    const names = (of: readonly { readonly name: string; readonly value?: unknown }[]) =>
      canonicalJson(of.map(({ name, value }) => ({ name, value: value ?? null })));
    if (names(recipe.arms) !== names(arms)) throw otherArms('its arms are not those that the recipe lists');
    return proveOneFactor(arms, recipe.factor);
  }
  const [only, ...others] = arms;
  if (others.length > 0 || canonicalJson(only?.recipe ?? null) !== canonicalJson(recipe))
    throw otherArms('a FineTune is one arm, which is the recipe itself');
}

const otherArms = (why: string): StintError =>
  new StintError({
    code: 'wrong-field',
    where: 'arms',
    what: 'the arms of this submission are not those of its recipe',
    why,
    todo: 'send what `stint launch` sends; /openapi.json describes it',
  });
