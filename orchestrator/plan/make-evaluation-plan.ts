import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { SettledEvaluation } from '../recipe/evaluation-recipe.ts';
import { planAnswering } from './answering.ts';
import { UNCALIBRATED } from './calibration.ts';
import { costOf } from './cost-of.ts';
import { knownBenchmarks } from './evaluation-load.ts';
import { evaluationPower } from './evaluation-power.ts';
import type { QuestionEvidence } from './evidence.ts';
import { fetchStage, STORED_BYTES } from './fetch-stage.ts';
import { linearFlopsPerToken } from './flops.ts';
import { modelSize } from './model-size.ts';
import { pinned } from './pinned.ts';
import type { Plan, StagePlan } from './plan.ts';
import { inputsOfRecipe, type PlannedInputs } from './planned-inputs.ts';
import { ASSUMED_VOCABULARY } from './sizing.ts';
import { PLAN_SOURCES } from './sources.ts';
import { specFits } from './spec-fits.ts';
import { questionsUsable, withinBudget } from './verdicts.ts';
import { vocabularyFits } from './vocabulary-fits.ts';
import { weightsWhole } from './weights-whole.ts';

/** How long a model thinks is not known before it is asked, so it is taken to use up what it may. */
const UNKNOWN_LENGTHS = { longest: 0, basis: 'none', kept: [] } as const;

/**
 * What an evaluation will take on a cluster: memory, time, cost, what it can tell, and whether it may start. It trains
 * nothing, so what a plan says of samples and steps is 0. Equal arguments give equal plans. `evidence` is what reading its
 * questions has shown: where they are, or what its prepare stage has found.
 */
export function makeEvaluationPlan(
  recipe: SettledEvaluation,
  recipeDigest: string,
  profile: ClusterProfile,
  evidence?: QuestionEvidence,
  inputs: PlannedInputs = inputsOfRecipe(recipe),
): Plan {
  const { architecture } = recipe.model;
  const size = modelSize(architecture, architecture.vocabularySize ?? ASSUMED_VOCABULARY);
  const facts = {
    recipe,
    profile,
    size,
    lengths: UNKNOWN_LENGTHS,
    known: knownBenchmarks(evidence),
    storedBytes: STORED_BYTES,
  };
  const { stage, parts, verdicts } = planAnswering(facts);
  const { gpuHours } = stage;
  const before = fetchStage(recipe, size, profile);
  const cost = costOf(gpuHours, profile);
  const found = [
    questionsUsable(recipe, evidence),
    vocabularyFits(recipe.model, evidence),
    weightsWhole(evidence),
    specFits(recipe, inputs, profile),
  ];
  return {
    recipe: recipe.name,
    recipeDigest,
    cluster: profile.name,
    inputs,
    ...UNTRAINED,
    flops: { perTokenLinear: linearFlopsPerToken(size), perEpoch: 0, mfu: 0 },
    memory: memoryOf(stage, parts, profile),
    duration: { ...stage.duration, ...NO_STEPS, startupSeconds: profile.startup },
    calibration: UNCALIBRATED,
    stages: before === null ? [stage] : [before, stage],
    power: evaluationPower(facts),
    gpuHours,
    cost,
    verdicts: [
      ...found.filter((verdict) => verdict !== undefined),
      ...verdicts,
      withinBudget(recipe, gpuHours.expected, cost.expected, profile),
      pinned(recipe, inputs),
    ],
    sources: { ...PLAN_SOURCES },
  };
}

const UNTRAINED = {
  basis: 'none',
  samples: 0,
  steps: 0,
  warmupSteps: 0,
  tokensPerEpoch: 0,
  truncatedShare: 0,
  truncatedTraceShare: null,
  idleShare: 0,
  sequenceParallel: 1,
  sharding: 'full',
  recompute: 'none',
  recomputeLimits: [],
} satisfies Partial<Plan>;

const NO_STEPS = { stepSeconds: 0, computeSeconds: 0, networkSeconds: 0, ringSeconds: 0 } as const;

function memoryOf(
  { memory: { bytes, capacityBytes } }: StagePlan,
  parts: Plan['memory']['parts'],
  { node }: ClusterProfile,
): Plan['memory'] {
  return {
    perGpuBytes: bytes,
    capacityBytes,
    hostBytesPerNode: 0,
    hostCapacityBytes: node.memory,
    fits: bytes <= capacityBytes,
    parts,
    remedies: [],
  };
}
