import { loadRecipe } from '../../documents/load-recipe.ts';
import { EXIT_CODE } from '../../errors/stint-error.ts';
import type { CliContext } from '../context.ts';
import { printJson } from '../output.ts';
import { planRecipe, refusals } from '../plan-recipe.ts';
import { pricedProfile } from '../priced-profile.ts';
import { printPlan } from '../print-plan.ts';

export interface PlanOptions {
  readonly cluster: string;
  readonly json?: boolean;
}

/** `stint plan RECIPE --cluster PROFILE`: what it would take, and whether it may start. */
export async function plan(recipeFile: string, options: PlanOptions, context: CliContext): Promise<number> {
  const { output, home } = context;
  const [loaded, profile] = await Promise.all([
    loadRecipe(recipeFile),
    pricedProfile(options.cluster, home, Date.now()),
  ]);
  const { whole } = planRecipe(loaded, profile);
  if (options.json) printJson(output, whole);
  else output.print(printPlan(whole, profile));
  return refusals(whole).length > 0 ? EXIT_CODE.refused : 0;
}
