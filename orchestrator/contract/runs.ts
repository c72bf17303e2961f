import { z } from 'zod';
import { PlannedInputsSchema } from '../plan/planned-inputs.ts';
import type { Exchange } from './exchange.ts';
import { Cursor, Instant, PageLimit } from './page.ts';
import { ReportedSchema } from './trainer-status.ts';

/** A run as a list shows it. */
export const RunRowSchema = z
  .strictObject({
    id: z.string(),
    recipe: z.string().meta({ description: 'Name of the recipe.' }),
    arm: z.string().meta({ description: "Name of the arm in its ablation, or the recipe's." }),
    ablation: z.string().nullable().meta({ description: 'Id that all arms of one ablation share.' }),
    cluster: z.string().meta({ description: 'Name of the profile.' }),
    state: z.string().meta({ description: 'What is recorded: queued, running, stopping, interrupted, …' }),
    status: z.string().meta({ description: 'Where it is by what its cluster says just now.' }),
    summary: z.string().meta({ description: 'The same in words, for a person.' }),
    checkpoint: z.string().nullable(),
    createdAt: Instant,
  })
  .meta({ id: 'RunRow' });
export type RunRow = z.infer<typeof RunRowSchema>;

const Attempt = z.strictObject({
  number: z.int(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  cause: z.string().nullable().meta({ description: 'How it ended; null while it runs.' }),
});

const BudgetLine = z.strictObject({
  budget: z.string().meta({ description: "Name of the budget; `own` for the run's own." }),
  unit: z.string().meta({ description: 'gpuMilliseconds, or a currency.' }),
  used: z.number(),
  limit: z.number(),
  overrun: z.number(),
  summary: z.string(),
});

/** All that is known of one run. Device time is in GPU-milliseconds. */
export const RunSchema = z
  .strictObject({
    id: z.string(),
    recipe: z.string(),
    recipeDigest: z.string(),
    arm: z.string(),
    ablation: z.string().nullable(),
    ablationName: z.string().nullable(),
    factor: z.strictObject({ path: z.string(), value: z.unknown() }).nullable(),
    cluster: z.string(),
    state: z.string(),
    status: z.string(),
    summary: z.string(),
    unseen: z.string().nullable().meta({ description: 'Why its cluster could not be asked.' }),
    obstacles: z.array(z.strictObject({ since: Instant, what: z.string(), endedAt: Instant.nullable() })),
    warnings: z.array(z.strictObject({ at: Instant, message: z.string() })),
    message: z.string().nullable(),
    attempts: z.array(Attempt),
    steps: z.int(),
    plannedSteps: z.int(),
    plannedGpuHours: z.strictObject({ expected: z.number(), low: z.number(), high: z.number() }),
    inputs: PlannedInputsSchema.optional(),
    gpuMilliseconds: z.int(),
    doubtfulGpuMilliseconds: z.int(),
    doubtfulPods: z.int(),
    doubtfulSince: Instant.nullable(),
    prediction: z.strictObject({ predicted: z.number(), actual: z.number() }).nullable(),
    budgets: z.array(BudgetLine),
    phases: z.record(z.string(), z.int()),
    checkpoint: z.string().nullable(),
    reported: ReportedSchema.nullable().meta({
      description: 'The last that its trainer has said to this server, where it has.',
    }),
    atRest: z.boolean().meta({ description: 'Nothing more happens to it by itself.' }),
    settled: z.boolean().meta({ description: 'At rest, and its cluster keeps nothing of it.' }),
    resumable: z.boolean().meta({ description: 'It came to rest and can go on.' }),
    host: z.string().nullable().meta({ description: 'The one machine that its pods are on.' }),
    workFolder: z.string().nullable().meta({ description: 'Where its files are; null on another machine.' }),
  })
  .meta({ id: 'Run' });
export type RunAnswer = z.infer<typeof RunSchema>;

const listRuns = {
  summary: 'Runs, newest first, a page at a time',
  input: z.strictObject({
    limit: PageLimit,
    cursor: Cursor.optional(),
    open: z
      .stringbool({ truthy: ['true'], falsy: ['false'] })
      .optional()
      .meta({ type: 'boolean', description: 'Only those that are not over.' }),
    cluster: z.string().optional(),
    team: z.string().optional(),
    ablation: z.string().optional(),
    state: z
      .enum(['queued', 'running', 'stopping', 'interrupted', 'stopped', 'failed', 'succeeded'])
      .optional(),
  }),
  answer: z.strictObject({ runs: z.array(RunRowSchema), next: z.string().nullable() }).meta({
    id: 'RunPage',
    description: '`next` is the cursor of the page after this one; null on the last.',
  }),
} as const satisfies Exchange;

const getRun = {
  summary: 'State, attempts, steps, budgets and held time of a run',
  input: z.strictObject({
    run: z.string().meta({ description: 'Its id, or a beginning that only one run has.' }),
  }),
  answer: RunSchema,
} as const satisfies Exchange;

const cancelRuns = {
  summary: 'Ask runs to save and end; it does not wait for that',
  input: z.strictObject({
    runs: z.array(z.string()).min(1).meta({ description: 'Ids of runs or ablations.' }),
  }),
  answer: z
    .strictObject({
      runs: z.array(
        z.strictObject({
          id: z.string(),
          asked: z.boolean().meta({ description: 'False where it is at rest already.' }),
          settled: z.boolean().meta({ description: 'At rest, and its cluster keeps nothing of it.' }),
          summary: z.string(),
        }),
      ),
    })
    .meta({ id: 'Cancelled' }),
} as const satisfies Exchange;

export const RUN_VERBS = { listRuns, getRun, cancelRuns } as const;
