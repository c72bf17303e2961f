import { z } from 'zod';

/** What reading a benchmark shows of it; the plan of its evaluation rests on this. */
export const BenchmarkCountsSchema = z.object({
  name: z.string(),
  /** Questions that can be asked. */
  rows: z.int().nonnegative(),
  longestPromptTokens: z.int().nonnegative(),
  /** Questions that another one before them asks; unknown of what an earlier version has read. */
  repeated: z.int().nonnegative().optional(),
});
