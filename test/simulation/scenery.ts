import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { type LoadedRecipe, loadRecipe } from '../../orchestrator/documents/load-recipe.ts';
import { loadTemplates } from '../../orchestrator/documents/load-templates.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import type { ClusterProfile } from '../../orchestrator/profile/cluster-profile.ts';
import type { Templates } from '../../orchestrator/render/templates.ts';
import { layResults } from '../kubernetes/simulated/lay-results.ts';

/** What all scenarios share: what is run, where, and what its stages leave. */
export interface Scenery {
  readonly loaded: LoadedRecipe;
  readonly profile: ClusterProfile;
  readonly plan: Plan;
  readonly templates: Templates;
  /** `whole` and `broken`: the work folder of every run. */
  readonly folder: string;
}

export async function makeScenery(folder: string): Promise<Scenery> {
  const [all, h100, templates] = await Promise.all([
    loadRecipe('recipes/quickstart.yaml'),
    loadProfile('h100-16'),
    loadTemplates(),
  ]);
  const arm = all.arms.at(-1);
  if (arm === undefined || h100.backend.kind !== 'kubernetes')
    throw new Error('these are others than expected');
  const profile: ClusterProfile = {
    ...h100,
    grace: 5,
    backend: {
      ...h100.backend,
      // As a site would set them whose runs take a minute.
      deadlines: {
        pending: 30,
        imagePull: 25,
        nodeLost: 20,
        hang: 15,
        terminating: 15,
        quotaWithoutPods: 20,
      },
    },
  };
  layResults(join(folder, 'whole'), arm.recipe);
  mkdirSync(join(folder, 'broken', 'data'), { recursive: true });
  writeFileSync(join(folder, 'broken', 'data', 'prepared.json'), '{"samples":');
  const plan = makePlan(arm.recipe, arm.recipeDigest, profile);
  return { loaded: { ...all, arms: [arm] }, profile, plan, templates, folder };
}
