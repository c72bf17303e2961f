import { z } from 'zod';
import type { Comparison } from '../comparison/comparison.ts';
import type { Exchange } from './exchange.ts';

const Rows = z.array(z.looseObject({}));

/** The fields that programs read; what else is there stands in the report. */
const ComparisonSchema = z.looseObject({
  factor: z.string().nullable().meta({ description: 'The one field in which the arms differ on purpose.' }),
  arms: z.array(
    z.looseObject({
      run: z.string(),
      name: z.string(),
      value: z.unknown(),
      truncatedShare: z.number(),
      loss: z.number().nullable(),
      gpuHours: z.number(),
      cost: z.number(),
      evaluations: Rows,
    }),
  ),
  differences: Rows,
  gains: Rows,
  findings: z.array(z.looseObject({ about: z.string(), told: z.boolean(), text: z.string() })),
});

const compareRuns = {
  summary: 'What differs between runs, what it cost, and what can be told from it',
  input: z.strictObject({
    runs: z
      .string()
      .min(1)
      .transform((text) => text.split(','))
      .meta({ description: 'Ids of runs or ablations, with commas between them.' }),
  }),
  answer: z
    .strictObject({
      name: z.string().meta({ description: 'Of the ablation, or of the first recipe.' }),
      // Of the same fields, which `compareRuns` of the comparison makes.
      comparison: ComparisonSchema as unknown as z.ZodType<Comparison>,
    })
    .meta({ id: 'Compared' }),
} as const satisfies Exchange;

export const COMPARISON_VERBS = { compareRuns } as const;
