import { type Load, loadOf } from './flops.ts';
import type { Layout } from './parallelism.ts';

/**
 * Lengths of the documents that fill a group's packed sequence up, so that attention's kernels see few shapes: none is
 * empty, and they are as equal as they can be (`trainer/sft/filler.py` does the same).
 */
export function fillerLengths(load: Pick<Load, 'samples' | 'tokens'>, layout: Layout): number[] {
  const { samples, tokens } = load;
  const multiple = layout.sequenceParallel * layout.tokenMultiple;
  if (tokens % multiple === 0 && samples % layout.documentMultiple === 0) return [];
  const documents = layout.documentMultiple - (samples % layout.documentMultiple);
  const added = multiple * Math.ceil((tokens + documents) / multiple) - tokens;
  const longer = added % documents;
  return Array.from(
    { length: documents },
    (_, index) => Math.floor(added / documents) + (index < longer ? 1 : 0),
  );
}

/** A load with what fills it up: half a multiple of tokens in the mean, 1% of s1K's steps. */
export function filledUp(load: Load, layout: Layout): Load {
  const filler = loadOf(fillerLengths(load, layout));
  return {
    samples: load.samples + filler.samples,
    tokens: load.tokens + filler.tokens,
    squares: load.squares + filler.squares,
  };
}

/** Tokens on each rank of a group with such a load, those counted that fill its sequence up. */
export function tokensPerRank(load: Pick<Load, 'samples' | 'tokens'>, layout: Layout): number {
  return filledUp({ ...load, squares: 0 }, layout).tokens / layout.sequenceParallel;
}
