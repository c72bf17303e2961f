import type { Source } from '../recipe/dataset.ts';
import type { Thinking } from '../recipe/thinking.ts';

type Generated = Extract<Source, { kind: 'generated' }>;

/** Tokens of one addition in a `running-digit` trace: its counter and the running digit. */
const TOKENS_PER_ADDITION = 2;
/** From here on most counters are two words (twenty-one), so two tokens. */
const TWO_WORD_COUNTERS_FROM = 21;
/** Tokens of a sample besides its additions: the turns' markers, question and answer. */
const OTHER_TOKENS = 43;
/** Tokens that a "Wait" adds: a second pair, the line break and the word. */
const TOKENS_PER_WAIT = 4;
/** Of which in s1's delimiters: a marker and a word each. */
const S1_DELIMITER_TOKENS = 4;
/** The markers of a system turn; the prompt itself is foreign to the small vocabulary, so nearly every character counts. */
const SYSTEM_TURN_TOKENS = 4;
const TOKENS_PER_SYSTEM_CHARACTER = 0.82;

/**
 * Lengths of the samples a generator will make, from its distribution: the i-th of n samples has the quantile
 * (i + 1/2) / n of the clipped log-normal number of additions. "Wait"s add their mean.
 */
export function generatedLengths(
  { samples, slipShare, additions }: Generated,
  systemPrompt: string | null,
  thinking?: Thinking,
): number[] {
  const { median, sigma, min, max } = additions;
  const system =
    systemPrompt === null ? 0 : SYSTEM_TURN_TOKENS + TOKENS_PER_SYSTEM_CHARACTER * systemPrompt.length;
  // A trace without a slip is doubted as often, at its end.
  const waits = slipShare * (2 - slipShare);
  const fixed = OTHER_TOKENS + delimiters(thinking) + TOKENS_PER_WAIT * waits + system;
  return Array.from({ length: samples }, (_, index) => {
    const drawn = Math.round(median * Math.exp(sigma * normalQuantile((index + 0.5) / samples)));
    const count = Math.min(max, Math.max(min, drawn));
    const twoWords = Math.max(0, count - TWO_WORD_COUNTERS_FROM + 1);
    return Math.round(fixed + TOKENS_PER_ADDITION * count + twoWords);
  });
}

/** Tokens of other delimiters beyond those of s1's, whose words the small vocabulary has; of others it has letters and marks. */
function delimiters(thinking: Thinking | undefined): number {
  if (thinking === undefined) return 0;
  const written = thinking.start.trimEnd() + (thinking.answerStart ?? thinking.end).trimEnd();
  return (written.match(/think|answer|[^]/g) ?? []).length - S1_DELIMITER_TOKENS;
}

/**
 * Inverse of the standard normal distribution function for 0 < p < 1, to 4.5e-4 (Abramowitz and Stegun, 26.2.23): far
 * finer than a token.
 */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return numerator / denominator - t;
}
