import { z } from 'zod';
import { JobSpecSchema, RecomputeSchema } from './job-spec.ts';

/** What `python -m trainer.rehearse` is asked, on its standard input: one JSON object. */
export const RehearsalRequestSchema = z.strictObject({
  spec: JobSpecSchema,
  /** Rows of the embedding. */
  vocabularySize: z.int().positive(),
  rows: z
    .array(
      z.strictObject({
        /** Lengths of the samples that the first group of ranks packs. */
        lengths: z.array(z.int().positive()).min(1),
        mode: RecomputeSchema,
      }),
    )
    .min(1),
});
export type RehearsalRequest = z.infer<typeof RehearsalRequestSchema>;

const Bytes = z.int().nonnegative();

/** A step of the first rank, as it ran on tensors without content. */
export const RehearsedRowSchema = z.object({
  tokensPerRank: z.int().positive(),
  mode: RecomputeSchema,
  /** Of its tokens those that have a label. */
  labels: z.int().nonnegative(),
  /** Of all tensors that are held at once, and in which phase of the step. */
  peakBytes: Bytes,
  phase: z.string(),
  /** The peak by what tensors are for. */
  kinds: z.record(z.string(), Bytes),
  /** The peak of each phase. */
  phases: z.record(z.string(), Bytes),
  flops: z.int().nonnegative(),
  /** Whole tensors that are gathered, reduced or exchanged, by operation. */
  collectives: z.record(z.string(), Bytes),
  /** Where the host waits for a number that the device has to compute first. */
  waits: z.array(z.object({ where: z.string(), phase: z.string(), numbers: z.int().positive() })),
});
export type RehearsedRow = z.infer<typeof RehearsedRowSchema>;

/** What it answers on its standard output: one JSON object. */
export const RehearsalSchema = z.object({
  rows: z.array(RehearsedRowSchema),
  seconds: z.number().nonnegative(),
  /** Digest of the trainer's source that ran. */
  code: z.string(),
});
export type Rehearsal = z.infer<typeof RehearsalSchema>;
