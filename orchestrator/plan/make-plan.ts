import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import { planAnswering } from './answering.ts';
import type { AnsweringFacts } from './answering-plan.ts';
import { idleShare, type StepLoads, simulateSteps } from './balance.ts';
import { type Calibration, UNCALIBRATED } from './calibration.ts';
import { NOTHING_EVALUATED } from './can-be-evaluated.ts';
import { diskFits, lastCheckpointBytes, stateBytes, stopCanBeSaved } from './checkpoint-size.ts';
import { costOf } from './cost-of.ts';
import { computeBytes } from './device-memory.ts';
import { durationOf } from './duration.ts';
import { durationParts } from './duration-parts.ts';
import { knownBenchmarks } from './evaluation-load.ts';
import { evaluationPower } from './evaluation-power.ts';
import type { Evidence } from './evidence.ts';
import { linearFlopsPerToken, loadOf } from './flops.ts';
import { changedNumerics, fp8Products } from './numerics.ts';
import { pinned } from './pinned.ts';
import type { Plan, Verdict } from './plan.ts';
import { inputsOfRecipe, type PlannedInputs } from './planned-inputs.ts';
import { findRemedies } from './remedies.ts';
import { type Sizing, sizeUp } from './sizing.ts';
import { PLAN_SOURCES } from './sources.ts';
import { specFits } from './spec-fits.ts';
import { planStages, sumOfHours } from './stages.ts';
import { type StepTime, stepTimeModel } from './step-time.ts';
import { countSteps } from './steps.ts';
import {
  dataUsable,
  hostMemoryFits,
  lengthsKnown,
  memoryFits,
  networkKeepsUp,
  noSilentTruncation,
  withinBudget,
  withinPositions,
  worldMatchesBatch,
} from './verdicts.ts';
import { vocabularyFits } from './vocabulary-fits.ts';
import { warmupEnds } from './warmup-ends.ts';

/**
 * What a recipe will take on a cluster: steps, memory, time, cost, and whether it may start. Equal arguments give equal
 * plans. `evidence` is what reading the data has shown, here or in the prepare stage; without it the recipe's own knowledge of
 * lengths serves. `calibration` is what finished runs have taught, `inputs` what is known of the content of what it reads.
 *
 * @throws StintError where batch or sequence parallelism cannot be shared out by the cluster's devices.
 */
export function makePlan(
  recipe: FineTune,
  recipeDigest: string,
  profile: ClusterProfile,
  evidence?: Evidence,
  calibration: Calibration = UNCALIBRATED,
  inputs: PlannedInputs = inputsOfRecipe(recipe),
): Plan {
  const { training } = recipe;
  const sizing = sizeUp(recipe, profile, evidence);
  const { lengths, layout, size } = sizing;
  const samples = lengths.kept.length;
  const count = countSteps(samples, training.globalBatch, training.epochs, training.schedule.warmupRatio);
  const loads = simulate(recipe, sizing);
  const time = meanStepTime(recipe, profile, sizing, loads);
  const wrap = samples === 0 ? 0 : count.passesPerEpoch / samples;
  const epoch = loadOf(lengths.kept);
  const epochFlops = sizing.cost(epoch) * wrap;
  const duration = durationOf(durationParts(recipe, profile, sizing, count.steps, time), time, calibration);
  const facts = answeringFacts(recipe, profile, sizing, knownBenchmarks(evidence));
  const answering = facts && planAnswering(facts);
  const stages = planStages({ recipe, profile, sizing, duration, evaluate: answering?.stage ?? null });
  const gpuHours = sumOfHours(stages);
  const cost = costOf(gpuHours, profile);
  const fits = sizing.fitsDevice && sizing.fitsHost;
  const remedies = fits ? [] : findRemedies(recipe, profile, evidence);
  return {
    recipe: recipe.name,
    recipeDigest,
    cluster: profile.name,
    inputs,
    basis: lengths.basis,
    samples,
    steps: count.steps,
    warmupSteps: count.warmup,
    tokensPerEpoch: Math.round(epoch.tokens * wrap),
    truncatedShare: lengths.total === 0 ? 0 : lengths.overLength / lengths.total,
    truncatedTraceShare: lengths.tracesOverLength,
    idleShare: idleShare(loads, sizing.cost),
    sequenceParallel: layout.sequenceParallel,
    sharding: layout.sharding,
    recompute: sizing.recompute,
    recomputeLimits: [...sizing.recomputeLimits],
    changesNumerics: changedNumerics(recipe),
    flops: {
      perTokenLinear: linearFlopsPerToken(size),
      perEpoch: epochFlops,
      mfu: mfuOf(epochFlops / count.perEpoch, time.seconds, profile, layout.world),
    },
    memory: {
      perGpuBytes: sizing.deviceBytes,
      capacityBytes: profile.device.memory,
      hostBytesPerNode: sizing.hostBytes,
      hostCapacityBytes: profile.node.memory,
      fits,
      parts: [...sizing.parts],
      remedies,
    },
    checkpoints: { stateBytes: stateBytes(size), lastBytes: lastCheckpointBytes(recipe, size) },
    duration,
    calibration,
    stages,
    power: facts ? evaluationPower(facts) : [],
    gpuHours,
    cost,
    verdicts: verdictsOf({
      recipe,
      profile,
      sizing,
      count,
      time,
      inputs,
      remedies,
      spending: { gpuHours, cost },
      answering,
      evidence,
    }),
    sources: { ...PLAN_SOURCES },
  };
}

