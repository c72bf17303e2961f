import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Prepared } from '../wire/prepared.ts';
import type { Recompute } from './activations.ts';
import { shareOut } from './balance.ts';
import { deviceMemoryParts, type MemoryPart, totalBytes } from './device-memory.ts';
import { type Load, loadOf, modelFlops } from './flops.ts';
import { hostMemory } from './host-memory.ts';
import { type DataLengths, dataLengths } from './lengths.ts';
import { type ModelSize, modelSize } from './model-size.ts';
import { type Layout, layoutOf } from './parallelism.ts';
import { recomputeChooser } from './recompute.ts';

/** Rows assumed for the project's own tokenizer before it is made: 256 bytes, its words and Qwen2.5's special tokens. */
const ASSUMED_VOCABULARY = 460;

/** Everything about a recipe on a cluster that does not depend on time. */
export interface Sizing {
  readonly lengths: DataLengths;
  readonly size: ModelSize;
  readonly layout: Layout;
  /** Model FLOPs of a load, linear and attention together. */
  readonly cost: (load: Load) => number;
  readonly recomputeFor: (tokensPerRank: number) => Recompute;
  /** Tokens on each rank in the longest step that any order of the samples can give. */
  readonly longestTokens: number;
  readonly recompute: Recompute;
  readonly parts: readonly MemoryPart[];
  readonly deviceBytes: number;
  readonly hostBytes: number;
  readonly fitsDevice: boolean;
  readonly fitsHost: boolean;
}

export function sizeUp(
  recipe: FineTune,
  profile: ClusterProfile,
  prepared?: Prepared,
  lengths: DataLengths = dataLengths(recipe, prepared),
): Sizing {
  const { architecture } = recipe.model;
  const vocabulary = architecture.vocabularySize ?? prepared?.vocabularySize ?? ASSUMED_VOCABULARY;
  const size = modelSize(architecture, vocabulary);
  const layout = layoutOf(recipe, profile);
  const cost = (load: Load) => {
    const { linear, attention } = modelFlops(architecture, size, load);
    return linear + attention;
  };
  const longestTokens = longestStep(recipe, lengths, layout, cost);
  const partsFor = (tokens: number, recompute: Recompute) =>
    deviceMemoryParts(recipe, size, profile.device, layout, { tokens, recompute });
  const recomputeFor = recomputeChooser(
    recipe,
    longestTokens,
    (tokens, recompute) => totalBytes(partsFor(tokens, recompute)) <= profile.device.memory,
  );
  const recompute = recomputeFor(longestTokens);
  const parts = partsFor(longestTokens, recompute);
  const deviceBytes = totalBytes(parts);
  const hostBytes = hostMemory(recipe, size, profile, layout, deviceBytes);
  return {
    lengths,
    size,
    layout,
    cost,
    recomputeFor,
    longestTokens,
    recompute,
    parts,
    deviceBytes,
    hostBytes,
    fitsDevice: deviceBytes <= profile.device.memory,
    fitsHost: hostBytes <= profile.node.memory,
  };
}

/** The longest samples all in one batch, shared out; samples of unknown length are taken to fill the sequence. */
function longestStep(
  { training }: FineTune,
  { kept }: DataLengths,
  { groups, sequenceParallel }: Layout,
  cost: (load: Load) => number,
): number {
  const filler = kept[0] ?? training.sequenceLength;
  const batch = Array.from({ length: training.globalBatch }, (_, index) => kept[index] ?? filler);
  const shares = shareOut(batch, groups, (length) => cost(loadOf([length])));
  return Math.ceil(Math.max(...shares.map((share) => loadOf(share).tokens)) / sequenceParallel);
}
