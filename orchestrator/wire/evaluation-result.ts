import { z } from 'zod';

const ControlResultSchema = z.object({
  control: z.enum(['budget', 'wait']),
  /** Largest number of thinking tokens. */
  budget: z.int().positive(),
  /** With `wait`: how often the end of thinking was suppressed. */
  times: z.int().nonnegative(),
  /** One entry a question, in the benchmark's order: 1 right, 0 wrong. */
  correct: z.array(z.union([z.literal(0), z.literal(1)])),
  thinkingTokens: z.array(z.int().nonnegative()),
  /** Questions whose thinking was ended by the budget. */
  forced: z.int().nonnegative(),
  /** Answers that say nothing which the grader can judge; they count as wrong. Results of old have no count. */
  unreadable: z.int().nonnegative().optional(),
  /** Answers that ended at `maxAnswerTokens`; what of them may be incomplete is never judged. */
  cut: z.int().nonnegative().optional(),
  /**
   * Questions for which the control did what it says; for which it could not, as where thinking never ended by itself; and
   * for which the engine did something else. Told from the tokens. Results of old have no counts.
   */
  obeyed: z.int().nonnegative().optional(),
  impossible: z.int().nonnegative().optional(),
  ignored: z.int().nonnegative().optional(),
});

const BenchmarkResultsSchema = z.array(
  z.object({
    name: z.string(),
    n: z.int().positive(),
    /** sha256 of the questions, so that two results are compared only over the same ones. */
    questions: z.string(),
    results: z.array(ControlResultSchema),
  }),
);

/** In what a model was decoded: fp32 where it fits its device (trainer/evaluate/memory.py). */
const DtypeSchema = z.enum(['fp32', 'bf16']);

/** `evaluation/results.json`: what the evaluate stage measured; intervals and means are derived from it. */
export const EvaluationResultSchema = z.object({
  /** Digest of the manifest of the checkpoint that was evaluated. */
  checkpoint: z.string(),
  dtype: DtypeSchema.optional(),
  benchmarks: BenchmarkResultsSchema,
  /** Of the model that training began from, where the recipe asks for it. */
  untouched: z.object({ dtype: DtypeSchema.optional(), benchmarks: BenchmarkResultsSchema }).optional(),
});
export type EvaluationResult = z.infer<typeof EvaluationResultSchema>;
export type ControlResult = z.infer<typeof ControlResultSchema>;
