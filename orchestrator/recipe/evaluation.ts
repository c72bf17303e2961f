import { z } from 'zod';
import { SourceSchema } from './dataset.ts';
import { Name } from './name.ts';

/** How an answer is judged against the reference. */
const GRADERS = ['exact', 'integer', 'math'] as const;

/**
 * What of the vocabulary below the trainer can carry out. A recipe may say more, so that it is one and the same
 * once there is an engine for it; until then it is refused before anything is launched. The generated schemas
 * carry the table as `x-engine`, and a test of the trainer holds its own types against it.
 */
export const ENGINE = { temperatures: [0] } as const;

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
        grader: z.enum(GRADERS).default('exact'),
        /** How many questions it holds, for plans that are made where it is not at hand. Another number is refused. */
        questions: z.int().positive().optional(),
      }),
    )
    .min(1)
    .refine((benchmarks) => new Set(benchmarks.map(({ name }) => name)).size === benchmarks.length, {
      error: 'two benchmarks have one name; results are told apart by it',
    }),
  controls: z.array(ControlSchema).min(1),
  maxAnswerTokens: z.int().positive().default(512),
  temperature: z.number().min(0).default(0).meta({ 'x-engine': ENGINE.temperatures }),
  seed: z.int().nonnegative().default(1234),
  /** Questions decoded together. */
  batch: z.int().positive().default(64),
  /** Evaluate the model that training began from as well, on the same questions: what did fine-tuning change? */
  untouched: z.boolean().optional(),
});
export type EvaluationSettings = z.infer<typeof EvaluationSettingsSchema>;
