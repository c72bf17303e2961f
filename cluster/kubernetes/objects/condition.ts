import { z } from 'zod';

/** Of the API server's JSON; becomes milliseconds since the epoch. */
export const Time = z.string().transform((text) => Date.parse(text));

export const ConditionSchema = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().default(''),
  message: z.string().default(''),
  lastTransitionTime: Time.nullish(),
});
export type Condition = z.infer<typeof ConditionSchema>;

export const holds = (conditions: readonly Condition[], type: string): Condition | undefined =>
  conditions.find((each) => each.type === type && each.status === 'True');
