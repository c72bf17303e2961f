import type { FineTune } from '../recipe/fine-tune.ts';
import type { Recompute } from './activations.ts';

/**
 * What is recomputed in a step with so many tokens a rank. `auto` recomputes nothing if even the longest possible step
 * fits so; otherwise the trainer compiles two variants of a block and takes per step the cheaper one that fits.
 */
export function recomputeChooser(
  recipe: FineTune,
  longestTokens: number,
  fits: (tokens: number, recompute: Recompute) => boolean,
): (tokens: number) => Recompute {
  const asked = recipe.training.recompute;
  if (asked !== 'auto') return () => asked;
  if (fits(longestTokens, 'none')) return () => 'none';
  return (tokens) => (fits(tokens, 'selective') ? 'selective' : 'full');
}
