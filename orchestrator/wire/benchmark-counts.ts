import { z } from 'zod';

/** What reading a benchmark shows of it; the plan of its evaluation rests on this. */
export const BenchmarkCountsSchema = z.object({
  name: z.string(),
  /** Questions that can be asked. */
  rows: z.int().nonnegative(),
  /** With what controls tell the model behind the question. */
  longestPromptTokens: z.int().nonnegative(),
  /** Of what is put before the thinking and between it and the answer; unknown without a tokenizer and of what an earlier version has read. */
  delimiterTokens: z.int().nonnegative().optional(),
  /** Questions that another one before them asks; unknown of what an earlier version has read. */
  repeated: z.int().nonnegative().optional(),
});
