import type { LedgerFact } from '../ledger/fact.ts';
import { boundAndEndedFacts, missedFacts } from '../ledger/phase-facts.ts';
import type { Observation } from '../run/job-facts.ts';
import { numberAttempts } from '../run/number-attempts.ts';
import { type Obstacle, obstaclesOf } from '../run/obstacle.ts';
import type { RunRecord } from '../run/run-record.ts';
import { isAtRest, type Run } from '../run/state.ts';
import { type Status, statusOf } from '../run/status.ts';
import { elsewhere, machineOf } from './elsewhere.ts';
import { isAttended } from './is-attended.ts';
import { knownPods } from './known-pods.ts';
import { type LeftHere, leftHere, seenAsLeft } from './left-here.ts';
import { podPlace } from './pod-place.ts';
import { readRunSoon } from './read-run.ts';
import type { Workplace } from './workplace.ts';

/** What it takes to look. */
export type Looker = Pick<Workplace, 'store' | 'now' | 'sleep' | 'isAlive' | 'host' | 'clusterFor'>;

export interface Look {
  readonly status: Status;
  /** What keeps it from going on, the worst first. */
  readonly obstacles: readonly Obstacle[];
  /** Null when the cluster could not be read, or has nothing to tell. */
  readonly seen: Observation | null;
  /** When that was; milliseconds since the epoch. */
  readonly at: number;
  /** What is seen of its pods' time. */
  readonly facts: readonly LedgerFact[];
  /** Why it could not. */
  readonly why?: string;
  /** Of a run of this machine whose process is gone, and its pods with it: what has become of it. */
  readonly left?: LeftHere;
}

/** Its process is about to begin with it, or just begins; the arms of an ablation that wait for their turn are queued. */
async function isNext(workplace: Looker, record: RunRecord): Promise<boolean> {
  const { store } = workplace;
  if (!(await isAttended(workplace, record))) return false;
  const leases = await store.leases.list();
  const owner = leases.find(({ run }) => run === record.id)?.owner;
  const others = leases.filter((lease) => lease.owner === owner && lease.run !== record.id);
  const states = await Promise.all(others.map(async ({ run }) => (await store.runs.state(run)).run.state));
  return states.every((state) => state.kind === 'queued' || isAtRest(state));
}

/** Where a run is just now, by its records and by one look at its cluster. */
export async function lookAtRun(workplace: Looker, record: RunRecord): Promise<Look> {
  const { run } = await workplace.store.runs.state(record.id);
  const { state, released } = run;
  const unseen = { obstacles: [], seen: null, facts: [], at: workplace.now() };
  const host = elsewhere(workplace, record);
  const isLeft = await isLeftHere(workplace, record, run);
  if (state.kind === 'queued' && !isLeft)
    return { ...unseen, status: (await isNext(workplace, record)) ? 'starting' : 'queued' };
  const isKept = record.profile.backend.kind === 'kubernetes' && isAtRest(state) && !released;
  if (isAtRest(state) && !isKept) return { ...unseen, status: statusOf(state, null) };
  if (host !== null)
    return { ...unseen, status: statusOf(state, null), why: `its pods are on ${machineOf(host)}` };
  try {
    const { seen, facts } = await seenOf(workplace, record, isLeft);
    const at = workplace.now();
    const left = isLeft ? await whatWasLeft(workplace, record, run, seen) : null;
    const status = statusOf(left?.run.state ?? state, seen);
    return { status, obstacles: obstaclesNow(record, run, seen, at), seen, at, facts, ...(left && { left }) };
  } catch (error) {
    return { ...unseen, status: statusOf(state, null), why: String(error) };
  }
}

/** A run of this machine that nobody works on any more. */
const isLeftHere = async (workplace: Looker, record: RunRecord, { state }: Run): Promise<boolean> =>
  record.profile.backend.kind === 'local' &&
  !isAtRest(state) &&
  elsewhere(workplace, record) === null &&
  !(await isAttended(workplace, record));

/** One answer of its cluster, which may be late. */
async function seenOf(
  workplace: Looker,
  record: RunRecord,
  isLeft: boolean,
): Promise<{ seen: Observation; facts: LedgerFact[] }> {
  const cluster = await workplace.clusterFor(record.profile);
  const known = await knownPods(workplace, record.id);
  // From here on: on a busy machine the client of a cluster takes seconds to load, which is no silence of the cluster.
  const answer = await readRunSoon(workplace, cluster, record.id);
  const read = isLeft ? seenAsLeft(answer) : answer;
  const seen = { ...read, pods: numberAttempts(read.pods, known) };
  const present = new Set(seen.pods.map(({ uid }) => uid));
  const missing = [...known].flatMap(([uid, { endedAt }]) =>
    endedAt === undefined && !present.has(uid) ? [uid] : [],
  );
  const facts = [
    ...seen.pods.flatMap((pod) => boundAndEndedFacts(pod, podPlace(pod.stage, record))),
    ...missedFacts(record.id, missing, workplace.now()),
  ];
  return { seen, facts };
}

function obstaclesNow(
  { profile: { backend } }: RunRecord,
  { state }: Run,
  seen: Observation,
  at: number,
): readonly Obstacle[] {
  if (backend.kind !== 'kubernetes' || (state.kind !== 'running' && state.kind !== 'stopping')) return [];
  return obstaclesOf(state, seen, backend.deadlines, null, at);
}

async function whatWasLeft(
  { store }: Looker,
  record: RunRecord,
  run: Run,
  seen: Observation,
): Promise<LeftHere | null> {
  const isCancelled = (await store.requests.askedAt(record.id, 'cancel')) !== null;
  return leftHere(record, run, seen, isCancelled);
}
