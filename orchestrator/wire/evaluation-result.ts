import { z } from 'zod';

const FlagSchema = z.union([z.literal(0), z.literal(1)]);

export const CONTROL_KINDS = ['budget', 'wait', 'token', 'step', 'class', 'rejection'] as const;

/** What the model was told, or how often it was drawn at most: tokens, steps, how long, tries. Absent of `budget` and `wait`. */
const AskedSchema = z.union([z.int().positive(), z.enum(['short', 'long'])]);

/** Answers that a judge was asked about, by its verdict; `unheard` got none, and what the grader said of them stands. */
const JudgeCountsSchema = z.object({
  asked: z.int().nonnegative(),
  right: z.int().nonnegative(),
  wrong: z.int().nonnegative(),
  unreadable: z.int().nonnegative(),
  unheard: z.int().nonnegative(),
  /** Verdicts against what the grader had read. */
  overruled: z.int().nonnegative(),
  /** As far as its server counts them. */
  promptTokens: z.int().nonnegative(),
  completionTokens: z.int().nonnegative(),
});
export type JudgeCounts = z.infer<typeof JudgeCountsSchema>;

/** What tells one way to bound thinking from another. */
export const CONTROL_NAME = {
  control: z.enum(CONTROL_KINDS),
  /** Largest number of thinking tokens. */
  budget: z.int().positive(),
  /** With `wait`: how often the end of thinking was suppressed. */
  times: z.int().nonnegative(),
  asked: AskedSchema.optional(),
  /** With `wait`: what was put in its place, where that was not "Wait". */
  text: z.string().min(1).optional(),
  /** With `wait`: each round of thinking had the whole budget; else they share it. */
  accounting: z.literal('restart').optional(),
} as const;

const ControlResultSchema = z.object({
  ...CONTROL_NAME,
  /** With `rejection`, of all answers to a question: how often thinking was drawn, and the tokens of all that was drawn. */
  tries: z.array(z.int().positive()).optional(),
  drawnTokens: z.array(z.int().nonnegative()).optional(),
  /**
   * With `step`, of all answers to a question: steps that were counted down, and in how many of them thinking was ended because none was
   * left, so that keeping to them was not the model's doing. Results of old have none.
   */
  steps: z.array(z.int().nonnegative()).optional(),
  countedOut: z.array(z.int().nonnegative()).optional(),
  /** Answers to each question; results of old have one. */
  samples: z.int().positive().optional(),
  /** How many of its answers are right, one entry a question, in the benchmark's order. */
  correct: z.array(z.int().nonnegative()),
  /** Of all its answers together. */
  thinkingTokens: z.array(z.int().nonnegative()),
  /** Answers whose thinking was ended by the budget. */
  forced: z.int().nonnegative(),
  /** Answers that say nothing which the grader can judge; they count as wrong. Results of old have no count. */
  unreadable: z.int().nonnegative().optional(),
  /** Answers that ended at `maxAnswerTokens`; what of them may be incomplete is never judged. */
  cut: z.int().nonnegative().optional(),
  /** Where the recipe names a judge. */
  judge: JudgeCountsSchema.optional(),
  /**
   * Questions for which the control did what it says; for which it could not, as where thinking never ended by itself; and
   * for which the engine did something else. Told from the tokens. Results of old have no counts.
   */
  obeyed: z.int().nonnegative().optional(),
  impossible: z.int().nonnegative().optional(),
  ignored: z.int().nonnegative().optional(),
  /** Answers whose thinking, or which themselves, ended in the same tokens again and again (trainer/evaluate/loops.py). */
  looped: z.int().nonnegative().optional(),
  /** With several answers a question: by question, over the first so many of them. */
  votes: z
    .array(
      z.object({
        answers: z.int().positive(),
        /** The answer that most of them gave is right. */
        majority: z.array(FlagSchema),
        /** Any of them is right. */
        covered: z.array(FlagSchema),
      }),
    )
    .optional(),
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

/** What else decided what was answered: in bf16 a greedy answer changes with the engine, its version and its batches. */
const EngineIdentitySchema = z.object({
  kind: z.enum(['trainer', 'vllm', 'endpoint']),
  name: z.string(),
  /** Null where it says none. */
  version: z.string().nullable(),
  dtype: DtypeSchema.nullable(),
  /** Most sequences continued together. */
  batch: z.int().positive(),
  /** Devices that share a copy of the model, and copies; null of an endpoint. */
  tensorParallel: z.int().positive().nullable(),
  replicas: z.int().positive().nullable(),
  /** Of an endpoint: where it is, and the name of the model that it serves; nobody knows more of what answered. */
  url: z.string().optional(),
  model: z.string().optional(),
});

/** Who judged beside the graders. */
const JudgeIdentitySchema = z.object({
  url: z.string(),
  model: z.string(),
  answers: z.enum(['unreadable', 'all']),
  /** Null where its server draws at one temperature alone, its own. Results of old do not say it. */
  temperature: z.number().nullable().optional(),
  /** sha256 of what it was told. */
  instructions: z.string(),
});

const Measured = {
  dtype: DtypeSchema.optional(),
  /** Absent in results of old. */
  engine: EngineIdentitySchema.optional(),
  judge: JudgeIdentitySchema.optional(),
  /** How tokens were chosen. Results of old are greedy, an answer a question. */
  sampling: z
    .object({ temperature: z.number(), samples: z.int().positive(), seed: z.int().nonnegative() })
    .optional(),
  benchmarks: BenchmarkResultsSchema,
};

/** `evaluation/results.json`: what the evaluate stage measured; intervals and means are derived from it. */
export const EvaluationResultSchema = z.object({
  /** Digest of the manifest of the checkpoint that was evaluated. */
  checkpoint: z.string(),
  ...Measured,
  /** Of the model that training began from, where the recipe asks for it. */
  untouched: z.object(Measured).optional(),
});
export type EvaluationResult = z.infer<typeof EvaluationResultSchema>;
export type ControlResult = z.infer<typeof ControlResultSchema>;
