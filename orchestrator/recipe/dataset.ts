import { z } from 'zod';
import { formatInteger } from '../units/format.ts';
import { ThinkingSchema } from './thinking.ts';

const Sha256 = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 hex digits');

/**
 * Records are `{id?, question, trace, answer}`; `fields` says under which names a source keeps them. A field that holds a conversation
 * (`messages`, or ShareGPT's `conversations`) may be named for all three, and a text that thinks between tags (`<think> … </think>`)
 * for trace and answer: the parts are told apart in it.
 */
const FieldsSchema = z.strictObject({
  question: z.string().min(1).default('question'),
  trace: z.string().min(1).default('trace'),
  answer: z.string().min(1).default('answer'),
});

/** A plan lays out each of them. */
const MOST_SAMPLES = 10_000_000;

export const SourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('huggingface'),
    repository: z.string().min(1),
    /** Commit of that repository. `unpinned` takes what is newest when it is fetched, and the plan says so. */
    revision: z
      .string()
      .regex(
        /^(?:(?!0{40})[0-9a-f]{40}|unpinned)$/,
        'expected a full commit hash of 40 hex digits, not all of them 0, or `unpinned`',
      ),
    /** Which of the repository's datasets, where it keeps several. */
    config: z.string().min(1).optional(),
    split: z.string().min(1).default('train'),
  }),
  z.strictObject({
    kind: z.literal('file'),
    /**
     * One or several of: a file (`.jsonl`, `.json`, either with `.gz`, `.csv` or `.parquet`), a folder of such files, or a
     * pattern (`data/*.parquet`); relative to the recipe's own folder.
     */
    path: z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
    /** Of the file's bytes; of several files, of what `sha256sum` prints for them in their folder, sorted by name. */
    sha256: Sha256.optional(),
  }),
  z.strictObject({
    kind: z.literal('generated'),
    /** `running-digit`: add a step to a start value n times and keep the last digit; slips and corrections happen. */
    generator: z.literal('running-digit'),
    samples: z.int().positive().max(MOST_SAMPLES),
    seed: z.int().nonnegative(),
    /** Share of samples with a slip, "Wait", and its correction; of the others, as many doubt a right last step. */
    slipShare: z.number().min(0).max(1).default(0.1),
    /** Additions a question asks for: log-normal with this median, clipped to [min, max]. */
    additions: z
      .strictObject({
        median: z.number().positive().default(10),
        sigma: z.number().positive().default(0.6),
        min: z.int().positive().default(2),
        max: z.int().positive().default(40),
      })
      .prefault({}),
  }),
]);
export type Source = z.infer<typeof SourceSchema>;

/** Lengths that are known before the data is at hand, so that a plan needs neither the data nor a tokenizer. */
export const LengthHistogramSchema = z.strictObject({
  /** What the bins count: the reasoning trace alone, or the whole sample with template, question and answer. */
  of: z.enum(['trace', 'sample']),
  /** With `of: trace`: mean tokens of template, question and answer, added to each trace. */
  otherTokens: z.number().nonnegative().default(0),
  /** sha256 of the tokenizer.json that counted; a plan does not take these lengths for another's. */
  tokenizer: Sha256.optional(),
  /** Where the counts come from. */
  source: z.string().min(1),
  bins: z
    .array(
      z.strictObject({
        from: z.int().nonnegative(),
        to: z.int().positive(),
        count: z.int().nonnegative(),
      }),
    )
    .min(1)
    .refine(
      (bins) => bins.reduce((sum, { count }) => sum + count, 0) <= MOST_SAMPLES,
      `expected at most ${formatInteger(MOST_SAMPLES)} samples in all`,
    ),
});
export type LengthHistogram = z.infer<typeof LengthHistogramSchema>;

/** How a question is put to a model, in training and in evaluation alike. */
export const PromptFields = {
  /** Text around question, trace and answer: s1's use of Qwen2.5's chat template (s1, data/tokenization.py). */
  template: z.literal('s1').default('s1'),
  /** System prompt; null leaves the system turn out. The default is the one Qwen2.5's own template inserts. */
  systemPrompt: z
    .string()
    .nullable()
    .default('You are Qwen, created by Alibaba Cloud. You are a helpful assistant.'),
  /**
   * Text of a record or of a benchmark's question that the tokenizer would take for one of its control tokens, such as
   * `<|im_end|>`: refuse the data, or read it as plain text. It never becomes structure.
   */
  controlTokens: z.enum(['refuse', 'text']).default('refuse'),
  /** Left out: s1's, `<|im_start|>think` and `<|im_start|>answer`; of a registered checkpoint, those that it was trained on. */
  thinking: ThinkingSchema.optional(),
} as const;

export const DatasetSchema = z.strictObject({
  source: SourceSchema,
  fields: FieldsSchema.prefault({}),
  ...PromptFields,
  /**
   * Tell in each question how long its own trace is, rounded up to a power of two, so that the model learns to heed it: in tokens, or
   * in steps, which empty lines set apart and the trace then counts down (s1, section 5; `kind: token` and `kind: step` of controls).
   */
  condition: z.enum(['token', 'step']).optional(),
  /** A sample longer than `training.sequenceLength`: refuse the data, drop the sample, or cut its end. */
  overLength: z.enum(['refuse', 'drop', 'truncate']).default('refuse'),
  lengths: LengthHistogramSchema.optional(),
});
