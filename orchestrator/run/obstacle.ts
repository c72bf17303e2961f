import { formatDuration } from '../units/format.ts';
import type { JobFacts, Observation } from './job-facts.ts';
import { isAlive, type PodFacts, podText } from './pod-facts.ts';
import type { ActiveState, Outcome } from './state.ts';

/** What keeps an attempt from going on. Times are milliseconds since the epoch. */
export interface Obstacle {
  readonly since: number;
  /** For a person: what it is, in the cluster's own words where it has some. */
  readonly what: string;
  /** From then on the attempt is ended for it, and counts as this; absent where waiting costs nothing. */
  readonly limit?: { readonly at: number; readonly outcome: Outcome };
}

/** Seconds. How long each may last before the attempt is ended: held devices stand idle meanwhile. */
export interface Deadlines {
  /** A pod that no node takes, although its queue has reserved the quota; or a node that does not get it to start. */
  readonly pending: number;
  /** A container that cannot start as things are: its image is not to be had, its configuration is wrong. */
  readonly imagePull: number;
  /** Quota is reserved, and there is no pod. */
  readonly quotaWithoutPods: number;
  /** A node does not answer. */
  readonly nodeLost: number;
  /** Without a step, past the time that a step is expected to take. */
  readonly hang: number;
}

/** What the attempt has last told of itself. */
export interface Heartbeat {
  readonly at: number;
  /** Seconds that it may be silent before it counts as standing still. */
  readonly expectedSeconds: number;
  readonly step: number;
}

/** What stands in the way of the attempt, or will when its time has come, the worst first. */
export function foreseenObstacles(
  state: ActiveState,
  { jobs, pods }: Observation,
  deadlines: Deadlines,
  heartbeat: Heartbeat | null,
): readonly Obstacle[] {
  const job = jobs.find(({ stage, launch }) => stage === state.stage && launch === state.launch);
  const own = pods.filter(({ stage, launch }) => stage === state.stage && launch === state.launch);
  const alive = own.filter(isAlive);
  return [
    ...alive.flatMap((pod) => unreachable(pod, deadlines.nodeLost)),
    ...alive.flatMap((pod) => notStarting(pod, deadlines)),
    ...(job ? job.pending.flatMap((pod) => unschedulable(pod, deadlines.pending)) : []),
    ...(job ? withoutPods(job, own, deadlines.quotaWithoutPods) : []),
    ...(heartbeat && alive.length > 0 ? silent(heartbeat, deadlines.hang) : []),
    ...alive.flatMap(overdue),
    ...(job ? queued(job) : []),
  ];
}

/** What stands in the way of the attempt by now, the worst first; empty while all goes well. */
export const obstaclesOf = (
  state: ActiveState,
  seen: Observation,
  deadlines: Deadlines,
  heartbeat: Heartbeat | null,
  now: number,
): readonly Obstacle[] => begun(foreseenObstacles(state, seen, deadlines, heartbeat), now);

export const begun = (obstacles: readonly Obstacle[], now: number): readonly Obstacle[] =>
  obstacles.filter(({ since }) => since <= now);

/** The next time at which one of them begins, has lasted for so long that people should hear of it, or is at its limit. */
export const nextTurnOf = (obstacles: readonly Obstacle[], now: number): number =>
  Math.min(
    ...obstacles
      .flatMap(({ since, limit }) => [since, since + PATIENCE_MILLISECONDS, limit?.at ?? since])
      .filter((at) => at > now),
  );

/** Every start waits for something for a moment; nobody has to be told of that. */
const PATIENCE_MILLISECONDS = 3_000;

/** Those that a person should hear of who did not ask. One that begins in the future is none yet: a pod in its grace period. */
export const lasting = (obstacles: readonly Obstacle[], now: number): readonly Obstacle[] =>
  obstacles.filter(({ since }) => now - since >= PATIENCE_MILLISECONDS);

/** The outcome of the first that has lasted for longer than it may. */
export const overdueOutcome = (obstacles: readonly Obstacle[], now: number): Outcome | null =>
  obstacles.flatMap(({ limit }) => (limit && limit.at <= now ? [limit.outcome] : []))[0] ?? null;

function limited(since: number, seconds: number, what: string, outcome: Omit<Outcome, 'message'>): Obstacle {
  const message = `${what}; ended after ${formatDuration(seconds)} of it`;
  return { since, what, limit: { at: since + seconds * 1_000, outcome: { ...outcome, message } } };
}

function unreachable({ unreachableSince, node, ...pod }: PodFacts, seconds: number): readonly Obstacle[] {
  if (unreachableSince === undefined) return [];
  const what = `the node ${node} of ${podText(pod)} does not answer`;
  return [limited(unreachableSince, seconds, what, { exitClass: 'infrastructure', nodes: [node] })];
}

/** Words of a kubelet for what it will not get over without somebody's help. */
const MISTAKES = [
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'ErrImagePull',
  'ImagePullBackOff',
];

function notStarting(
  { startedAt, waiting, boundAt, node, ...pod }: PodFacts,
  deadlines: Deadlines,
): readonly Obstacle[] {
  if (startedAt !== undefined || waiting === undefined) return [];
  const { reason, message } = waiting;
  const what = `the container of ${podText(pod)} does not start on ${node}: ${[reason, message].filter(Boolean).join(': ')}`;
  if (MISTAKES.includes(reason))
    return [limited(boundAt, deadlines.imagePull, what, { exitClass: 'configuration' })];
  // A large image that is on its way looks like a volume that will never come.
  return [limited(boundAt, deadlines.pending, what, { exitClass: 'infrastructure', nodes: [node] })];
}

function unschedulable(
  { name, since, reason, message }: JobFacts['pending'][number],
  seconds: number,
): readonly Obstacle[] {
  if (message === '') return [];
  // Its queue lifts the gate when it has chosen the nodes.
  const what =
    reason === 'SchedulingGated' ? `${name} is not free to be taken by a node` : `no node takes ${name}`;
  return [limited(since, seconds, `${what}: ${message}`, { exitClass: 'infrastructure' })];
}

function withoutPods(job: JobFacts, pods: readonly PodFacts[], seconds: number): readonly Obstacle[] {
  if (job.state !== 'active' || job.pending.length > 0 || pods.some(isAlive) || job.since === undefined)
    return [];
  const since = Math.max(job.since, ...pods.map(({ endedAt }) => endedAt ?? 0));
  const why = job.message === '' ? '' : `: ${job.message}`;
  const what = `${job.name} is admitted, and there is no pod of it yet${why}`;
  return [limited(since, seconds, what, { exitClass: 'infrastructure' })];
}

function silent({ at, expectedSeconds, step }: Heartbeat, seconds: number): readonly Obstacle[] {
  const since = at + expectedSeconds * 1_000;
  const after = step === 0 ? 'before its first step' : `after step ${step}`;
  return [limited(since, seconds, `it stands still ${after}`, { exitClass: 'hung' })];
}

/** It was asked to end and has not: no attempt may start before its end is proven. */
function overdue({ dueToEndAt, node, ...pod }: PodFacts): readonly Obstacle[] {
  if (dueToEndAt === undefined) return [];
  return [
    {
      since: dueToEndAt,
      what: `${podText(pod)} was told to end, and ${node} does not say that it has; if that node is off, delete it or taint it \`node.kubernetes.io/out-of-service=nodeshutdown:NoExecute\``,
    },
  ];
}

function queued({ state, since, message, name }: JobFacts): readonly Obstacle[] {
  if (state !== 'waiting') return [];
  return [{ since: since ?? 0, what: message || `${name} waits in its queue` }];
}
