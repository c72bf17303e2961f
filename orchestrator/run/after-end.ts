import { formatDeviceTime } from '../units/format.ts';
import type { Stage } from '../wire/job-spec.ts';
import { EXIT_CODES_NOT_RETRIED } from '../wire/termination.ts';
import type { BudgetReached } from './budget-standing.ts';
import { failureKind, isRetried } from './classify.ts';
import type { RunEvent } from './event.ts';
import type { JobFacts } from './job-facts.ts';
import type { PodFacts } from './pod-facts.ts';
import { barredBy, giveUp, proceed } from './proceed.ts';
import type { Outcome, Run, RunState } from './state.ts';
import type { View } from './view.ts';

type AttemptEnded = RunEvent & { type: 'attempt-ended' };

/**
 * What follows the end of an attempt whose job makes no pods any more: the next stage, the next attempt, or the run's end.
 *
 * @param run - Its end included.
 */
export function afterEnd(
  run: Run,
  view: View,
  { stage, attempt, exitClass, message }: AttemptEnded,
  job: JobFacts | undefined,
): readonly RunEvent[] {
  const { state } = run;
  const asked = state.kind === 'stopping' ? state : undefined;
  const seen = {
    ...view,
    cancel: view.cancel || asked?.why === 'cancel',
    interrupt: view.interrupt || asked?.why === 'interrupt',
  };
  if (exitClass === 'succeeded') return proceed(run, seen, attempt);
  if (!isRetried(exitClass))
    return [{ type: 'failed', stage, failure: failureKind(exitClass), exitClass, message }];
  const spent = asked?.budget;
  if (spent && !seen.cancel) {
    const saved = savedText(spent, view.seen?.pods ?? [], { stage, attempt, message });
    return [{ type: 'failed', stage, failure: 'budget', exitClass, message: saved }];
  }
  if (seen.cancel || seen.interrupt) return giveUp(seen, state);
  return endedByOthersOrRetried(run, view, { stage, attempt, exitClass, message }, job);
}

function endedByOthersOrRetried(
  run: Run,
  view: View,
  { stage, attempt, exitClass, message }: Pick<AttemptEnded, 'stage' | 'attempt' | 'exitClass' | 'message'>,
  job: JobFacts | undefined,
): readonly RunEvent[] {
  const ended = endedByOthers(run.state, { stage, exitClass }, job, view.seen?.pods ?? []);
  if (ended) return [ended];
  const why = whyNoRetry(run, view, stage, { exitClass, message });
  if (why) return [{ type: 'failed', stage, ...why }];
  return [{ type: 'stage-launched', stage, attempt: attempt + 1 }];
}

/** What an attempt has left that was ended at the limit of a budget: the step that its pods say, or their own words. */
function savedText(
  { what, todo }: BudgetReached,
  pods: readonly PodFacts[],
  { stage, attempt, message }: Pick<AttemptEnded, 'stage' | 'attempt' | 'message'>,
): string {
  const own = pods.filter((pod) => pod.stage === stage && pod.attempt === attempt);
  const steps = own.flatMap(({ termination }) => termination?.step ?? []);
  const saved = steps.length === 0 ? asClause(message) : `saved at step ${Math.max(...steps)}`;
  return `${what}; ${saved}; ${todo}`;
}

/** A sentence as a part of another: names and abbreviations at its beginning stay as they are. */
const asClause = (sentence: string): string =>
  sentence.replace(/\.$/, '').replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase());

/** Why no further attempt may start without a person asking; undefined where one may. */
export function whyNoRetry(
  run: Run,
  view: View,
  stage: Stage,
  { exitClass, message, requeued }: Outcome,
): Omit<RunEvent & { type: 'failed' }, 'type' | 'stage'> | undefined {
  const { maxRetries, held, maxHeld } = view;
  const spent = barredBy(view, stage);
  if (spent)
    return {
      failure: 'budget',
      exitClass,
      message: `${message}; ${spent.what}, so nothing starts again; ${spent.todo}`,
    };
  const tries = `${run.retries} ${run.retries === 1 ? 'retry' : 'retries'}`;
  // Once more on other nodes is enough: then it is the profile that promises too much.
  if (exitClass === 'unfit' && run.unfit.length > 1) {
    const again = 'measured twice, the second time away from the first nodes, as far as there were others';
    return { failure: failureKind(exitClass), exitClass, message: `${message} (${again})` };
  }
  if (!requeued && run.retries >= maxRetries)
    return { failure: failureKind(exitClass), exitClass, message: `${message} (after ${tries})` };
  if (held >= maxHeld)
    return {
      failure: 'budget',
      exitClass,
      message: `${message} (after ${tries}; ${formatDeviceTime(held)} are held by now, and beyond ${formatDeviceTime(maxHeld)} nothing starts again by itself)`,
    };
  return undefined;
}

/** A JobSet says this of a Job that has run for too long, and of an exit code that is not retried: that one of its pods has. */
const FAILED_FOR_GOOD = 'FailJobSetFailurePolicyAction';

/** Somebody else, or a limit, has ended the job: starting it again by itself would not respect that. */
function endedByOthers(
  { kind }: RunState,
  { stage, exitClass }: Pick<AttemptEnded, 'stage' | 'exitClass'>,
  job: JobFacts | undefined,
  pods: readonly PodFacts[],
): RunEvent | undefined {
  if (job?.state === 'held' && job.reason === 'Deleted') return { type: 'stopped', message: job.message };
  // What is asked to end is held back for that.
  if (kind !== 'running') return undefined;
  // Its exit code says it: on the same nodes it is not tried again.
  if (exitClass === 'unfit') return undefined;
  if (job?.state === 'failed' && ranTooLong(job, pods)) {
    const message = `it ran for longer than its stage may (activeDeadlineSeconds): ${job.message}`;
    return { type: 'failed', stage, failure: 'budget', exitClass: 'interrupted', message };
  }
  if (job?.state !== 'held') return undefined;
  if (job.reason === 'DeactivatedDueToMaximumExecutionTimeExceeded')
    return { type: 'failed', stage, failure: 'budget', exitClass: 'interrupted', message: job.message };
  return { type: 'stopped', message: job.message };
}

/** A pod that a deadline ends may leave by any code, but none by one that a JobSet gives up at. */
const ranTooLong = ({ name, reason }: JobFacts, pods: readonly PodFacts[]): boolean =>
  reason === 'DeadlineExceeded' ||
  (reason === FAILED_FOR_GOOD && !pods.some((pod) => pod.job === name && failsForGood(pod)));

const failsForGood = ({ exitCode }: PodFacts): boolean =>
  exitCode !== undefined && EXIT_CODES_NOT_RETRIED.includes(exitCode);