interface Judged {
  readonly recipe: FineTune;
  readonly profile: ClusterProfile;
  readonly sizing: Sizing;
  readonly count: ReturnType<typeof countSteps>;
  readonly time: ReturnType<typeof meanStepTime>;
  readonly inputs: PlannedInputs;
  readonly remedies: Plan['memory']['remedies'];
  readonly spending: Pick<Plan, 'gpuHours' | 'cost'>;
  readonly answering: ReturnType<typeof planAnswering> | undefined;
  readonly evidence: Evidence | undefined;
}

/** In the order in which a person reads them. */
function verdictsOf({
  recipe,
  profile,
  sizing,
  count,
  time,
  inputs,
  remedies,
  spending,
  answering,
  evidence,
}: Judged): Verdict[] {
  const { lengths, size } = sizing;
  const disk = diskFits(recipe, size, profile);
  const spec = specFits(recipe, inputs, profile);
  const fp8 = fp8Products(recipe, profile);
  const vocabulary = vocabularyFits(recipe.model, evidence);
  return [
    lengthsKnown(lengths, profile),
    dataUsable(lengths),
    noSilentTruncation(recipe, lengths),
    withinPositions(recipe),
    ...(vocabulary ? [vocabulary] : []),
    worldMatchesBatch(recipe, sizing),
    ...(fp8 ? [fp8] : []),
    memoryFits(sizing, profile, remedies),
    hostMemoryFits(sizing, profile, remedies),
    networkKeepsUp(time, sizing, profile),
    warmupEnds(recipe, count),
    stopCanBeSaved(recipe, size, profile, time),
    ...(disk ? [disk] : []),
    ...(spec ? [spec] : []),
    ...(answering?.verdicts ?? [NOTHING_EVALUATED]),
    withinBudget(recipe, spending.gpuHours.expected, spending.cost.expected, profile),
    pinned(recipe, inputs),
  ];
}

function answeringFacts(
  recipe: FineTune,
  profile: ClusterProfile,
  { size, lengths }: Sizing,
  known: AnsweringFacts['known'],
): AnsweringFacts | undefined {
  const { kind, model, evaluation } = recipe;
  const storedBytes = computeBytes(recipe);
  return evaluation && { recipe: { kind, model, evaluation }, profile, size, lengths, known, storedBytes };
}

function simulate({ training }: FineTune, { lengths, layout, cost }: Sizing): StepLoads[] {
  if (lengths.kept.length === 0) return [];
  return simulateSteps({
    lengths: lengths.kept,
    batch: training.globalBatch,
    epochs: training.epochs,
    groups: layout.groups,
    seed: training.seed,
    cost: (length) => cost(loadOf([length])),
  });
}

function meanStepTime(
  recipe: FineTune,
  profile: ClusterProfile,
  { lengths, size, layout, recomputeLimits }: Sizing,
  loads: readonly StepLoads[],
): StepTime {
  // The longest of the run, which need not be in the group that has the most tokens.
  const [longest = 0] = lengths.kept;
  const timeOf = stepTimeModel(recipe, size, profile, layout, recomputeLimits, longest);
  const times = loads.map(timeOf);
  const mean = (of: (time: StepTime) => number) =>
    times.length === 0 ? 0 : times.reduce((sum, time) => sum + of(time), 0) / times.length;
  return {
    seconds: mean((time) => time.seconds),
    compute: mean((time) => time.compute),
    network: mean((time) => time.network),
    ring: mean((time) => time.ring),
  };
}

function mfuOf(stepFlops: number, stepSeconds: number, { device }: ClusterProfile, world: number): number {
  return stepSeconds === 0 ? 0 : stepFlops / (stepSeconds * world * device.peakTflops * 1e12);
}
