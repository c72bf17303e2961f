import type { LoadedArm } from '../documents/load-recipe.ts';
import type { Evidence } from '../plan/evidence.ts';
import type { Plan } from '../plan/plan.ts';
import { type PlannedRow, plannedRows } from '../plan/rehearsal.ts';
import { sizeUp } from '../plan/sizing.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { jobSpecText } from '../render/job-spec.ts';
import { NO_INPUTS } from '../wire/inputs.ts';
import type { JobSpec } from '../wire/job-spec.ts';
import type { RehearsalRequest } from '../wire/rehearsal.ts';

export interface PlannedRehearsal {
  readonly planned: readonly PlannedRow[];
  readonly request: RehearsalRequest;
}

/** The steps of a plan that are worth rehearsing, and how the trainer is asked to. */
export function rehearsalOf(
  { recipe, recipeDigest }: Pick<LoadedArm, 'recipe' | 'recipeDigest'>,
  profile: ClusterProfile,
  plan: Plan,
  evidence: Evidence | undefined,
): PlannedRehearsal {
  const sizing = sizeUp(recipe, profile, evidence);
  const planned = plannedRows(recipe, profile, sizing);
  const decision = { run: 'rehearsal', recipe, recipeDigest, inputs: NO_INPUTS, profile, plan };
  return {
    planned,
    request: {
      spec: specOf(jobSpecText(decision)),
      vocabularySize: sizing.size.vocabulary,
      rows: planned.map(({ lengths, mode }) => ({ lengths: [...lengths], mode })),
    },
  };
}

const specOf = (text: string): JobSpec => JSON.parse(text) as JobSpec;
