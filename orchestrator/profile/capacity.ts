import { z } from 'zod';

/** How devices are paid for, by the names that clouds share. */
export const CapacityTypeSchema = z.enum(['on-demand', 'reserved', 'spot']);
export type CapacityType = z.infer<typeof CapacityTypeSchema>;

/** What of a cluster's devices decides their price, besides the model. */
export const CapacitySchema = z
  .strictObject({
    type: CapacityTypeSchema.default('on-demand'),
    /** As the price book names it. */
    region: z.string().min(1).optional(),
  })
  .default({ type: 'on-demand' });
