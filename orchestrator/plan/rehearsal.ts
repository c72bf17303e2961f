import type { ClusterProfile } from '../profile/cluster-profile.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Recompute } from '../wire/job-spec.ts';
import { computeBytes, reductionBytes, runtimeBytes, stepShape, tensorBytes } from './device-memory.ts';
import { fillerLengths, tokensPerRank } from './filler.ts';
import { loadOf } from './flops.ts';
import { type CollectiveBytes, collectiveBytes, rankFlops } from './rank-work.ts';
import { recomputeOf } from './recompute.ts';
import { meanLength, type Sizing } from './sizing.ts';

/** A step that is worth running before it is paid for, and what the plan's formulas say of its first rank. */
export interface PlannedRow {
  readonly name: 'most memory' | 'longest' | 'mean';
  /** Of the samples that the first group packs. */
  readonly lengths: readonly number[];
  readonly mode: Recompute;
  readonly tokensPerRank: number;
  /** Of tensors, in blocks that are not compiled: so they run in a rehearsal. */
  readonly peakBytes: number;
  /** Of the device in the run itself: in its own form, with what no tensor holds. */
  readonly runPeakBytes: number;
  readonly flops: number;
  readonly collectives: CollectiveBytes;
}

/** The step that takes the most memory, the longest one if that is another, and one of mean samples. */
export function plannedRows(recipe: FineTune, profile: ClusterProfile, sizing: Sizing): PlannedRow[] {
  const { layout, longestSamples, longestTokens, peakTokens, recomputeLimits } = sizing;
  const count = longestSamples.length;
  const room = layout.sequenceParallel * peakTokens - layout.documentMultiple;
  const evenly = Array.from({ length: count }, () => Math.max(1, Math.floor(room / count)));
  const mean = meanLength(sizing.lengths) ?? Math.max(1, longestTokens * layout.sequenceParallel);
  const means = Array.from({ length: count }, () => mean);
  const rowOf = (name: PlannedRow['name'], lengths: readonly number[], mode: Recompute) =>
    plannedRow(recipe, profile, sizing, { name, lengths, mode });
  const modeOf = (lengths: readonly number[]) =>
    recomputeOf(recomputeLimits, tokensPerRank(loadOf(lengths), layout));
  return [
    ...(peakTokens === longestTokens ? [] : [rowOf('most memory', evenly, sizing.peakRecompute)]),
    rowOf('longest', longestSamples, modeOf(longestSamples)),
    rowOf('mean', means, modeOf(means)),
  ];
}

function plannedRow(
  recipe: FineTune,
  { device }: ClusterProfile,
  { layout, size }: Sizing,
  { name, lengths, mode }: Pick<PlannedRow, 'name' | 'lengths' | 'mode'>,
): PlannedRow {
  const { architecture } = recipe.model;
  const { sequenceParallel } = layout;
  const tokens = tokensPerRank(loadOf(lengths), layout);
  const step = { tokens, recompute: mode };
  const compiled = stepShape(recipe, size, layout, step);
  const eager = { ...compiled, compile: false };
  const types = { computeBytes: computeBytes(recipe), reductionBytes: reductionBytes(recipe) };
  return {
    name,
    lengths,
    mode,
    tokensPerRank: tokens,
    peakBytes: tensorBytes(eager),
    runPeakBytes: tensorBytes(compiled) + runtimeBytes(device),
    flops: rankFlops(architecture, size, {
      ...eager,
      documents: [...lengths, ...fillerLengths(loadOf(lengths), layout)],
      labels: labelsOfFirst(lengths, tokens),
    }),
    collectives: collectiveBytes(architecture, size, { ...layout, ...types }, { ...step, sequenceParallel }),
  };
}

/** Of the first rank's tokens those with a next one in their document: a rehearsed sample has a prompt of one token. */
function labelsOfFirst(lengths: readonly number[], tokens: number): number {
  let [end, labels] = [0, 0];
  for (const length of lengths) {
    labels += Math.max(0, Math.min(length - 1, tokens - end));
    end += length;
  }
  return labels;
}
