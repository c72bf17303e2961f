import { z } from 'zod';
import { eachOnce } from '../recipe/each-once.ts';
import { Name } from '../recipe/name.ts';
import { GpuHours } from '../units/gpu-hours-limit.ts';
import { MoneySchema } from '../units/money.ts';

export const BudgetSchema = z
  .strictObject({
    name: Name,
    /** Whose runs it covers: those whose recipe names this team, or this project. */
    team: Name.optional(),
    project: Name.optional(),
    /** `month`: a calendar month in UTC, each with the whole limit. `total`: from `from` on. */
    period: z.enum(['month', 'total']),
    gpuHours: GpuHours.optional(),
    cost: MoneySchema.optional(),
    /** The first day, in UTC, that it is about: 2026-11-01. What was held before counts for nothing. */
    from: z.iso.date().optional(),
  })
  .refine(({ team, project }) => (team === undefined) !== (project === undefined), {
    message: 'expected exactly one of team and project',
  })
  .refine(({ gpuHours, cost }) => gpuHours !== undefined || cost !== undefined, {
    message: 'expected gpuHours, cost or both',
  });

/** What teams and projects may hold. A file of it is the whole set: what it does not name is not limited. */
export const BudgetsSchema = z.strictObject({
  kind: z.literal('Budgets'),
  budgets: z
    .array(BudgetSchema)
    .check(eachOnce(({ name }) => name, 'expected a name that no other budget has', 'name')),
});
export type Budget = z.infer<typeof BudgetSchema>;
