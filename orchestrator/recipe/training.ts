import { z } from 'zod';

export const TrainingSchema = z.strictObject({
  /** Tokens of the longest sample that is trained on whole; what happens to longer ones: `dataset.overLength`. */
  sequenceLength: z.int().min(8),
  epochs: z.int().positive().max(1_000_000),
  /** Samples an optimizer step averages over, each with equal weight whatever its length. */
  globalBatch: z.int().positive().max(65_536),
  optimizer: z.strictObject({
    kind: z.literal('adamw').default('adamw'),
    learningRate: z.number().positive(),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.95),
    epsilon: z.number().positive().default(1e-8),
    weightDecay: z.number().nonnegative().default(1e-4),
    /** Largest gradient norm; a larger gradient is scaled down to it. */
    gradientClip: z.number().positive().default(1),
  }),
  schedule: z
    .strictObject({
      kind: z.literal('cosine').default('cosine'),
      /** Share of all steps spent warming up from 0; the count is rounded up. */
      warmupRatio: z.number().min(0).lt(1).default(0.05),
    })
    .prefault({}),
  /** Order of samples: epoch e uses randperm with seed + e, as accelerate does. */
  seed: z.int().nonnegative().default(42),
  /**
   * Compute type of matrix products; master weights, gradients' reduction and Adam's moments are fp32. fp8-rowwise changes
   * numerics: the blocks' products round both operands to FP8 with a scale for each row, all else is as with bf16.
   */
  compute: z.enum(['bf16', 'fp32', 'fp8-rowwise']).default('bf16'),
  /** Reduce gradients and rotate positions in bf16, as s1's published stack did. */
  asPublished: z.boolean().default(false),
  /** Ranks that share one packed sequence (Ulysses); must divide the key/value heads. auto: the ranks of a node. */
  sequenceParallel: z.union([z.literal('auto'), z.int().positive()]).default('auto'),
  /** Activations computed again in the backward pass. */
  recompute: z.enum(['auto', 'full', 'selective', 'gate', 'none']).default('auto'),
  /** Compile each transformer block. */
  compile: z.boolean().default(true),
  /**
   * Sums in a fixed order: a run that is resumed, or repeated, on as many devices is equal to the bit. On GPUs attention's
   * backward pass is slower then, and takes more memory.
   */
  deterministic: z.boolean().optional(),
  checkpoint: z
    .strictObject({
      /** Steps between checkpoints that a restart can continue from; null keeps none but the last. */
      everySteps: z.int().positive().nullable().default(null),
      /** Checkpoints kept on disk. */
      keep: z.int().positive().default(2),
    })
    .prefault({}),
  /** A look into the steps from the first to the last of these: traces in the run's `profile/`. They are slower. */
  profile: z
    .strictObject({
      steps: z.array(z.int().positive()).length(2),
    })
    .refine(({ steps: [first = 1, last = first] }) => first <= last, {
      path: ['steps'],
      error: 'expected the first step and the last, in this order',
    })
    .optional(),
});
export type Training = z.infer<typeof TrainingSchema>;
