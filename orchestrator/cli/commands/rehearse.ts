import { KINDS } from '../../errors/catalogue.ts';
import { StintError } from '../../errors/stint-error.ts';
import { nothingToPlan, planRecipe } from '../../operations/plan-recipe.ts';
import { pricedProfile } from '../../operations/priced-profile.ts';
import { requireInputsHere } from '../../operations/require-inputs-here.ts';
import { type JudgedRehearsal, judgeRehearsal } from '../../plan/judge-rehearsal.ts';
import type { ClusterProfile } from '../../profile/cluster-profile.ts';
import { calibrationHere } from '../calibration-here.ts';
import type { CliContext } from '../context.ts';
import { keptRehearsals, keyOfRehearsal } from '../kept-rehearsals.ts';
import { loadToPlan, type RecipeOptions } from '../load-to-plan.ts';
import { printJson } from '../output.ts';
import { type PlannedThere, planAtServer } from '../plan-at-server.ts';
import { measureHere } from '../plan-here.ts';
import { type PlannedRehearsal, rehearsalOf } from '../rehearsal-request.ts';
import { rehearsalText } from '../render/rehearsal-text.ts';
import { showReading } from '../show-reading.ts';

export interface RehearseOptions extends RecipeOptions {
  readonly cluster: string;
  readonly json?: boolean;
}

/**
 * `stint rehearse RECIPE --cluster PROFILE`: the plan's largest and mean step, run by the trainer's own code as the first of
 * all ranks on tensors without content; no device is needed and none is held.
 *
 * @returns 3 where a step does not fit a device, 1 where a figure of the plan is wrong.
 */
export async function rehearse(
  recipeFile: string,
  options: RehearseOptions,
  context: CliContext,
): Promise<number> {
  const { output } = context;
  const { arms, plans, profile, evidenceOf } = await planToRehearse(recipeFile, options, context);
  const different = new Map<string, { readonly name: string; readonly asked: PlannedRehearsal }>();
  arms.forEach((arm, index) => {
    const plan = plans[index];
    if (plan === undefined) throw new Error('each arm has a plan');
    const asked = rehearsalOf(arm, profile, plan, evidenceOf(arm.recipe));
    const key = keyOfRehearsal(asked.request);
    if (!different.has(key)) different.set(key, { name: arm.recipe.name, asked });
  });
  const judged: (JudgedRehearsal & { readonly recipe: string })[] = [];
  for (const { name, asked } of different.values())
    judged.push({ recipe: name, ...(await rehearseOne(asked, profile, context)) });
  const [only, ...others] = judged;
  if (options.json) printJson(output, others.length === 0 ? only : { rehearsals: judged });
  else output.print(judged.map((each) => rehearsalText(each, profile)).join('\n\n'));
  if (judged.some(({ fits }) => !fits)) return KINDS.refused.exitCode;
  return judged.every(({ asPlanned }) => asPlanned) ? 0 : KINDS.failed.exitCode;
}

/** Where a server was named, it plans: it knows the finished runs. */
async function planToRehearse(
  recipeFile: string,
  options: RehearseOptions,
  context: CliContext,
): Promise<Pick<PlannedThere, 'arms' | 'plans' | 'profile' | 'evidenceOf'>> {
  if (context.server !== null) {
    const there = await planAtServer(await context.openServer(), recipeFile, options, context);
    if (there.arms.length === 0) throw nothingToPlan(recipeFile, there.submission.recipe.kind);
    return there;
  }
  const [loaded, profile] = await Promise.all([
    loadToPlan(recipeFile, options, context),
    pricedProfile(options.cluster, context.home, Date.now()),
  ]);
  requireInputsHere(loaded, profile);
  const { arms, file } = loaded;
  const recipes = arms.map(({ recipe }) => recipe);
  const evidenceOf = await measureHere(file, recipes, context);
  const { plans } = planRecipe(loaded, profile, await calibrationHere(context, profile), evidenceOf);
  return { arms, plans, profile, evidenceOf };
}

async function rehearseOne(
  { planned, request }: PlannedRehearsal,
  { device }: ClusterProfile,
  { rehearser, home, output }: CliContext,
): Promise<JudgedRehearsal> {
  const found = await rehearser.rehearse(request, showReading(output, Date.now));
  if (found.rows.length !== planned.length)
    throw new StintError({
      code: 'rehearsal-failed',
      what: `the rehearsal answered ${found.rows.length} of ${planned.length} steps`,
      todo: 'run it again; report this if it stays so',
    });
  const judged = judgeRehearsal(planned, found, device.memory);
  await keptRehearsals(home).keep(keyOfRehearsal(request), {
    code: judged.code,
    peakBytes: Math.max(...judged.rows.map(({ peakBytes }) => peakBytes)),
    passed: judged.fits && judged.asPlanned,
  });
  return judged;
}
