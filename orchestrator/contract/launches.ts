import { z } from 'zod';
import { AblationPlanSchema, PlanSchema } from '../plan/plan.ts';
import { SweepSchema } from '../plan/sweep.ts';
import type { ClusterProfile } from '../profile/cluster-profile.ts';
import { GpuHours } from '../units/gpu-hours-limit.ts';
import { MoneyAmount } from '../units/money.ts';
import type { Exchange } from './exchange.ts';
import { Sha256, SubmissionSchema, SubmittedSweepSchema } from './submission.ts';

/** A profile whose sizes and durations were read: its schema describes how people write them. */
const ReadProfile = z.looseObject({
  name: z.string(),
  backend: z.looseObject({ kind: z.string() }),
}) as unknown as z.ZodType<ClusterProfile>;

const planRuns = {
  summary: 'What a recipe would take, and whether it may start; nothing is recorded',
  input: SubmissionSchema,
  answer: z
    .strictObject({
      plan: z.union([AblationPlanSchema, PlanSchema]),
      profile: ReadProfile.meta({ description: 'In bytes and seconds, with the price that holds today.' }),
    })
    .meta({ id: 'Planned' }),
} as const satisfies Exchange;

const planSweep = {
  summary: 'What a recipe would take for each value of one of its fields; nothing is recorded',
  input: SubmittedSweepSchema,
  answer: SweepSchema.meta({ id: 'Sweep' }),
} as const satisfies Exchange;

const findMissingFiles = {
  summary: 'Which contents the server does not have yet',
  input: z.strictObject({ files: z.array(Sha256).max(10_000) }),
  answer: z.strictObject({ missing: z.array(Sha256) }).meta({ id: 'MissingFiles' }),
} as const satisfies Exchange;

const createRuns = {
  summary: 'Record the runs of a recipe, where plan, cluster and budgets allow it; the server attends them',
  input: SubmissionSchema,
  answer: z
    .strictObject({
      runs: z.array(
        z.strictObject({
          id: z.string(),
          arm: z.string(),
          evaluates: z
            .string()
            .nullable()
            .meta({ description: 'Digest of the registered checkpoint that is asked.' }),
        }),
      ),
    })
    .meta({ id: 'CreatedRuns' }),
} as const satisfies Exchange;

const resumeRuns = {
  summary: 'Let runs go on from their newest checkpoints, all or none',
  input: z.strictObject({
    runs: z.array(z.string()).min(1).meta({ description: 'Ids of runs or ablations.' }),
    gpuHours: GpuHours.optional().meta({
      description: 'Their own budget from here on, what they have used included.',
    }),
    amount: MoneyAmount.optional().meta({
      description: 'The same in the currency of their budget or price.',
    }),
  }),
  answer: z
    .strictObject({ runs: z.array(z.strictObject({ id: z.string(), arm: z.string() })) })
    .meta({ id: 'ResumedRuns' }),
} as const satisfies Exchange;

export const LAUNCH_VERBS = { planRuns, planSweep, findMissingFiles, createRuns, resumeRuns } as const;
