import { writeText } from '../../documents/write-text.ts';
import { KINDS } from '../../errors/catalogue.ts';
import { StintError } from '../../errors/stint-error.ts';
import { refusals } from '../../operations/plan-recipe.ts';
import { pricedProfile } from '../../operations/priced-profile.ts';
import type { Sweep } from '../../plan/sweep.ts';
import type { CliContext } from '../context.ts';
import type { RecipeOptions } from '../load-to-plan.ts';
import { type Output, printJson } from '../output.ts';
import { type PlannedThere, planAtServer } from '../plan-at-server.ts';
import { planRunsOfFile } from '../plan-runs.ts';
import { planSweepOfFile } from '../plan-sweep.ts';
import { printPlan } from '../print-plan.ts';
import { sweepTable } from '../render/sweep-table.ts';
import type { EvaluatedOptions } from '../who-answers.ts';

export interface PlanOptions extends RecipeOptions, EvaluatedOptions {
  readonly cluster: string;
  /** A field and its values: the curve over them in place of one plan. */
  readonly sweep?: string;
  readonly svg?: string;
  readonly json?: boolean;
}

/** `stint plan RECIPE --cluster PROFILE`: what it would take, and whether it may start. */
export async function plan(recipeFile: string, options: PlanOptions, context: CliContext): Promise<number> {
  const { output, home } = context;
  if (options.sweep !== undefined) {
    await printSweep(await planSweepOfFile(recipeFile, options.sweep, options, context), options, output);
    return 0;
  }
  if (options.svg !== undefined) throw svgWithoutSweep();
  if (context.server !== null)
    return show(
      await planAtServer(await context.openServer(), recipeFile, options, context),
      options,
      output,
    );
  const profile = await pricedProfile(options.cluster, home, Date.now());
  return show({ ...(await planRunsOfFile(recipeFile, options, profile, context)), profile }, options, output);
}

function show(
  { whole, profile }: Pick<PlannedThere, 'whole' | 'profile'>,
  options: PlanOptions,
  output: Output,
): number {
  if (options.json) printJson(output, whole);
  else output.print(printPlan(whole, profile));
  return refusals(whole).length > 0 ? KINDS.refused.exitCode : 0;
}

async function printSweep(sweep: Sweep, { json, svg }: PlanOptions, output: Output): Promise<void> {
  if (json) printJson(output, sweep);
  else output.print(sweepTable(sweep, output.isTerminal ? { width: output.width } : {}));
  if (svg === undefined) return;
  const [{ renderSvg }, { sweepChart }, { LIGHT }] = await Promise.all([
    import('../../charts/render-svg.ts'),
    import('../../comparison/chart/sweep-chart.ts'),
    import('../../comparison/chart/palette.ts'),
  ]);
  await writeText(svg, await renderSvg(sweepChart(sweep, LIGHT)));
  output.tell(`written: ${svg}`);
}

const svgWithoutSweep = () =>
  new StintError({
    code: 'wrong-option',
    where: '--svg',
    what: 'one plan is no curve to draw',
    why: '--svg draws what --sweep computes',
    todo: 'add --sweep, for example --sweep training.sequenceLength=1024,2048,…,32768',
  });
