import { classifyPods } from './classify.ts';
import type { JobFacts } from './job-facts.ts';
import type { PodFacts } from './pod-facts.ts';
import type { ActiveState, Outcome } from './state.ts';

/** How an attempt ended: as its pods say, or its job where it never had any, or as it was condemned. */
export function attemptOutcome(
  state: ActiveState,
  pods: readonly PodFacts[],
  job: JobFacts | undefined,
): Outcome {
  const told = pods.length > 0 ? classifyPods(pods) : jobOutcome(job);
  // What succeeded at the last moment, has.
  if (state.kind === 'stopping' && state.verdict && told.exitClass !== 'succeeded') return state.verdict;
  return told;
}

function jobOutcome(job: JobFacts | undefined): Outcome {
  if (job === undefined)
    return { exitClass: 'interrupted', message: 'its job is not on the cluster any more, and left no pod' };
  const why = job.message || job.reason || 'its controllers do not say why';
  if (job.state === 'succeeded') return { exitClass: 'succeeded', message: 'done' };
  if (job.state === 'held') return { exitClass: 'interrupted', message: why };
  return { exitClass: 'infrastructure', message: `no pod of it ever ran: ${why}` };
}
