import { evidenceHere } from '../controller/evidence-here.ts';
import type { LoadedRecipe } from '../documents/load-recipe.ts';
import { planRecipe, type RecipePlan } from '../operations/plan-recipe.ts';
import { withRehearsals } from '../operations/with-rehearsals.ts';
import type { EvidenceOf } from '../plan/evidence.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { calibrationHere } from './calibration-here.ts';
import type { CliContext } from './context.ts';
import { rehearsalKept } from './kept-rehearsals.ts';
import { rehearsalOf } from './rehearsal-request.ts';
import { showReading } from './show-reading.ts';

/** The plan of a recipe with all that is known here: finished runs, rehearsals, and the data as far as it lies here. */
export async function planHere(
  loaded: LoadedRecipe,
  profile: ClusterProfile,
  context: CliContext,
): Promise<RecipePlan> {
  const recipes = loaded.arms.map(({ recipe }) => recipe);
  const evidenceOf = await measureHere(loaded.file, recipes, context);
  const planned = planRecipe(loaded, profile, await calibrationHere(context, profile), evidenceOf);
  const rehearsals = planned.plans.map((plan, index) => {
    const arm = loaded.arms[index];
    if (arm === undefined) throw new Error('each plan is of an arm');
    const { request } = rehearsalOf(arm, profile, plan, evidenceOf(arm.recipe));
    return rehearsalKept(request, context);
  });
  return withRehearsals(planned, await Promise.all(rehearsals));
}

/** What reading the data that lies here shows of recipes; `file` is where they are written. */
export const measureHere = (
  file: string,
  recipes: readonly FineTune[],
  { dataReader, home, output }: Pick<CliContext, 'dataReader' | 'home' | 'output'>,
): Promise<EvidenceOf> => {
  const place = { reader: dataReader, home, recipeFile: file, onRead: showReading(output, Date.now) };
  return evidenceHere(recipes, place);
};
