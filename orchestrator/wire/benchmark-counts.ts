import { z } from 'zod';

/** What reading a benchmark shows of it; the plan of its evaluation rests on this. */
export const BenchmarkCountsSchema = z.object({
  name: z.string(),
  /** Questions that can be asked. */
  rows: z.int().nonnegative(),
  longestPromptTokens: z.int().nonnegative(),
});
