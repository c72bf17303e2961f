import type { JobFacts, JobState, TakenBack } from '../../orchestrator/run/job-facts.ts';
import type { PodFacts } from '../../orchestrator/run/pod-facts.ts';
import type { Stage } from '../../orchestrator/wire/job-spec.ts';
import type { Life } from './life.ts';

/** An API server cuts its times to whole seconds. */
export const inRecord = (at: number): number => Math.floor(at / 1_000) * 1_000;

export interface Node {
  readonly name: string;
  /** What its clock is ahead of the API server's. */
  readonly skew: number;
  /** `off`: without power. `cut`: its processes go on, and nobody hears of them. `gone`: off, and struck off the list. */
  state: 'up' | 'off' | 'cut' | 'gone';
  cordoned: boolean;
  imagesPulled: boolean;
}

export interface End {
  readonly exitCode: number;
  readonly signal?: string;
  readonly termination?: NonNullable<PodFacts['termination']>;
  /** The API server says that a disruption ended it: then its job does not count the failure. */
  readonly disrupted?: boolean;
}

export interface Line {
  readonly at: number;
  readonly text: string;
}

/** A pod as it truly is, and what the API server's record says of it. */
export interface Pod {
  readonly uid: string;
  readonly name: string;
  readonly job: Job;
  readonly life: Life;
  readonly index: number;
  readonly devices: number;
  readonly createdAt: number;
  node: Node | null;
  boundAt: number | null;
  started: boolean;
  /** Of its containers, in truth. */
  endedTrue: number | null;
  end: End | null;
  record: Pick<
    PodFacts,
    | 'phase'
    | 'startedAt'
    | 'endedAt'
    | 'exitCode'
    | 'signal'
    | 'termination'
    | 'nodeFailed'
    | 'unreachableSince'
  >;
  /** Asked to end; should have by then. */
  dueToEndAt: number | null;
  disrupted: boolean;
  retained: boolean;
  /** The API server has no record of it. */
  gone: boolean;
  /** A person took its record away. */
  forceDeleted: boolean;
  /** Its record was let go by hand before its node, which is silent, has told of its end. */
  releasedAlive: boolean;
  logLost: boolean;
  readonly lines: Line[];
}

export interface Job {
  readonly name: string;
  readonly run: string;
  readonly stage: Stage;
  readonly launch: number;
  readonly size: number;
  readonly devices: number;
  readonly avoid: readonly string[];
  readonly graceSeconds: number;
  state: JobState;
  since: number;
  reason: string;
  message: string;
  takenBack: TakenBack | null;
  retained: boolean;
  deleted: boolean;
  gone: boolean;
  restarts: number;
  /** Lives of its gang, the newest last. */
  readonly lives: Life[];
  /** Its gang starts again: when the last one's pods are gone, or, taken back by its queue, when they have ended. */
  again: 'restart' | 'requeued' | null;
  /** Its controllers make no pods before. */
  blockedUntil: number;
}

export const isRecordAlive = (pod: Pod): boolean => !pod.gone && pod.record.endedAt === undefined;
export const isTrulyAlive = (pod: Pod): boolean => pod.boundAt !== null && pod.endedTrue === null;

export function podFactsOf(pod: Pod): readonly PodFacts[] {
  const { uid, name, job, index, node, devices, createdAt, boundAt, record } = pod;
  if (pod.gone || node === null || boundAt === null) return [];
  const isAlive = record.endedAt === undefined;
  const waiting = node.imagesPulled
    ? { reason: 'ContainerCreating', message: '' }
    : { reason: 'ImagePullBackOff', message: 'not found' };
  return [
    {
      uid,
      name,
      job: job.name,
      run: job.run,
      stage: job.stage,
      launch: job.launch,
      attempt: job.launch,
      index,
      node: node.name,
      deviceModel: 'H100',
      devices,
      createdAt,
      boundAt,
      ...record,
      ...(isAlive && record.startedAt === undefined && { waiting }),
      ...(isAlive && pod.dueToEndAt !== null && { dueToEndAt: pod.dueToEndAt }),
      ...(pod.retained && { retained: true }),
    },
  ];
}

export function jobFactsOf(job: Job, pods: readonly Pod[]): readonly JobFacts[] {
  if (job.gone) return [];
  const { name, run, stage, launch, size, since, takenBack, retained } = job;
  const hasFinished = job.state === 'succeeded' || job.state === 'failed';
  const deleted = { state: 'held', reason: 'Deleted', message: `somebody has deleted ${name}` } as const;
  const unbound = pods.filter((pod) => pod.job === job && pod.boundAt === null && !pod.gone);
  return [
    {
      name,
      run,
      stage,
      launch,
      size,
      state: job.state,
      since,
      reason: job.reason,
      message: job.message,
      ...(job.deleted && !hasFinished && deleted),
      ...(takenBack && { takenBack }),
      pending: unbound.map((pod) => ({
        name: pod.name,
        since: pod.createdAt,
        reason: 'Unschedulable',
        message: 'no node has room',
      })),
      retained,
    },
  ];
}
