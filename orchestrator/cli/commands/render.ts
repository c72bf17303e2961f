import { inputsOf } from '../../controller/stage-inputs.ts';
import { loadProfile } from '../../documents/load-profile.ts';
import type { LoadedArm } from '../../documents/load-recipe.ts';
import { loadTemplates } from '../../documents/load-templates.ts';
import { printManifests } from '../../documents/print-manifests.ts';
import { StintError } from '../../errors/stint-error.ts';
import { planRecipe, type RecipePlan, refusals } from '../../operations/plan-recipe.ts';
import { settleEvaluation } from '../../operations/settle-evaluation.ts';
import type { ClusterProfile } from '../../profile/cluster-profile.ts';
import { oneOf } from '../../recipe/one-of.ts';
import type { RunRecipe } from '../../recipe/run-recipe.ts';
import type { Manifest } from '../../render/manifest.ts';
import { renderRuntime } from '../../render/render-owner.ts';
import { renderStage } from '../../render/render-stage.ts';
import { stagesOf } from '../../run/stages.ts';
import type { Stage } from '../../wire/job-spec.ts';
import type { CliContext } from '../context.ts';
import { loadWhole, type RecipeOptions } from '../load-to-plan.ts';
import { printJson } from '../output.ts';
import { measureHere, planEvaluationHere } from '../plan-here.ts';
import { askedHere, type EvaluatedOptions } from '../who-answers.ts';

export interface RenderOptions extends RecipeOptions, EvaluatedOptions {
  readonly cluster: string;
  readonly runtime?: boolean;
  readonly stage?: string;
  readonly json?: boolean;
}

type RenderContext = Pick<CliContext, 'output' | 'home' | 'dataReader' | 'openWorkplace'>;

/**
 * `stint render RECIPE --cluster PROFILE [--stage STAGE]`: every object that a launch would create, each once, as YAML; creates
 * nothing.
 * `stint render --runtime --cluster PROFILE`: what its TrainJobs need to be installed once.
 */
export async function render(
  recipeFile: string | undefined,
  options: RenderOptions,
  context: RenderContext,
): Promise<number> {
  const { output } = context;
  const parts = options.runtime
    ? [{ title: undefined, manifests: await runtimes(recipeFile, options, context.home) }]
    : await launchParts(recipeFile, options, context);
  if (options.json)
    printJson(
      output,
      parts.flatMap(({ manifests }) => manifests),
    );
  else output.print(printParts(parts).trimEnd());
  return 0;
}

/** What is applied at one time. */
interface Part {
  readonly title: string | undefined;
  readonly manifests: readonly Manifest[];
}

const TOGETHER = `# Stages are jobs of their own: applied together, all would start at once, without the files of those before them.
# \`stint launch\` creates each when the one before it has succeeded; --stage prints one alone.
`;

function printParts(parts: readonly Part[]): string {
  const printed = parts.map(
    ({ title, manifests }) => `${title === undefined ? '' : `# ${title}\n`}${printManifests(manifests)}`,
  );
  return `${parts.length > 1 ? TOGETHER : ''}${printed.join('---\n')}`;
}

async function launchParts(
  recipeFile: string | undefined,
  options: RenderOptions,
  context: RenderContext,
): Promise<readonly Part[]> {
  const { stage: only } = options;
  if (recipeFile === undefined)
    throw new StintError({
      code: 'no-recipe',
      where: 'render',
      what: 'there is no recipe to render',
      todo: 'name one, or ask for what a cluster needs to be installed once with --runtime',
    });
  const [profile, templates] = await Promise.all([
    loadProfile(options.cluster, context.home),
    loadTemplates(),
  ]);
  const { arms, whole, plans } = await plannedRuns(recipeFile, options, profile, context);
  for (const { name, message } of refusals(whole))
    context.output.tell(`\`stint launch\` would refuse this on ${profile.name}: ${name}: ${message}`);
  const first = { attempt: 1, reachedStep: 0, avoidNodes: [] };
  const seen = new Set<string>();
  const isNew = ({ kind, metadata }: Manifest) => {
    const name = `${kind} ${metadata.name}`;
    return !seen.has(name) && seen.add(name);
  };
  return arms.flatMap((arm, index) => {
    const plan = plans[index];
    if (plan === undefined) throw new Error('each arm has a plan');
    const run = arms.length === 1 ? 'r-preview' : `r-preview-${index + 1}`;
    const stages = stagesOf(arm.recipe);
    const inputs = inputsOf(arm, profile);
    return wanted(stages, only).map((stage) => ({
      title: `${run}, stage ${stage} (${stages.indexOf(stage) + 1} of ${stages.length})`,
      manifests: renderStage(templates, { ...arm, ...first, inputs, run, profile, plan, stage }).filter(
        isNew,
      ),
    }));
  });
}

interface PlannedArms extends RecipePlan {
  /** In the order of the plans. */
  readonly arms: readonly LoadedArm<RunRecipe>[];
}

/** Nothing is pinned: what a recipe reads may be elsewhere. */
async function plannedRuns(
  file: string,
  options: RenderOptions,
  profile: ClusterProfile,
  context: RenderContext,
): Promise<PlannedArms> {
  const loaded = await loadWhole(file, options);
  const asked = askedHere(loaded, options);
  if (asked !== undefined) {
    const arm = await settleEvaluation(asked, () => context.openWorkplace());
    return { arms: [arm], ...(await planEvaluationHere(arm, profile, context)) };
  }
  const { arms } = loaded;
  const recipes = arms.map(({ recipe }) => recipe);
  const evidenceOf = await measureHere(loaded.file, recipes, context);
  return { arms, ...planRecipe(loaded, profile, undefined, evidenceOf) };
}

const wanted = (stages: readonly Stage[], only: string | undefined): readonly Stage[] =>
  only === undefined ? stages : [oneOf('--stage', only, stages, 'no-such-stage')];

async function runtimes(
  recipeFile: string | undefined,
  { cluster, stage }: RenderOptions,
  home: string,
): Promise<readonly Manifest[]> {
  const [profile, templates] = await Promise.all([loadProfile(cluster, home), loadTemplates()]);
  if (stage !== undefined)
    throw new StintError({
      code: 'no-runtime',
      where: '--stage',
      what: 'a runtime is of no stage',
      todo: 'leave out --stage, or --runtime',
    });
  if (recipeFile !== undefined || profile.backend.kind === 'local')
    throw new StintError({
      code: 'no-runtime',
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
