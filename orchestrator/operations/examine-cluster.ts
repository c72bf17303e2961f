import { fileURLToPath } from 'node:url';
import type { Answer, Question } from '../contract/routes.ts';
import { runUses } from '../controller/run-uses.ts';
import { type Check, hasProblem, problem, warning } from '../doctor/check.ts';
import { checkRuntimes } from '../doctor/checks/check-runtimes.ts';
import { diagnoseCluster } from '../doctor/diagnose-cluster.ts';
import { diagnoseMachine } from '../doctor/diagnose-machine.ts';
import { type DryRunObject, dryRunObjects } from '../doctor/dry-run-objects.ts';
import { checkLeaks } from '../doctor/leaks.ts';
import { needsOf } from '../doctor/needs.ts';
import { loadRecipe } from '../documents/load-recipe.ts';
import { loadTemplates } from '../documents/load-templates.ts';
import { isStintError } from '../errors/stint-error.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { KubernetesBackend } from '../profile/kubernetes-backend.ts';
import type { Manifest } from '../render/manifest.ts';
import type { Owner } from '../render/owner.ts';
import { renderRuntime } from '../render/render-owner.ts';
import { renderStage } from '../render/render-stage.ts';
import { NO_INPUTS } from '../wire/inputs.ts';
import { inventorySeenBy, type SurveyDesk, surveyedProfile } from './survey-desk.ts';

/** Any recipe does: what is tried is its form, and that is the profile's. */
const SPECIMEN = fileURLToPath(new URL('../../recipes/s1-32b.yaml', import.meta.url));

/** Whether runs can work on a cluster, and how to fix what is in the way. Changes nothing. */
export async function examineCluster(
  desk: SurveyDesk,
  question: Question<'examineCluster'>,
): Promise<Answer<'examineCluster'>> {
  const profile = await surveyedProfile(desk, question);
  const checks = await examine(profile, desk);
  return { cluster: profile.name, place: placeOf(profile), ok: !hasProblem(checks), checks: [...checks] };
}

async function examine(profile: ClusterProfile, desk: SurveyDesk): Promise<readonly Check[]> {
  const { backend } = profile;
  const { site } = desk;
  if (backend.kind === 'local') return diagnoseMachine(profile, await site.surveyMachine());
  const needs = needsOf(profile, backend);
  const { objects, trouble } = await specimen(profile);
  const found = await site.surveyCluster(backend, needs, objects);
  if ('unreached' in found) return [...diagnoseCluster(needs, found), ...trouble];
  return [
    ...diagnoseCluster(needs, found),
    ...checkRuntimes(await runtimesOf(profile, backend.owner), found),
    ...trouble,
    ...(await lookForLeaks(profile, backend, desk)),
  ];
}

async function lookForLeaks(
  profile: ClusterProfile,
  backend: KubernetesBackend,
  { site, caller, now, openWorkplace }: SurveyDesk,
): Promise<readonly Check[]> {
  try {
    const inventory = await site.readInventory(backend, profile.device.resource);
    const workplace = await openWorkplace();
    const uses = workplace ? await runUses(workplace, profile.name, caller.team) : new Map();
    return checkLeaks(inventorySeenBy(caller, inventory, uses), uses, now());
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
