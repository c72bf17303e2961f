import type { Plan } from '../plan/plan.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { JobSpec } from '../wire/job-spec.ts';

/** What is decided about a run before any of its stages starts, and stays so. */
export interface RunDecision {
  readonly run: string;
  readonly recipe: FineTune;
  readonly recipeDigest: string;
  readonly profile: ClusterProfile;
  readonly plan: Pick<Plan, 'sequenceParallel' | 'duration'>;
}

function jobSpec({ run, recipe, recipeDigest, profile, plan }: RunDecision): JobSpec {
  return {
    run,
    recipe,
    recipeDigest,
    world: { nodes: profile.nodes, devicesPerNode: profile.devicesPerNode },
    device: profile.device.kind === 'gpu' ? 'cuda' : 'cpu',
    sequenceParallel: plan.sequenceParallel,
    peakTflops: profile.device.peakTflops,
  };
}

/** The bytes of `spec.json`, the same for equal decisions; their sha256 is what a stage's manifest carries as `spec`. */
export const jobSpecText = (decision: RunDecision): string => `${canonicalJson(jobSpec(decision))}\n`;
