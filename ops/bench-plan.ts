// Writes what `python -m trainer.bench` measures against, so that a GPU machine needs Python alone: `npm run bench:plan`.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadProfile } from '../orchestrator/documents/load-profile.ts';
import { loadRecipe } from '../orchestrator/documents/load-recipe.ts';
import { savedElementsPerToken } from '../orchestrator/plan/activations.ts';
import { shareOut } from '../orchestrator/plan/balance.ts';
import { HASH_BYTES_PER_SECOND, volumeRate } from '../orchestrator/plan/checkpoint-size.ts';
import { computeBytes, deviceMemoryParts } from '../orchestrator/plan/device-memory.ts';
import { efficiencyOf } from '../orchestrator/plan/efficiency.ts';
import { tokensPerRank } from '../orchestrator/plan/filler.ts';
import { loadOf, modelFlops } from '../orchestrator/plan/flops.ts';
import { makePlan } from '../orchestrator/plan/make-plan.ts';
import { modelSize } from '../orchestrator/plan/model-size.ts';
import type { Layout } from '../orchestrator/plan/parallelism.ts';
import { seededRandom, shuffled } from '../orchestrator/plan/random.ts';
import { recomputeOf } from '../orchestrator/plan/recompute.ts';
import { type Sizing, sizeUp } from '../orchestrator/plan/sizing.ts';
import { stepTimeModel } from '../orchestrator/plan/step-time.ts';
import type { ClusterProfile } from '../orchestrator/profile/cluster-profile.ts';
import type { FineTune } from '../orchestrator/recipe/fine-tune.ts';
import { jobSpecText } from '../orchestrator/render/job-spec.ts';
import { NO_INPUTS } from '../orchestrator/wire/inputs.ts';
import { type Recompute, RecomputeSchema } from '../orchestrator/wire/job-spec.ts';

export const BENCH_PLAN = fileURLToPath(new URL('../trainer/bench/s1-32b.plan.json', import.meta.url));

/** Blocks of the slice that is measured: with embedding, head and gradients it fits on one device of 80 GB. */
const SLICE_LAYERS = 4;
/** Steps that are taken in turn, each of its own shape. */
const STEPS_IN_TURN = 64;
/** Steps that are measured, by the rank of their tokens among all steps. */
const CASES = { p10: 0.1, median: 0.5, p90: 0.9, longest: 1 };
/** No optimizer runs in the slice, and an allocator's peak holds no CUDA context. */
const LEFT_OUT: ReadonlySet<string> = new Set(['optimizer moments', 'runtime']);

/** The plan of s1-32b on 16 H100, and of the slice of its model that one device can measure, as JSON. */
export async function benchPlanText(): Promise<string> {
  const loaded = await loadRecipe(fileURLToPath(new URL('../recipes/s1-32b.yaml', import.meta.url)));
  const [arm] = loaded.arms;
  if (!arm) throw new Error('recipes/s1-32b.yaml is no FineTune');
  const { recipe, recipeDigest } = arm;
  const profile = await loadProfile('h100-16');
  const plan = makePlan(recipe, recipeDigest, profile);
  const sizing = sizeUp(recipe, profile);
  const steps = slowestGroups(recipe, sizing);
  const ranked = steps.toSorted((a, b) => loadOf(a).tokens - loadOf(b).tokens);
  const cases = Object.entries(CASES).map(([name, quantile]) => {
    const lengths = ranked[Math.round(quantile * (ranked.length - 1))] ?? [];
    return { name, ...caseOf(recipe, profile, sizing, lengths) };
  });
  const { architecture } = recipe.model;
  const figures = {
    spec: JSON.parse(jobSpecText({ run: 'bench', recipe, recipeDigest, inputs: NO_INPUTS, profile, plan })),
    steps: plan.steps,
    devices: sizing.layout.world,
    tokenMultiple: sizing.layout.tokenMultiple,
    documentMultiple: sizing.layout.documentMultiple,
    longestSample: Math.max(...sizing.lengths.kept),
    stepFlops: plan.flops.perEpoch / (plan.steps / recipe.training.epochs),
    gpuHoursOfSteps: (plan.steps * plan.duration.stepSeconds * sizing.layout.world) / 3600,
    attentionEfficiency: efficiencyOf(profile.device.kind, recipe.training.compile).attention.cudnn,
    contention: efficiencyOf(profile.device.kind, recipe.training.compile).contention,
    tailSeconds: efficiencyOf(profile.device.kind, recipe.training.compile).tail,
    savedElementsPerToken: eachMode((mode) =>
      savedElementsPerToken(architecture, mode, {
        sequenceParallel: sizing.layout.sequenceParallel,
        compile: recipe.training.compile,
        computeBytes: computeBytes(recipe),
      }),
    ),
    /** Tokens on each rank of the slowest group, by step. */
    tokensByStep: steps.map((lengths) => tokensPerRank(loadOf(lengths), sizing.layout)),
    /** Lengths of the samples in the slowest group of the first steps. */
    stepLengths: steps.slice(0, STEPS_IN_TURN),
    volumeBytesPerSecond: volumeRate(profile),
    hashBytesPerSecond: HASH_BYTES_PER_SECOND,
    sliceLayers: SLICE_LAYERS,
    cases,
  };
  return `${JSON.stringify(figures, null, 1)}\n`;
}

