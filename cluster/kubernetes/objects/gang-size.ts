import { z } from 'zod';
import type { OwnerObject } from './job-state.ts';

const JobSpec = z.looseObject({ completions: z.int().optional() });
const JobSetSpec = z.looseObject({
  replicatedJobs: z.array(z.looseObject({ template: z.looseObject({ spec: JobSpec }) })),
});
const TrainJobSpec = z.looseObject({ trainer: z.looseObject({ numNodes: z.int().optional() }).optional() });

/** Pods that a job makes at once. */
export function gangSize({ spec }: OwnerObject): number {
  const jobSet = JobSetSpec.safeParse(spec);
  if (jobSet.success)
    return jobSet.data.replicatedJobs.reduce(
      (sum, { template }) => sum + (template.spec.completions ?? 1),
      0,
    );
  const job = JobSpec.safeParse(spec);
  if (job.success && job.data.completions !== undefined) return job.data.completions;
  const trainJob = TrainJobSpec.safeParse(spec);
  return (trainJob.success ? trainJob.data.trainer?.numNodes : undefined) ?? 1;
}
