import type { z } from 'zod';

/** What a verb is given and what it answers. */
export interface Exchange {
  readonly summary: string;
  /** The fields of a GET are texts, as a query has them; parsed, they are what operations take. */
  readonly input: z.ZodObject;
  readonly answer: z.ZodType;
}
