import { z } from 'zod';

const Verdict = z.object({ name: z.string(), ok: z.boolean(), message: z.string() });

const Interval = { expected: z.number(), low: z.number(), high: z.number() };

/** What a recipe will take on a cluster, before anything is rented. Field names are fixed: programs read them. */
export const PlanSchema = z.object({
  recipe: z.string(),
  recipeDigest: z.string(),
  cluster: z.string(),
  /** What the lengths rest on: `prepared` data, a `histogram` in the recipe, or the generator's `distribution`. */
  basis: z.enum(['prepared', 'histogram', 'distribution', 'none']),
  samples: z.int(),
  steps: z.int(),
  warmupSteps: z.int(),
  tokensPerEpoch: z.int(),
  /** Share of samples longer than the sequence length. */
  truncatedShare: z.number(),
  /** Share of device time spent waiting for the longest rank of a step. */
  idleShare: z.number(),
  /** Ranks that share one packed sequence. */
  sequenceParallel: z.int(),
  recompute: z.enum(['full', 'selective', 'none']),
  flops: z.object({ perTokenLinear: z.number(), perEpoch: z.number(), mfu: z.number() }),
  memory: z.object({
    perGpuBytes: z.number(),
    capacityBytes: z.number(),
    hostBytesPerNode: z.number(),
    hostCapacityBytes: z.number(),
    fits: z.boolean(),
    /** Each part's name, bytes and where its formula comes from; the parts add up to perGpuBytes. */
    parts: z.array(z.object({ name: z.string(), bytes: z.number(), formula: z.string() })),
    remedies: z.array(z.string()),
  }),
  duration: z.object({
    expectedSeconds: z.number(),
    lowSeconds: z.number(),
    highSeconds: z.number(),
    stepSeconds: z.number(),
    startupSeconds: z.number(),
  }),
  gpuHours: z.object(Interval),
  cost: z.object({ currency: z.string(), ...Interval }),
  verdicts: z.array(Verdict),
  /** Formula and source of each figure above, by field name. */
  sources: z.record(z.string(), z.string()),
});
export type Plan = z.infer<typeof PlanSchema>;

export const AblationPlanSchema = z.object({
  recipe: z.string(),
  recipeDigest: z.string(),
  cluster: z.string(),
  factor: z.string(),
  arms: z.array(z.object({ name: z.string(), value: z.unknown(), plan: PlanSchema })),
  gpuHours: z.object(Interval),
  cost: z.object({ currency: z.string(), ...Interval }),
  verdicts: z.array(Verdict),
});
export type AblationPlan = z.infer<typeof AblationPlanSchema>;
