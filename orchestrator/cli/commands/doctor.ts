import { fileURLToPath } from 'node:url';
import { runUses } from '../../controller/run-uses.ts';
import { type Check, hasProblem, problem, warning } from '../../doctor/check.ts';
import { checkRuntimes } from '../../doctor/checks/check-runtimes.ts';
import { diagnoseCluster } from '../../doctor/diagnose-cluster.ts';
import { diagnoseMachine } from '../../doctor/diagnose-machine.ts';
import { type DryRunObject, dryRunObjects } from '../../doctor/dry-run-objects.ts';
import { checkLeaks } from '../../doctor/leaks.ts';
import { needsOf, type Owner } from '../../doctor/needs.ts';
import { loadProfile } from '../../documents/load-profile.ts';
import { loadRecipe } from '../../documents/load-recipe.ts';
import { loadTemplates } from '../../documents/load-templates.ts';
import { KINDS } from '../../errors/catalogue.ts';
import { isStintError } from '../../errors/stint-error.ts';
import { makePlan } from '../../plan/make-plan.ts';
import type { ClusterProfile } from '../../profile/cluster-profile.ts';
import type { KubernetesBackend } from '../../profile/kubernetes-backend.ts';
import type { Manifest } from '../../render/manifest.ts';
import { renderRuntime } from '../../render/render-owner.ts';
import { renderStage } from '../../render/render-stage.ts';
import { NO_INPUTS } from '../../wire/inputs.ts';
import type { CliContext } from '../context.ts';
import { openWhereThereIsOne } from '../open-where-there-is-one.ts';
import { printJson } from '../output.ts';
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
  const profile = await loadProfile(options.cluster, context.home);
  const checks = await examine(profile, context);
  const failed = hasProblem(checks);
  if (options.json) printJson(output, { cluster: profile.name, ok: !failed, checks });
  else {
    output.print(`${profile.name}: ${placeOf(profile)}\n\n${printChecks(checks, output.width)}\n`);
    output.print(summary(checks));
  }
  return failed ? KINDS.invalid.exitCode : 0;
}

async function examine(profile: ClusterProfile, context: CliContext): Promise<readonly Check[]> {
  const { backend } = profile;
  if (backend.kind === 'local') return diagnoseMachine(profile, await context.surveyMachine());
  const needs = needsOf(profile, backend);
  const { objects, trouble } = await specimen(profile);
  const found = await context.surveyCluster(backend, needs, objects);
  if ('unreached' in found) return [...diagnoseCluster(needs, found), ...trouble];
  return [
    ...diagnoseCluster(needs, found),
    ...checkRuntimes(await runtimesOf(profile, backend.owner), found),
    ...trouble,
    ...(await lookForLeaks(profile, backend, context)),
  ];
}

async function lookForLeaks(
  profile: ClusterProfile,
  backend: KubernetesBackend,
  context: CliContext,
): Promise<readonly Check[]> {
  try {
    const inventory = await context.readInventory(backend, profile.device.resource);
    const workplace = await openWhereThereIsOne(context);
    return checkLeaks(inventory, workplace ? await runUses(workplace, profile.name) : new Map(), Date.now());
  } catch (error) {
    if (!isStintError(error)) throw error;
    const [first] = error.problems;
    return [warning('leaks', `nobody can tell what leaks: ${first?.what}`, first?.todo ?? 'run this again')];
  }
}

async function runtimesOf(profile: ClusterProfile, owner: Owner): Promise<readonly Manifest[]> {
  if (owner !== 'trainjob') return [];
  const templates = await loadTemplates();
  return [true, false].map((withDevices) => renderRuntime(templates, profile, withDevices));
}

const placeOf = ({ backend }: ClusterProfile): string =>
  backend.kind === 'local'
    ? 'this machine'
    : `Kubernetes${backend.context === undefined ? '' : `, context ${backend.context}`}, namespace ${backend.namespace}`;

interface Specimen {
  readonly objects: readonly DryRunObject[];
  /** What of the profile is in the way of rendering them. */
  readonly trouble: readonly Check[];
}

/** The objects of a training stage as a launch would create them. */
async function specimen(profile: ClusterProfile): Promise<Specimen> {
  const [loaded, templates] = await Promise.all([loadRecipe(SPECIMEN), loadTemplates()]);
  const [arm] = loaded.arms;
  if (arm === undefined) throw new Error('the specimen is a FineTune');
  // A batch that any number of devices can share evenly.
  const globalBatch = profile.nodes * profile.devicesPerNode;
  const recipe = { ...arm.recipe, training: { ...arm.recipe.training, globalBatch } };
  try {
    const plan = makePlan(recipe, arm.recipeDigest, profile);
    const of = { recipe, recipeDigest: arm.recipeDigest, inputs: NO_INPUTS, profile, plan };
    const first = { attempt: 1, reachedStep: 0, avoidNodes: [] };
    const request = { ...of, ...first, run: 'doctor', stage: 'train' } as const;
    return { objects: dryRunObjects(renderStage(templates, request)), trouble: [] };
  } catch (error) {
    if (!isStintError(error)) throw error;
    return { objects: [], trouble: error.problems.map(({ what, todo }) => problem('dry run', what, todo)) };
  }
}
