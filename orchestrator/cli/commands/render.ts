import { inputsOf } from '../../controller/stage-inputs.ts';
import { loadProfile } from '../../documents/load-profile.ts';
import { loadTemplates } from '../../documents/load-templates.ts';
import { printManifests } from '../../documents/print-manifests.ts';
import { StintError } from '../../errors/stint-error.ts';
import type { Manifest } from '../../render/manifest.ts';
import { renderRuntime } from '../../render/render-owner.ts';
import { renderStage } from '../../render/render-stage.ts';
import { stagesOf } from '../../run/stages.ts';
import type { CliContext } from '../context.ts';
import { loadWhole, type RecipeOptions } from '../load-to-plan.ts';
import { printJson } from '../output.ts';
import { measureHere } from '../plan-here.ts';
import { planRecipe } from '../plan-recipe.ts';

export interface RenderOptions extends RecipeOptions {
  readonly cluster: string;
  readonly runtime?: boolean;
  readonly json?: boolean;
}

/**
 * `stint render RECIPE --cluster PROFILE`: every object that a launch would create, as YAML; creates nothing.
 * `stint render --runtime --cluster PROFILE`: what its TrainJobs need to be installed once.
 */
export async function render(
  recipeFile: string | undefined,
  options: RenderOptions,
  context: Pick<CliContext, 'output' | 'home' | 'dataReader'>,
): Promise<number> {
  const { output } = context;
  const manifests = options.runtime
    ? await runtimes(recipeFile, options.cluster)
    : await launchObjects(recipeFile, options, context);
  if (options.json) printJson(output, manifests);
  else output.print(printManifests(manifests).trimEnd());
  return 0;
}

async function launchObjects(
  recipeFile: string | undefined,
  options: RenderOptions,
  context: Pick<CliContext, 'output' | 'home' | 'dataReader'>,
): Promise<readonly Manifest[]> {
  if (recipeFile === undefined)
    throw new StintError({
      code: 'no-recipe',
      blame: 'input',
      where: 'render',
      what: 'there is no recipe to render',
      todo: 'name one, or ask for what a cluster needs to be installed once with --runtime',
    });
  const [loaded, profile, templates] = await Promise.all([
    loadWhole(recipeFile, options),
    loadProfile(options.cluster),
    loadTemplates(),
  ]);
  const recipes = loaded.arms.map(({ recipe }) => recipe);
  const { plans } = planRecipe(loaded, profile, undefined, await measureHere(loaded.file, recipes, context));
  const first = { attempt: 1, reachedStep: 0, avoidNodes: [] };
  return loaded.arms.flatMap((arm, index) => {
    const plan = plans[index];
    if (plan === undefined) throw new Error('each arm has a plan');
    const run = loaded.arms.length === 1 ? 'r-preview' : `r-preview-${index + 1}`;
    const inputs = inputsOf(arm, profile);
    return stagesOf(arm.recipe).flatMap((stage) =>
      renderStage(templates, { ...arm, ...first, inputs, run, profile, plan, stage }),
    );
  });
}

async function runtimes(recipeFile: string | undefined, cluster: string): Promise<readonly Manifest[]> {
  const [profile, templates] = await Promise.all([loadProfile(cluster), loadTemplates()]);
  if (recipeFile !== undefined || profile.backend.kind === 'local')
    throw new StintError({
      code: 'no-runtime',
      blame: 'input',
      where: '--runtime',
      what:
        recipeFile === undefined
          ? `the cluster profile "${profile.name}" has no Kubernetes to install a runtime on`
          : 'a runtime does not depend on a recipe',
      todo:
        recipeFile === undefined
          ? 'name a profile of a Kubernetes cluster'
          : `leave out --runtime, or leave out ${recipeFile}`,
    });
  return [true, false].map((withDevices) => renderRuntime(templates, profile, withDevices));
}
