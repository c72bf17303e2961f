import { z } from 'zod';
import { SourceSchema } from './dataset.ts';
import { Name } from './name.ts';

/** From a pool of questions to a small training set: quality, difficulty, diversity (s1, section 2). */
export const CurationSchema = z.strictObject({
  kind: z.literal('Curation'),
  name: Name,
  description: z.string().optional(),
  sources: z.array(z.strictObject({ name: Name, source: SourceSchema })).min(1),
  decontaminate: z.strictObject({
    against: z.array(z.strictObject({ name: Name, source: SourceSchema })),
    /** Words of an n-gram; a question that shares one with a benchmark is dropped (s1: 8). */
    ngram: z.int().positive().default(8),
  }),
  select: z.strictObject({
    samples: z.int().positive(),
    seed: z.int().nonnegative(),
    /** Keep only questions that none of these models answers right. */
    difficulty: z.strictObject({ unsolvedBy: z.array(z.string().min(1)) }).optional(),
    diversity: z
      .strictObject({
        domains: z.enum(['uniform', 'benchmark-weighted']).default('uniform'),
        /** Weight of the trace of rank r among a domain's traces, longest first, is this to the power -r. */
        lengthBase: z.number().gt(1).default(2),
      })
      .optional(),
  }),
});
