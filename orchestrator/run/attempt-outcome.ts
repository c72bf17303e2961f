import { classifyPods, isRetried } from './classify.ts';
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
  if (told.exitClass === 'succeeded') return told;
  if (state.kind === 'stopping') return state.verdict ?? asWished(state, pods, told);
  if (!(isRetried(told.exitClass) || told.exitClass === 'unknown')) return told;
  return endedFromAbove(pods, job, told) ?? told;
}

/**
 * What was asked of it is why it ended, unless it has failed. Pods that are told to end say little, and what they say differs: they
 * can tell what they saved.
 */
function asWished(
  { why }: ActiveState & { kind: 'stopping' },
  pods: readonly PodFacts[],
  told: Outcome,
): Outcome {
  if (told.exitClass !== 'interrupted' || (why !== 'cancel' && why !== 'interrupt')) return told;
  const steps = pods.flatMap(({ termination }) => termination?.step ?? []);
  const cause = why === 'cancel' ? 'cancelled by a person' : 'its stint process was asked to end';
  const saved = steps.length === 0 ? '' : `; saved at step ${Math.max(...steps)}`;
  return { ...told, message: `${cause}${saved}` };
}

/** Reasons of Kueue for an eviction that are about the machines: taken back, but for a failure. */
const MACHINES_FAILED = ['NodeFailures', 'PodsReadyTimeout'];

/**
 * Once it is queued again, only the time of that is known. Kueue says it when nothing of the job is active any more, so its pods
 * have ended before: on a busy cluster by seconds.
 */
const NOTICED_WITHIN_MILLISECONDS = 10_000;

/** Its queue took the job from under its pods, or somebody has put an end to it. */
function endedFromAbove(
  pods: readonly PodFacts[],
  job: JobFacts | undefined,
  told: Outcome,
): Outcome | undefined {
  if (job?.state === 'held' && endedSince(pods, job.since ?? 0))
    return { exitClass: 'interrupted', message: job.message };
  const { takenBack } = job ?? {};
  if (takenBack === undefined) return undefined;
  const { reason, message, since, until } = takenBack;
  if (!endedSince(pods, until === undefined ? since : since - NOTICED_WITHIN_MILLISECONDS)) return undefined;
  // Pods of the life after.
  if (until !== undefined && pods.some(({ createdAt }) => createdAt >= until)) return undefined;
  if (!MACHINES_FAILED.includes(reason)) return { exitClass: 'interrupted', message, requeued: true };
  return { ...told, exitClass: 'infrastructure', message };
}

const endedSince = (pods: readonly PodFacts[], since: number): boolean =>
  pods.some(({ endedAt }) => endedAt !== undefined && endedAt >= since);

function jobOutcome(job: JobFacts | undefined): Outcome {
  if (job === undefined)
    return { exitClass: 'interrupted', message: 'its job is not on the cluster any more, and left no pod' };
  const why = job.message || job.reason || 'its controllers do not say why';
  if (job.state === 'succeeded') return { exitClass: 'succeeded', message: 'done' };
  if (job.state === 'held') return { exitClass: 'interrupted', message: why };
  return { exitClass: 'infrastructure', message: `no pod of it ever ran: ${why}` };
}
