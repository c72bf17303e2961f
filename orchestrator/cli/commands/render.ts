import { loadProfile } from '../../documents/load-profile.ts';
import { loadRecipe } from '../../documents/load-recipe.ts';
import { loadTemplates } from '../../documents/load-templates.ts';
import { printManifests } from '../../documents/print-manifests.ts';
import { renderStage } from '../../render/render-stage.ts';
import { stagesOf } from '../../run/stages.ts';
import { type Output, printJson } from '../output.ts';
import { planRecipe } from '../plan-recipe.ts';

export interface RenderOptions {
  readonly cluster: string;
  readonly json?: boolean;
}

/** `stint render RECIPE --cluster PROFILE`: every object that a launch would create, as YAML; creates nothing. */
export async function render(recipeFile: string, options: RenderOptions, output: Output): Promise<number> {
  const [loaded, profile, templates] = await Promise.all([
    loadRecipe(recipeFile),
    loadProfile(options.cluster),
    loadTemplates(),
  ]);
  const { plans } = planRecipe(loaded, profile);
  const manifests = loaded.arms.flatMap((arm, index) => {
    const plan = plans[index];
    if (plan === undefined) throw new Error('each arm has a plan');
    const run = loaded.arms.length === 1 ? 'r-preview' : `r-preview-${index + 1}`;
    return stagesOf(arm.recipe).flatMap((stage) =>
      renderStage(templates, { ...arm, run, profile, plan, stage, attempt: 1, reachedStep: 0 }),
    );
  });
  if (options.json) printJson(output, manifests);
  else output.print(printManifests(manifests).trimEnd());
  return 0;
}
