import { z } from 'zod';
import { COST_DIMENSIONS } from '../ledger/cost-rows.ts';
import { USES } from '../ledger/use.ts';
import type { Exchange } from './exchange.ts';

const Milliseconds = z.int().nonnegative().meta({ description: 'Device time in GPU-milliseconds.' });

/** Sums of money as they add up: `ledger/price.ts` says in what. */
const Exact = z.string().regex(/^\d+$/);

const CostRowSchema = z
  .strictObject({
    key: z.partialRecord(z.enum(COST_DIMENSIONS), z.string().nullable()),
    gpuMilliseconds: Milliseconds,
    doubtfulMilliseconds: Milliseconds,
    uses: z
      .partialRecord(z.enum(USES), Milliseconds)
      .nullable()
      .meta({ description: 'Null in rows of one phase.' }),
    cost: z.strictObject({ currency: z.string(), total: Exact, waste: Exact }).nullable().meta({
      description:
        'Null where no price is known. Amounts are whole numbers of billionths of the currency × milliseconds of an hour: divide by 3.6e15.',
    }),
  })
  .meta({ id: 'CostRow' });
export type CostRowAnswer = z.infer<typeof CostRowSchema>;

/** What no figure can have in it. */
const Unseen = z.array(z.strictObject({ run: z.string(), why: z.string() }));

const Listed = <Item extends z.ZodType<string, string>>(item: Item) =>
  z
    .string()
    .min(1)
    .transform((text) => text.split(','))
    .pipe(z.array(item).min(1));

const Span = {
  runs: Listed(z.string().min(1))
    .optional()
    .meta({ description: 'Ids of runs or ablations, with commas between them.' }),
  since: z.coerce
    .number<string>()
    .int()
    .optional()
    .meta({ description: 'A day since 1970-01-01 in UTC: the first.' }),
  until: z.coerce.number<string>().int().optional().meta({ description: 'The one after the last.' }),
};

const sumCost = {
  summary: 'What was held, what of it was waste, and what it cost; rows add up exactly',
  input: z.strictObject({ ...Span, by: Listed(z.enum(COST_DIMENSIONS)) }),
  answer: z
    .strictObject({
      rows: z.array(CostRowSchema),
      arms: z.record(z.string(), z.string()).meta({ description: 'Of each run that a row names.' }),
      published: z.record(z.string(), z.number()).meta({
        description: 'Device-hours that somebody else has published for a recipe that a row names.',
      }),
      unseen: Unseen,
    })
    .meta({ id: 'CostSums' }),
} as const satisfies Exchange;

const listCharges = {
  summary: 'Charges as FOCUS 1.0 has them (https://focus.finops.org), one a run, node, stage, day and use',
  input: z.strictObject(Span),
  answer: z
    .strictObject({ charges: z.array(z.record(z.string(), z.string().nullable())), unseen: Unseen })
    .meta({ id: 'Charges' }),
} as const satisfies Exchange;

export const COST_VERBS = { sumCost, listCharges } as const;
