import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Recompute, RecomputeLimit } from '../wire/job-spec.ts';
import { shareOut } from './balance.ts';
import {
  deviceMemoryParts,
  type MemoryPart,
  runtimeBytes,
  stepShape,
  tensorBytes,
  totalBytes,
} from './device-memory.ts';
import { type Evidence, knownVocabulary } from './evidence.ts';
import { tokensPerRank } from './filler.ts';
import { type Load, loadOf, modelFlops } from './flops.ts';
import { hostMemory } from './host-memory.ts';
import { type DataLengths, dataLengths } from './lengths.ts';
import { type ModelSize, modelSize } from './model-size.ts';
import { hybridLayout, type Layout, layoutOf } from './parallelism.ts';
import {
  CHOSEN_MEMORY_SHARE,
  mostTokens,
  PLANNED_MEMORY_SHARE,
  recomputeLimits,
  recomputeOf,
} from './recompute.ts';

/** Rows assumed for the project's own tokenizer before it is made: 256 bytes, its words and Qwen2.5's special tokens. */
export const ASSUMED_VOCABULARY = 460;

/** Everything about a recipe on a cluster that does not depend on time. */
export interface Sizing {
  readonly lengths: DataLengths;
  readonly size: ModelSize;
  readonly layout: Layout;
  /** Model FLOPs of a load, linear and attention together. */
  readonly cost: (load: Load) => number;
  readonly recomputeLimits: readonly RecomputeLimit[];
  /** Tokens on each rank, filled up, in the longest step that any order of the samples can give. */
  readonly longestTokens: number;
  /** Of the samples that its largest group packs. */
  readonly longestSamples: readonly number[];
  /** What that step recomputes. */
  readonly recompute: Recompute;
  /** Tokens on each rank in the step that takes the most memory: not the longest, if that recomputes more. */
  readonly peakTokens: number;
  /** What that step recomputes. */
  readonly peakRecompute: Recompute;
  readonly parts: readonly MemoryPart[];
  readonly deviceBytes: number;
  readonly hostBytes: number;
  readonly fitsDevice: boolean;
  readonly fitsHost: boolean;
}

export function sizeUp(
  recipe: FineTune,
  profile: ClusterProfile,
  evidence?: Evidence,
  lengths: DataLengths = dataLengths(recipe, evidence),
): Sizing {
  const layout = layoutOf(recipe, profile);
  const { architecture } = recipe.model;
  const vocabulary = architecture.vocabularySize ?? knownVocabulary(evidence) ?? ASSUMED_VOCABULARY;
  const size = modelSize(architecture, vocabulary);
  const cost = (load: Load) => {
    const { linear, attention } = modelFlops(architecture, size, load);
    return linear + attention;
  };
  const longestSamples = longestStep(recipe, lengths, layout, cost);
  const longestTokens = tokensPerRank(loadOf(longestSamples), layout);
  const sizeWith = (chosen: Layout): Sizing => {
    const partsFor = (tokens: number, recompute: Recompute) =>
      deviceMemoryParts(recipe, size, profile.device, chosen, { tokens, recompute });
    const mayTake = CHOSEN_MEMORY_SHARE * profile.device.memory - runtimeBytes(profile.device);
    const fits = (tokens: number, recompute: Recompute) =>
      tensorBytes(stepShape(recipe, size, chosen, { tokens, recompute })) <= mayTake;
    const stepTokens = { longest: longestTokens, mean: meanTokens(recipe, lengths, layout) };
    const limits = recomputeLimits(recipe, stepTokens, (recompute) =>
      mostTokens((tokens) => fits(tokens, recompute)),
    );
    const recompute = recomputeOf(limits, longestTokens);
    const peak = limits
      .slice(0, 1 + limits.findIndex(({ mode }) => mode === recompute))
      .map(({ mode, upToTokens }) => {
        const tokens = Math.min(upToTokens ?? longestTokens, longestTokens);
        const whole = tokens - (tokens % chosen.tokenMultiple);
        return { tokens: whole, mode, parts: partsFor(whole, mode) };
      })
      .reduce((most, step) => (totalBytes(step.parts) > totalBytes(most.parts) ? step : most));
    const deviceBytes = totalBytes(peak.parts);
    const hostBytes = hostMemory(size, profile, chosen, deviceBytes);
    return {
      lengths,
      size,
      layout: chosen,
      cost,
      recomputeLimits: limits,
      longestTokens,
      longestSamples,
      recompute,
      peakTokens: peak.tokens,
      peakRecompute: peak.mode,
      parts: peak.parts,
      deviceBytes,
      hostBytes,
      fitsDevice: deviceBytes <= PLANNED_MEMORY_SHARE * profile.device.memory,
      fitsHost: hostBytes <= profile.node.memory,
    };
  };
  const full = sizeWith(layout);
  const replicated = hybridLayout(layout);
  const hybrid = replicated && sizeWith(replicated);
  return hybrid && servesAsWell(hybrid, full, profile.device.memory) ? hybrid : full;
}

/** A replica is no reason to run at the edge: full sharding is there, and an estimate's error would end the run. */
const REPLICA_MEMORY_SHARE = 0.9;

/**
 * A replica on each node halves what crosses between two nodes and leaves the rest to the links inside, so it is taken
 * wherever it fits without recomputing more in any step. 32B parameters on devices of 80 GB, 65.5 GB of them states: only
 * with short samples, or where every step recomputes everything anyway.
 */
function servesAsWell(hybrid: Sizing, full: Sizing, deviceMemory: number): boolean {
  const turns = full.recomputeLimits.map(({ upToTokens }) =>
    Math.min(upToTokens ?? full.longestTokens, full.longestTokens),
  );
  const recomputesNoMore = turns.every(
    (tokens) => recomputeOf(hybrid.recomputeLimits, tokens) === recomputeOf(full.recomputeLimits, tokens),
  );
  const fits = hybrid.deviceBytes <= REPLICA_MEMORY_SHARE * deviceMemory && hybrid.fitsHost;
  return fits && recomputesNoMore;
}

/** On each rank in a step of samples of mean length; of unknown length they are taken to fill the sequence. */
function meanTokens({ training }: FineTune, lengths: DataLengths, layout: Layout): number {
  const samples = training.globalBatch / layout.groups;
  const tokens = samples * (meanLength(lengths) ?? training.sequenceLength);
  return tokensPerRank({ samples, tokens }, layout);
}

/** Of the samples that are kept; undefined where nothing is known of them. */
export function meanLength({ kept }: Pick<DataLengths, 'kept'>): number | undefined {
  return kept.length === 0 ? undefined : Math.max(1, Math.round(loadOf(kept).tokens / kept.length));
}

/** The longest samples all in one batch, shared out; samples of unknown length are taken to fill the sequence. */
function longestStep(
  { training }: FineTune,
  { kept }: DataLengths,
  layout: Layout,
  cost: (load: Load) => number,
): readonly number[] {
  const filler = kept[0] ?? training.sequenceLength;
  const batch = Array.from({ length: training.globalBatch }, (_, index) => kept[index] ?? filler);
  const shares = shareOut(batch, layout.groups, (length) => cost(loadOf([length])));
  return shares.reduce((most, share) => (loadOf(share).tokens > loadOf(most).tokens ? share : most));
}
