import type { SubmittedSweep } from '../contract/submission.ts';
import { pricedProfile } from '../operations/priced-profile.ts';
import { requireInputsHere } from '../operations/require-inputs-here.ts';
import type { Evidence, EvidenceOf } from '../plan/evidence.ts';
import { makeSweep, type Sweep } from '../plan/sweep.ts';
import { calibrationHere } from './calibration-here.ts';
import type { CliContext } from './context.ts';
import { loadToPlan, type RecipeOptions } from './load-to-plan.ts';
import { namedCluster } from './named-cluster.ts';
import { measureHere } from './plan-here.ts';
import { type RecipeSweep, sweepRecipe } from './sweep-recipe.ts';

interface SweepOptions extends RecipeOptions {
  readonly cluster: string;
}

/** What a recipe takes for each value of a field: its data is measured here, and planned where the finished runs are known. */
export async function planSweepOfFile(
  file: string,
  series: string,
  options: SweepOptions,
  context: CliContext,
): Promise<Sweep> {
  const { cluster } = options;
  if (context.server !== null) {
    const loaded = await loadToPlan(file, options, context);
    const sweep = sweepRecipe(loaded, series);
    const submission = await submitted(sweep, cluster, await measured(file, sweep, context));
    return (await context.openStint()).planSweep(submission);
  }
  const profile = await pricedProfile(cluster, context.home, Date.now());
  const loaded = await loadToPlan(file, options, context);
  requireInputsHere(loaded, profile);
  const sweep = sweepRecipe(loaded, series);
  const { recipe, factor, variants } = sweep;
  const calibrationOf = await calibrationHere(context, profile);
  return makeSweep(recipe, factor, variants, profile, calibrationOf, await measured(file, sweep, context));
}

const measured = (
  file: string,
  { recipe, variants }: RecipeSweep,
  context: CliContext,
): Promise<EvidenceOf> => measureHere(file, [recipe, ...variants.map((variant) => variant.recipe)], context);

async function submitted(
  { recipe, factor, variants }: RecipeSweep,
  cluster: string,
  evidenceOf: EvidenceOf,
): Promise<SubmittedSweep> {
  const seen: Evidence[] = [];
  const at = (of: RecipeSweep['recipe']): number | null => {
    const evidence = evidenceOf(of);
    if (evidence === undefined) return null;
    if (!seen.includes(evidence)) seen.push(evidence);
    return seen.indexOf(evidence);
  };
  const base = at(recipe);
  const sent = variants.map(({ value, recipe: of }) => ({ value, recipe: of, seen: at(of) }));
  // They were parsed from what its schema describes.
  return {
    recipe,
    factor,
    base,
    variants: sent,
    seen,
    cluster: await namedCluster(cluster),
  } as SubmittedSweep;
}
