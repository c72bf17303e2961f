import { evidenceHere, questionsHere } from '../controller/evidence-here.ts';
import type { LoadedArm, LoadedRecipe } from '../documents/load-recipe.ts';
import { planEvaluation } from '../operations/plan-evaluation.ts';
import { planRecipe, type RecipePlan } from '../operations/plan-recipe.ts';
import { withRehearsals } from '../operations/with-rehearsals.ts';
import type { Evidence, EvidenceOf } from '../plan/evidence.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { SettledEvaluation } from '../recipe/evaluation-recipe.ts';
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

/** The plan of an evaluation with what reading its questions shows, as far as they lie here. */
export const planEvaluationHere = async (
  arm: LoadedArm<SettledEvaluation>,
  profile: ClusterProfile,
  context: ReadingContext,
): Promise<RecipePlan> => planEvaluation(arm, profile, await readQuestions(arm.recipe, arm.inputs, context));

/** What reading the questions of an evaluation shows, as far as they lie here. */
export const readQuestions = (
  recipe: Parameters<typeof questionsHere>[0],
  inputs: Parameters<typeof questionsHere>[1],
  { dataReader, home, output }: ReadingContext,
): Promise<Evidence | undefined> =>
  questionsHere(recipe, inputs, { reader: dataReader, home, onRead: showReading(output, Date.now) });

type ReadingContext = Pick<CliContext, 'dataReader' | 'home' | 'output'>;

/** What reading the data that lies here shows of recipes; `file` is where they are written. */
export const measureHere = (
  file: string,
  recipes: readonly FineTune[],
  { dataReader, home, output }: ReadingContext,
): Promise<EvidenceOf> => {
  const place = { reader: dataReader, home, recipeFile: file, onRead: showReading(output, Date.now) };
  return evidenceHere(recipes, place);
};
