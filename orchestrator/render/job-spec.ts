import { efficiencyOf } from '../plan/efficiency.ts';
import type { Plan } from '../plan/plan.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { RunRecipe } from '../recipe/run-recipe.ts';
import type { Inputs } from '../wire/inputs.ts';
import type { EvaluationSpec, JobSpec } from '../wire/job-spec.ts';

/** What is decided about a run before any of its stages starts, and stays so. */
export interface RunDecision {
  readonly run: string;
  readonly recipe: RunRecipe;
  readonly recipeDigest: string;
  readonly inputs: Inputs;
  readonly profile: ClusterProfile;
  readonly plan: Pick<
    Plan,
    'sequenceParallel' | 'sharding' | 'recomputeLimits' | 'flops' | 'memory' | 'duration'
  >;
}

function jobSpec(decision: RunDecision): JobSpec | EvaluationSpec {
  const { run, recipe, recipeDigest, inputs, profile, plan } = decision;
  const common = {
    run,
    recipeDigest,
    inputs,
    world: { nodes: profile.nodes, devicesPerNode: profile.devicesPerNode },
    device: profile.device.kind === 'gpu' ? 'cuda' : 'cpu',
  } as const;
  if (recipe.kind === 'Evaluation') return { ...common, recipe };
  return {
    ...common,
    recipe,
    sequenceParallel: plan.sequenceParallel,
    sharding: plan.sharding,
    recompute: plan.recomputeLimits,
    peakTflops: profile.device.peakTflops,
    expected: expectation(recipe, profile, plan),
    floors: inBaseUnits(profile.floors),
    hangSeconds: hangSeconds(profile),
  };
}

function expectation(
  { training }: FineTune,
  { device, network }: ClusterProfile,
  { duration, flops, memory }: RunDecision['plan'],
): JobSpec['expected'] {
  return {
    stepSeconds: duration.stepSeconds,
    computeSeconds: duration.computeSeconds,
    networkSeconds: duration.ringSeconds,
    mfu: flops.mfu,
    memoryBytes: memory.perGpuBytes,
    gemmFlopsPerSecond: efficiencyOf(device.kind, training.compile).gemm * device.peakTflops * 1e12,
    ringBytesPerSecond: network.ringGBps * 1e9,
  };
}

function inBaseUnits(floors: ClusterProfile['floors']): JobSpec['floors'] {
  if (!floors) return null;
  return {
    gemmFlopsPerSecond: floors.gemmTflops * 1e12,
    ringBytesPerSecond: floors.ringGBps * 1e9,
    diskBytesPerSecond: floors.diskMBps * 1e6,
  };
}

/** Longer than collectives stall while a link comes up again, short beside what sixteen devices cost. */
const LOCAL_HANG_SECONDS = 120;

const hangSeconds = ({ backend }: ClusterProfile): number =>
  backend.kind === 'kubernetes' ? backend.deadlines.hang : LOCAL_HANG_SECONDS;

/** The bytes of `spec.json`, the same for equal decisions; their sha256 is what a stage's manifest carries as `spec`. */
export const jobSpecText = (decision: RunDecision): string => `${canonicalJson(jobSpec(decision))}\n`;
