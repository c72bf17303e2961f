import { counted } from '../../units/counted.ts';

/** What a caption says of evaluations that are not drawn: without any thinking they have no place on a scale that doubles. */
export function unplaced(evaluations: readonly { readonly meanThinkingTokens: number }[]): readonly string[] {
  const count = evaluations.filter(({ meanThinkingTokens }) => meanThinkingTokens === 0).length;
  if (count === 0) return [];
  const [have, them] = count === 1 ? ['has', 'it'] : ['have', 'them'];
  return [
    `${counted(count, 'evaluation')} without any thinking ${have} no place on this scale; the table of accuracies has ${them}.`,
  ];
}

/** The scale of numbers of tokens, which doubles: from a little below the least to a little above the most. */
export function tokenDomain(tokens: readonly number[]): readonly [number, number] {
  return [Math.min(...tokens) / 1.15, Math.max(...tokens) * 1.15];
}

/** Powers of two, as the scale doubles; a few of the chart's own where fewer than two fall inside. */
export function tokenTicks(
  tokens: readonly number[],
): { readonly values: readonly number[] } | { readonly tickCount: number } {
  const [low, high] = tokenDomain(tokens);
  const first = Math.ceil(Math.log2(low));
  const count = Math.floor(Math.log2(high)) - first + 1;
  return count < 2
    ? { tickCount: 4 }
    : { values: Array.from({ length: count }, (_, index) => 2 ** (first + index)) };
}
