import { z } from 'zod';
import { SettledEvaluationSchema } from '../recipe/evaluation-recipe.ts';
import { FineTuneSchema } from '../recipe/fine-tune.ts';
import { InputsSchema } from './inputs.ts';

export const StageSchema = z.enum(['prepare', 'train', 'export', 'evaluate']);
export type Stage = z.infer<typeof StageSchema>;

/** Over which ranks weights and states are sharded: all, or those of a node, each node with a replica (HSDP). */
export const ShardingSchema = z.enum(['full', 'hybrid']);
export type Sharding = z.infer<typeof ShardingSchema>;

/** What the backward pass computes again: nothing, all but attention and its projections, or everything. */
export const RecomputeSchema = z.enum(['none', 'gate', 'selective', 'full']);
export type Recompute = z.infer<typeof RecomputeSchema>;

export const RecomputeLimitSchema = z.strictObject({
  mode: RecomputeSchema,
  /** Most tokens on each rank for which this mode fits; null: any number. */
  upToTokens: z.int().nonnegative().nullable(),
});
export type RecomputeLimit = z.infer<typeof RecomputeLimitSchema>;

/** What the plan expects, as means over all steps; zero where no sample's length was known. */
const ExpectedSchema = z.strictObject({
  stepSeconds: z.number().nonnegative(),
  /** Of the slowest group, at `gemmFlopsPerSecond`. */
  computeSeconds: z.number().nonnegative(),
  /** Of the weights' and gradients' collectives, as far as they go at `ringBytesPerSecond`. */
  networkSeconds: z.number().nonnegative(),
  mfu: z.number().nonnegative(),
  /** Peak of one device. */
  memoryBytes: z.number().positive(),
  /** Of one device. */
  gemmFlopsPerSecond: z.number().positive(),
  /** Bus bandwidth of an all-gather over all ranks, for each rank. */
  ringBytesPerSecond: z.number().positive(),
});

/** Below any of these, preflight refuses to train. */
const FloorsSchema = z.strictObject({
  /** Of the slowest device. */
  gemmFlopsPerSecond: z.number().positive(),
  ringBytesPerSecond: z.number().positive(),
  /** Written into the work folder by each node. */
  diskBytesPerSecond: z.number().positive(),
});

const COMMON = {
  run: z.string().min(1),
  recipeDigest: z.string(),
  /** Where the files lie that the recipe names; the recipe itself stays as its author wrote it. */
  inputs: InputsSchema,
  world: z.strictObject({ nodes: z.int().positive(), devicesPerNode: z.int().positive() }),
  device: z.enum(['cpu', 'cuda']),
} as const;

/**
 * The JSON that every stage's container reads (`$STINT_SPEC`): JSON, never YAML, because YAML 1.1 readers take
 * `1e-05` for text. Every default is written out, so the trainer holds none of its own.
 */
export const JobSpecSchema = z.strictObject({
  ...COMMON,
  recipe: FineTuneSchema,
  /** Ranks that share one packed sequence, decided by the plan; divides devicesPerNode and the key/value heads. */
  sequenceParallel: z.int().positive(),
  sharding: ShardingSchema,
  /** What to recompute, by rising number of tokens on each rank; the last entry has no limit. */
  recompute: z.array(RecomputeLimitSchema).min(1),
  /** Dense peak of one device in TFLOP/s, for MFU. */
  peakTflops: z.number().positive(),
  expected: ExpectedSchema,
  floors: FloorsSchema.nullable(),
  /** A step that takes so much longer than is expected hangs; the trainer then ends the attempt. */
  hangSeconds: z.number().positive(),
});
export type JobSpec = z.infer<typeof JobSpecSchema>;

/** The same for a run that only evaluates: nothing of it says how to train. */
export const EvaluationSpecSchema = z.strictObject({ ...COMMON, recipe: SettledEvaluationSchema });
export type EvaluationSpec = z.infer<typeof EvaluationSpecSchema>;
