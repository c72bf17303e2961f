import { evaluationsOf } from '../../../comparison/describe-arm.ts';
import { controlRuns } from '../../../controller/control-runs.ts';
import { loadRecipe } from '../../../documents/load-recipe.ts';
import { KINDS } from '../../../errors/catalogue.ts';
import { StintError } from '../../../errors/stint-error.ts';
import { pricedProfile } from '../../../operations/priced-profile.ts';
import { admitPlanned } from '../../admit-planned.ts';
import { compareAndReport, reportComparison } from '../../compare-and-report.ts';
import type { CliContext } from '../../context.ts';
import { exitCodeOf } from '../../exit-code.ts';
import { statesAtServer } from '../../follow-at-server.ts';
import { admitAtServer } from '../../launch-at-server.ts';
import { printJson } from '../../output.ts';
import { planRunsOfFile } from '../../plan-runs.ts';
import { showProgress } from '../../show-progress.ts';
import { tellInterrupt } from '../../tell-interrupt.ts';
import type { EvaluatedOptions } from '../../who-answers.ts';

export interface EvaluateOptions extends EvaluatedOptions {
  readonly cluster?: string;
  readonly json?: boolean;
}

/** `stint eval RECIPE [--checkpoint REF] --cluster PROFILE`: plan, and if the plan allows it, ask and stay until it is answered. */
export async function evaluateRecipe(
  recipeFile: string,
  options: EvaluateOptions,
  context: CliContext,
): Promise<number> {
  const { output, interrupt, force } = context;
  if (options.cluster === undefined) throw nowhere();
  if (context.server !== null)
    return evaluateAtServer(recipeFile, { ...options, cluster: options.cluster }, context);
  const profile = await pricedProfile(options.cluster, context.home, Date.now());
  const planned = await planRunsOfFile(recipeFile, options, profile, context);
  const [arm] = planned.loaded.arms;
  if (arm?.recipe.kind !== 'Evaluation') throw noEvaluation(recipeFile, planned.loaded.recipe.kind);
  const { workplace, records } = await admitPlanned(planned, profile, context, options);
  tellInterrupt(context, records);
  const runs = await controlRuns(workplace, records, {
    interrupt,
    force,
    onProgress: showProgress(output, records, workplace.now),
  });
  const [record] = records;
  if (record === undefined) throw new Error('one recipe is one run');
  const result = await workplace.store.evaluations.find(record.id);
  const states = runs.map(({ state }) => state);
  if (options.json) {
    const { checkpoint = null } = arm.recipe;
    const evaluations = result === null ? [] : evaluationsOf(result);
    printJson(output, { run: record.id, state: states[0]?.kind ?? null, checkpoint, evaluations });
  } else if (result !== null) {
    await compareAndReport(context, workplace, records);
  }
  return exitCodeOf(states);
}

/** Who answers is known at the server, and so is what came out. */
async function evaluateAtServer(
  recipeFile: string,
  options: EvaluateOptions & { readonly cluster: string },
  context: CliContext,
): Promise<number> {
  const { kind } = (await loadRecipe(recipeFile)).recipe;
  if (kind !== 'Evaluation') throw noEvaluation(recipeFile, kind);
  const server = await context.openServer();
  const runs = await admitAtServer(server, recipeFile, options, context);
  const states = await statesAtServer(context, server.followRun, runs);
  const [run] = runs;
  if (run === undefined) throw new Error('one recipe is one run');
  if (states === null) return KINDS.failed.exitCode;
  const compared = await server.stint.compareRuns({ runs: [run.id] });
  const evaluations = compared.comparison.arms[0]?.evaluations ?? [];
  if (options.json)
    printJson(context.output, {
      run: run.id,
      state: states[0]?.kind ?? null,
      checkpoint: run.evaluates,
      evaluations,
    });
  else if (evaluations.length > 0) await reportComparison(context, compared, run.id, Date.now());
  return exitCodeOf(states);
}

const nowhere = () =>
  new StintError({
    code: 'wrong-option',
    where: '--cluster',
    what: 'it is not said where to evaluate',
    todo: 'name a cluster profile: --cluster laptop',
  });

const noEvaluation = (file: string, kind: string) =>
  new StintError({
    code: 'wrong-option',
    where: `${file} kind`,
    what: `a recipe of kind ${kind} is no evaluation`,
    why: '`stint eval` takes recipes of kind Evaluation; other recipes evaluate what they have trained',
    todo: 'write one of kind Evaluation (recipes/evaluate has some), or `stint launch` this one',
  });
