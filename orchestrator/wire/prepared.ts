import { z } from 'zod';
import { BenchmarkCountsSchema } from './benchmark-counts.ts';
import { ReadInputsSchema } from './inputs.ts';

/** `data/prepared.json`: what prepare found in the data and decided for every step; the plan reads it. */
export const PreparedSchema = z.object({
  samples: z.int().positive(),
  /** Samples cut at the end because they exceeded the sequence length. */
  truncated: z.int().nonnegative(),
  /** Samples left out because they exceeded it. */
  dropped: z.int().nonnegative(),
  /** Tokens of each kept sample after truncation, in dataset order. */
  lengths: z.array(z.int().positive()),
  /** Labelled tokens of each kept sample. */
  labels: z.array(z.int().positive()),
  /** Longest sample before truncation. */
  longest: z.int().positive(),
  steps: z.int().positive(),
  warmupSteps: z.int().nonnegative(),
  vocabularySize: z.int().positive(),
  /** sha256 of the dataset's records and of the plan rows. */
  dataset: z.string(),
  /** Commit of the dataset's repository that was read, where the recipe names none. */
  datasetCommit: z.string().optional(),
  rows: z.string(),
  /** Absent in what was prepared before digests of it were kept. */
  inputs: ReadInputsSchema.optional(),
  /** What decoding will take rests on it; absent where it was not counted yet. */
  benchmarks: z.array(BenchmarkCountsSchema).optional(),
});
export type Prepared = z.infer<typeof PreparedSchema>;

/** The same of a run that only evaluates: what prepare has fetched from a hub, and what it has found in it. */
export const PreparedEvaluationSchema = z.object({
  inputs: ReadInputsSchema.omit({ dataset: true }),
  benchmarks: z.array(BenchmarkCountsSchema),
});
export type PreparedEvaluation = z.infer<typeof PreparedEvaluationSchema>;
