import type { FineTune } from '../recipe/fine-tune.ts';
import type { Prepared } from '../wire/prepared.ts';
import { generatedLengths } from './generated-lengths.ts';
import { expandHistogram, shareOfTracesOver } from './histogram.ts';
import type { Plan } from './plan.ts';

/** What is known of the samples' lengths, and what the recipe's over-length policy does to them. */
export interface DataLengths {
  readonly basis: Plan['basis'];
  /** Tokens of each sample that is trained on, after truncation; the longest first. */
  readonly kept: readonly number[];
  /** Samples before any was dropped. */
  readonly total: number;
  /** Samples longer than the sequence length. */
  readonly overLength: number;
  /** Longest sample before truncation. */
  readonly longest: number;
  /** Share of samples whose reasoning trace alone exceeds the sequence length; null where traces are not counted apart. */
  readonly tracesOverLength: number | null;
}

/** Prepared data knows best, then the recipe's histogram, then the generator's distribution; else nothing is known. */
export function dataLengths(recipe: FineTune, prepared?: Prepared): DataLengths {
  if (prepared) {
    return {
      basis: 'prepared',
      kept: longestFirst(prepared.lengths),
      total: prepared.lengths.length + prepared.dropped,
      overLength: prepared.truncated + prepared.dropped,
      longest: prepared.longest,
      tracesOverLength: null,
    };
  }
  const { source, systemPrompt, lengths: histogram } = recipe.dataset;
  if (histogram) {
    const tracesOverLength = shareOfTracesOver(histogram, recipe.training.sequenceLength);
    return withPolicy(recipe, 'histogram', expandHistogram(histogram), tracesOverLength);
  }
  if (source.kind === 'generated')
    return withPolicy(recipe, 'distribution', generatedLengths(source, systemPrompt), null);
  return { basis: 'none', kept: [], total: 0, overLength: 0, longest: 0, tracesOverLength: null };
}

function withPolicy(
  recipe: FineTune,
  basis: Plan['basis'],
  lengths: readonly number[],
  tracesOverLength: number | null,
): DataLengths {
  const limit = recipe.training.sequenceLength;
  const kept =
    recipe.dataset.overLength === 'drop'
      ? lengths.filter((length) => length <= limit)
      : lengths.map((length) => Math.min(length, limit));
  return {
    basis,
    kept: longestFirst(kept),
    total: lengths.length,
    overLength: lengths.filter((length) => length > limit).length,
    longest: lengths.reduce((longest, length) => Math.max(longest, length), 0),
    tracesOverLength,
  };
}

/** A typed array, because it sorts tens of thousands of numbers ten times as fast. */
const longestFirst = (lengths: readonly number[]): number[] =>
  Array.from(Float64Array.from(lengths).toSorted()).toReversed();
