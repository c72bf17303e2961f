import { z } from 'zod';
import { FineTuneSchema } from '../recipe/fine-tune.ts';

export const StageSchema = z.enum(['prepare', 'train', 'export', 'evaluate']);
export type Stage = z.infer<typeof StageSchema>;

/**
 * The JSON that every stage's container reads (`$STINT_SPEC`): JSON, never YAML, because YAML 1.1 readers take
 * `1e-05` for text. Every default is written out, so the trainer holds none of its own.
 */
export const JobSpecSchema = z.strictObject({
  run: z.string().min(1),
  recipe: FineTuneSchema,
  recipeDigest: z.string(),
  world: z.strictObject({ nodes: z.int().positive(), devicesPerNode: z.int().positive() }),
  device: z.enum(['cpu', 'cuda']),
  /** Ranks that share one packed sequence, decided by the plan; divides devicesPerNode and the key/value heads. */
  sequenceParallel: z.int().positive(),
  /** Dense peak of one device in TFLOP/s, for MFU. */
  peakTflops: z.number().positive(),
});
export type JobSpec = z.infer<typeof JobSpecSchema>;
