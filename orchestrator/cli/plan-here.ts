import { evidenceHere } from '../controller/evidence-here.ts';
import type { LoadedRecipe } from '../documents/load-recipe.ts';
import type { EvidenceOf } from '../plan/evidence.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { calibrationHere } from './calibration-here.ts';
import type { CliContext } from './context.ts';
import { planRecipe, type RecipePlan } from './plan-recipe.ts';
import { showReading } from './show-reading.ts';

/** The plan of a recipe with all that is known here: finished runs, and the data as far as it lies here. */
export async function planHere(
  loaded: LoadedRecipe,
  profile: ClusterProfile,
  context: CliContext,
): Promise<RecipePlan> {
  const recipes = loaded.arms.map(({ recipe }) => recipe);
  const evidenceOf = await measureHere(loaded.file, recipes, context);
  return planRecipe(loaded, profile, await calibrationHere(context, profile), evidenceOf);
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
