import { z } from 'zod';
import { GpuHours } from '../units/gpu-hours-limit.ts';
import { MoneySchema } from '../units/money.ts';

/** The most a run may use; a plan whose expected use exceeds it is refused before anything starts. */
export const RunBudgetSchema = z.strictObject({
  gpuHours: GpuHours.optional(),
  cost: MoneySchema.optional(),
});
export type RunBudget = z.infer<typeof RunBudgetSchema>;
