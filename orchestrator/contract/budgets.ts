import { z } from 'zod';
import { BudgetSchema, BudgetsSchema } from '../budget/budgets.ts';
import type { Exchange } from './exchange.ts';

const Account = z
  .strictObject({
    name: z.string(),
    team: z.string().nullable(),
    project: z.string().nullable(),
    period: z.string(),
    since: z.string().meta({ description: 'First day of the period, in UTC.' }),
    unit: z.string().meta({ description: 'gpuMilliseconds, or a currency; of all figures.' }),
    limit: z.number(),
    used: z.number(),
    reserved: z.number(),
    reservedBy: z.array(z.string()),
    left: z.number(),
    share: z.number().meta({ description: 'Of the limit that is used.' }),
    state: z.enum(['ok', 'over 80%', 'reached', 'overrun']),
    stopped: z.array(z.string()).meta({ description: 'Runs that it has stopped in this period.' }),
    overrun: z.number(),
    unpricedGpuMilliseconds: z.int(),
  })
  .meta({ id: 'BudgetAccount' });
export type BudgetAccount = z.infer<typeof Account>;

const Unseen = z.strictObject({ run: z.string(), why: z.string() });

const listBudgets = {
  summary: 'Limit, used, reserved and left of each budget in this period',
  input: z.strictObject({}),
  answer: z
    .strictObject({
      budgets: z.array(Account),
      coming: z.array(BudgetSchema).meta({ description: 'Not in force yet.' }),
      unseen: z.array(Unseen).meta({ description: 'Runs whose clusters could not be asked.' }),
    })
    .meta({ id: 'Budgets' }),
} as const satisfies Exchange;

const applyBudgets = {
  summary: 'Put budgets in the place of all that were there',
  input: BudgetsSchema,
  answer: z
    .strictObject({
      changes: z.array(
        z.strictObject({
          what: z.enum(['added', 'changed', 'removed', 'kept']),
          name: z.string(),
          before: z.string().nullable(),
          after: z.string().nullable(),
        }),
      ),
    })
    .meta({ id: 'BudgetChanges' }),
} as const satisfies Exchange;

export const BUDGET_VERBS = { listBudgets, applyBudgets } as const;
