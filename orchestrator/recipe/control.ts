import { z } from 'zod';

/** How thinking is bounded at decoding time (s1, section 3.1). */
export const ControlSchema = z.discriminatedUnion('kind', [
  /** End thinking after at most this many tokens, then force the answer. */
  z.strictObject({ kind: z.literal('budget'), maxThinkingTokens: z.int().positive() }),
  /** Suppress the end of thinking `times` times and append `text` instead. */
  z.strictObject({
    kind: z.literal('wait'),
    times: z.int().positive(),
    text: z.string().min(1).default('Wait'),
    maxThinkingTokens: z.int().positive(),
    /**
     * `shared`: all rounds of thinking together keep to maxThinkingTokens, as in s1's README. `restart`: each has all of it, and what they
     * thought is cut to it at the end, as in s1's harness. Without it `shared`.
     */
    accounting: z.enum(['shared', 'restart']).optional(),
  }),
  /** Tell the model, behind the question, to think for up to `tokens`; what it thinks beyond is its own doing. */
  z.strictObject({
    kind: z.literal('token'),
    tokens: z.int().positive(),
    maxThinkingTokens: z.int().positive(),
  }),
  /**
   * Tell it to think for up to `steps`, which a model that was trained to counts down. At none left the answer is asked for, as in s1's
   * harness: whether the model would have gone on is then not known, and the result counts these answers (`countedOut`).
   */
  z.strictObject({
    kind: z.literal('step'),
    steps: z.int().positive(),
    maxThinkingTokens: z.int().positive(),
  }),
  /** Tell it to think for long, or briefly; held against the plain budget of the same `maxThinkingTokens`. */
  z.strictObject({
    kind: z.literal('class'),
    length: z.enum(['short', 'long']),
    maxThinkingTokens: z.int().positive(),
  }),
  /** Draw the thinking again, at most `tries` times in all, until it ends by itself within `maxThinkingTokens`. */
  z.strictObject({
    kind: z.literal('rejection'),
    tries: z.int().min(1).max(10_000).default(64),
    maxThinkingTokens: z.int().positive(),
  }),
]);
export type Control = z.infer<typeof ControlSchema>;
