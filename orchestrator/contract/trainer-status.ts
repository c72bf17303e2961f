import { z } from 'zod';
import type { Exchange } from './exchange.ts';
import { Instant } from './page.ts';

/** As many as Kubeflow keeps of one TrainJob. */
const MOST_METRICS = 256;

const Metric = z.object({ name: z.string().min(1).max(200), value: z.string().max(200) });

/**
 * What a trainer says of itself, in the words of Kubeflow's KEP-2779, so that whatever reports to Kubeflow Trainer (the callback
 * of Hugging Face's Trainer, Kubeflow's SDK) reports here unchanged. Fields that a newer one sends are passed over.
 */
const TrainerStatus = z.object({
  progressPercentage: z.int().min(0).max(100).optional(),
  estimatedRemainingSeconds: z.int().min(0).optional(),
  metrics: z.array(Metric).max(MOST_METRICS).optional(),
  lastUpdatedTime: z.iso.datetime({ offset: true }).optional(),
});
export type TrainerStatus = z.output<typeof TrainerStatus>;

/** The last that a trainer has said, and when it was heard. */
export const ReportedSchema = z.strictObject({
  at: Instant,
  progressPercentage: z.int().nullable(),
  estimatedRemainingSeconds: z.int().nullable(),
  metrics: z.array(z.strictObject({ name: z.string(), value: z.string() })),
});

const reportStatus = {
  summary: 'Say how far a run’s trainer is, as Kubeflow’s KEP-2779 has it; the last word counts',
  input: z.object({
    run: z.string().meta({ description: 'Its id.' }),
    trainerStatus: TrainerStatus,
  }),
  answer: z.strictObject({ run: z.string(), at: Instant }).meta({ id: 'ReportedStatus' }),
} as const satisfies Exchange;

export const STATUS_VERBS = { reportStatus } as const;
