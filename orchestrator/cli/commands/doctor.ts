import { fileURLToPath } from 'node:url';
import { type Check, hasProblem } from '../../doctor/check.ts';
import { diagnoseCluster } from '../../doctor/diagnose-cluster.ts';
import { diagnoseMachine } from '../../doctor/diagnose-machine.ts';
import { type DryRunObject, dryRunObjects } from '../../doctor/dry-run-objects.ts';
import { needsOf } from '../../doctor/needs.ts';
import { loadProfile } from '../../documents/load-profile.ts';
import { loadRecipe } from '../../documents/load-recipe.ts';
import { loadTemplates } from '../../documents/load-templates.ts';
import { EXIT_CODE } from '../../errors/stint-error.ts';
import type { ClusterProfile } from '../../profile/cluster-profile.ts';
import { renderStage } from '../../render/render-stage.ts';
import type { CliContext } from '../context.ts';
import { printJson } from '../output.ts';
import { planRecipe } from '../plan-recipe.ts';
import { printChecks, summary } from '../print-checks.ts';

export interface DoctorOptions {
  readonly cluster: string;
  readonly json?: boolean;
}

/** Any recipe does: what is tried is its form, and that is the profile's. */
const SPECIMEN = fileURLToPath(new URL('../../../recipes/s1-32b.yaml', import.meta.url));

/** `stint doctor --cluster PROFILE`: whether runs can work there, and how to mend what is in the way. Changes nothing. */
export async function doctor(options: DoctorOptions, context: CliContext): Promise<number> {
  const { output } = context;
  const profile = await loadProfile(options.cluster);
  const checks = await examine(profile, context);
  const failed = hasProblem(checks);
  if (options.json) printJson(output, { cluster: profile.name, ok: !failed, checks });
  else {
    output.print(`${profile.name}: ${placeOf(profile)}\n\n${printChecks(checks, output.width)}\n`);
    output.print(summary(checks));
  }
  return failed ? EXIT_CODE.input : 0;
}

async function examine(profile: ClusterProfile, context: CliContext): Promise<readonly Check[]> {
  const { backend } = profile;
  if (backend.kind === 'local') return diagnoseMachine(profile, await context.surveyMachine());
  const needs = needsOf(profile, backend);
  return diagnoseCluster(needs, await context.surveyCluster(backend, needs, await specimen(profile)));
}

const placeOf = ({ backend }: ClusterProfile): string =>
  backend.kind === 'local'
    ? 'this machine'
    : `Kubernetes${backend.context === undefined ? '' : `, context ${backend.context}`}, namespace ${backend.namespace}`;

/** The objects of a training stage as a launch would create them. */
async function specimen(profile: ClusterProfile): Promise<readonly DryRunObject[]> {
  const [loaded, templates] = await Promise.all([loadRecipe(SPECIMEN), loadTemplates()]);
  const { plans } = planRecipe(loaded, profile);
  const [arm, plan] = [loaded.arms[0], plans[0]];
  if (arm === undefined || plan === undefined) throw new Error('the specimen is a FineTune');
  const request = {
    ...arm,
    profile,
    plan,
    run: 'doctor',
    stage: 'train',
    attempt: 1,
    reachedStep: 0,
  } as const;
  return dryRunObjects(renderStage(templates, request));
}
