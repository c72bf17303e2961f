import type { FineTune } from '../recipe/fine-tune.ts';
import type { Inspection } from '../wire/inspection.ts';
import type { Prepared } from '../wire/prepared.ts';
import type { Evidence, NotHere } from './evidence.ts';
import { generatedLengths } from './generated-lengths.ts';
import { expandHistogram, shareOfTracesOver } from './histogram.ts';
import type { Plan } from './plan.ts';
import { whatPrepareRefuses } from './unusable-data.ts';

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
  /** Why no length is known, and what to do; null where they are known, or nothing more can be said. */
  readonly unknown: string | null;
  /** Why prepare would refuse the data, each with what to do. */
  readonly unusable: readonly string[];
}

const NOTHING: DataLengths = {
  basis: 'none',
  kept: [],
  total: 0,
  overLength: 0,
  longest: 0,
  tracesOverLength: null,
  unknown: null,
  unusable: [],
};

/**
 * Prepared data knows best, then the data itself where it lies here, then the recipe's histogram, then the generator's
 * distribution; else nothing is known. A length is never taken from one tokenizer for another.
 */
export function dataLengths(recipe: FineTune, evidence?: Evidence): DataLengths {
  if (evidence === undefined) return fromRecipe(recipe);
  if ('inspection' in evidence) return fromInspection(recipe, evidence.inspection);
  return 'why' in evidence ? fromRecipe(recipe, evidence) : fromPrepared(evidence);
}

function fromPrepared(prepared: Prepared): DataLengths {
  return {
    ...NOTHING,
    basis: 'prepared',
    kept: longestFirst(prepared.lengths),
    total: prepared.lengths.length + prepared.dropped,
    overLength: prepared.truncated + prepared.dropped,
    longest: prepared.longest,
  };
}

function fromInspection(recipe: FineTune, inspection: Inspection): DataLengths {
  const limit = recipe.training.sequenceLength;
  const { lengths, traceLengths } = inspection;
  const traces =
    traceLengths.length === 0
      ? null
      : traceLengths.filter((length) => length > limit).length / traceLengths.length;
  return {
    ...withPolicy(recipe, 'measured', lengths, traces),
    unusable: whatPrepareRefuses(recipe, inspection),
  };
}

function fromRecipe(recipe: FineTune, here?: NotHere): DataLengths {
  const { source, systemPrompt, thinking, lengths: histogram } = recipe.dataset;
  if (histogram) {
    const other = otherTokenizer(histogram.tokenizer, here?.tokenizer ?? undefined);
    if (other !== null) return { ...NOTHING, unknown: other };
    const tracesOverLength = shareOfTracesOver(histogram, recipe.training.sequenceLength);
    return withPolicy(recipe, 'histogram', expandHistogram(histogram), tracesOverLength);
  }
  // The distribution counts in the tokens of the project's own tokenizer, which a pretrained model does not have.
  if (source.kind === 'generated' && recipe.model.kind === 'scratch')
    return withPolicy(recipe, 'distribution', generatedLengths(source, systemPrompt, thinking), null);
  return { ...NOTHING, unknown: here?.why ?? null };
}

function otherTokenizer(counted: string | undefined, own: string | undefined): string | null {
  if (counted === undefined || own === undefined || counted === own) return null;
  return `dataset.lengths was counted with another tokenizer (${short(counted)}) than the model’s (${short(own)}): count again with \`stint data inspect RECIPE --write-lengths\` where the data is, or remove dataset.lengths`;
}

const short = (digest: string): string => digest.slice(0, 'sha256:'.length + 12);

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
    ...NOTHING,
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