/** What the plan expects of a step whose slowest group has samples of these lengths. */
function caseOf(recipe: FineTune, profile: ClusterProfile, sizing: Sizing, lengths: readonly number[]) {
  const { layout, size, recomputeLimits, longestSamples } = sizing;
  const longest = Math.max(...longestSamples);
  const load = loadOf(lengths);
  const tokens = tokensPerRank(load, layout);
  const secondsOn = (on: ClusterProfile, mode: Recompute) =>
    stepTimeModel(recipe, size, on, layout, [{ mode, upToTokens: null }], longest)([load]).compute;
  // An exchange on a network without limit takes no time, so the difference is what the exchange takes.
  const endless = { ...profile, network: { ...profile.network, nodeGBps: Number.POSITIVE_INFINITY } };
  return {
    lengths,
    tokensPerRank: tokens,
    mode: recomputeOf(recomputeLimits, tokens),
    attentionFlops: modelFlops(recipe.model.architecture, size, load).attention,
    computeSeconds: eachMode((mode) => secondsOn(endless, mode)),
    exchangeSeconds: eachMode((mode) => secondsOn(profile, mode) - secondsOn(endless, mode)),
    sliceBytes: eachMode((mode) => sliceBytes(recipe, profile, layout, { tokens, recompute: mode })),
  };
}

/** Peak bytes of the slice, by the formulas of the whole model. */
function sliceBytes(
  recipe: FineTune,
  { device }: ClusterProfile,
  layout: Layout,
  step: { tokens: number; recompute: Recompute },
): number {
  const architecture = { ...recipe.model.architecture, layers: SLICE_LAYERS };
  const slice = { ...recipe, model: { ...recipe.model, architecture } };
  const size = modelSize(architecture, architecture.vocabularySize ?? 0);
  // The slice is one rank's, which shares nothing of its states; its tokens and heads are as on each of the plan's ranks.
  const alone = { ...layout, world: 1, shards: 1 };
  return deviceMemoryParts(slice, size, device, alone, step)
    .filter(({ name }) => !LEFT_OUT.has(name))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The lengths in the costliest group of each step of a run, drawn and shared out as `simulateSteps` does. */
function slowestGroups({ training }: FineTune, { lengths, layout, cost }: Sizing): number[][] {
  const batch = training.globalBatch;
  const costOf = (length: number) => cost(loadOf([length]));
  const steps: number[][] = [];
  for (let epoch = 0; epoch < training.epochs; epoch += 1) {
    const order = shuffled(lengths.kept, seededRandom(training.seed + epoch));
    for (let start = 0; start < order.length; start += batch) {
      const samples = Array.from({ length: batch }, (_, index) => order[(start + index) % order.length] ?? 0);
      const groups = shareOut(samples, layout.groups, costOf);
      steps.push(groups.reduce((most, group) => (cost(loadOf(group)) > cost(loadOf(most)) ? group : most)));
    }
  }
  return steps;
}

const eachMode = <Figure>(figure: (mode: Recompute) => Figure): Record<string, Figure> =>
  Object.fromEntries(RecomputeSchema.options.map((mode) => [mode, figure(mode)]));

if (import.meta.main) {
  writeFileSync(BENCH_PLAN, await benchPlanText());
  console.log(BENCH_PLAN);
}
