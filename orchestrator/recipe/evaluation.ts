import { z } from 'zod';
import { SourceSchema } from './dataset.ts';
import { Name } from './name.ts';

/** How thinking is bounded at decoding time (s1, section 3.1). */
const ControlSchema = z.discriminatedUnion('kind', [
  /** End thinking after at most this many tokens, then force the answer. */
  z.strictObject({ kind: z.literal('budget'), maxThinkingTokens: z.int().positive() }),
  /** Suppress the end of thinking `times` times and append `text` instead. */
  z.strictObject({
    kind: z.literal('wait'),
    times: z.int().positive(),
    text: z.string().min(1).default('Wait'),
    maxThinkingTokens: z.int().positive(),
  }),
]);

export const EvaluationSettingsSchema = z.strictObject({
  benchmarks: z
    .array(
      z.strictObject({
        name: Name,
        source: SourceSchema,
        fields: z
          .strictObject({
            question: z.string().min(1).default('question'),
            answer: z.string().min(1).default('answer'),
          })
          .prefault({}),
        /** How an answer is judged against the reference. */
        grader: z.enum(['exact', 'integer', 'math']).default('exact'),
      }),
    )
    .min(1),
  controls: z.array(ControlSchema).min(1),
  maxAnswerTokens: z.int().positive().default(512),
  temperature: z.number().min(0).default(0),
  seed: z.int().nonnegative().default(1234),
  /** Questions decoded together. */
  batch: z.int().positive().default(64),
});

export const EvaluationSchema = z.strictObject({
  kind: z.literal('Evaluation'),
  name: Name,
  description: z.string().optional(),
  /** Digest or id of a registered checkpoint. */
  checkpoint: z.string().min(1),
  evaluation: EvaluationSettingsSchema,
});
