import { ceilingOf } from '../budget/reservation.ts';
import type { LedgerFact } from '../ledger/fact.ts';
import { boundAndEndedFacts, phaseFacts } from '../ledger/phase-facts.ts';
import { withSeen } from '../ledger/seen-facts.ts';
import { statement } from '../ledger/statement.ts';
import type { Cluster } from '../ports/cluster.ts';
import type { RunHistory, StepRecord } from '../ports/store.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import { currentPlan } from '../run/current-plan.ts';
import type { RunEvent } from '../run/event.ts';
import { eventsSeen } from '../run/events-seen.ts';
import { foldRun } from '../run/evolve.ts';
import type { Observation } from '../run/job-facts.ts';
import { numberAttempts } from '../run/number-attempts.ts';
import type { PodFacts } from '../run/pod-facts.ts';
import type { RunRecord } from '../run/run-record.ts';
import { stagesOf } from '../run/stages.ts';
import { isAtRest } from '../run/state.ts';
import type { Stage } from '../wire/job-spec.ts';
import { exportedCheckpoint, planAsPrepared } from './collect-stage.ts';
import { knownBy } from './known-pods.ts';
import { ownBudget } from './own-budget.ts';
import { parseEvent } from './parse-event.ts';
import { podPlace } from './pod-place.ts';
import { priceOfRun } from './price-of-run.ts';
import { watching } from './sight.ts';
import type { Workplace } from './workplace.ts';

/** A run that a store does not have, as its folder and its cluster tell of it. */
export interface LostRun {
  readonly record: RunRecord;
  readonly history: RunHistory;
  /** The most that it may hold in all, where it goes on; GPU-milliseconds. */
  readonly reserve: number | null;
  /** Its cluster shows what its folder does not have: what no pod tells of that time is not known. */
  readonly isBehind: boolean;
  /** Names of the pods whose logs could not be read. */
  readonly unreadLogs: readonly string[];
}

const NOTHING: RunHistory = { events: [], facts: [], steps: [], checkpoints: [], evaluation: null };

/** A log that is not read by then is given up. */
const LOG_WITHIN_MILLISECONDS = 60_000;

/** The history of a run from what its folder keeps, and beyond that from what its cluster shows. */
export async function lostRun(
  workplace: Workplace,
  record: RunRecord,
  kept: RunHistory | null,
  shown: Observation,
): Promise<LostRun> {
  const before = kept ?? NOTHING;
  const cluster = await workplace.clusterFor(record.profile);
  const { pods: known } = statement(before.facts, watching(workplace.now()));
  const seen = { ...shown, pods: numberAttempts(shown.pods, knownBy(known)) };
  const ended = new Set(before.facts.flatMap(({ kind, pod }) => (kind === 'ended' ? [pod] : [])));
  // Of a pod whose end is kept, all that it said was read before.
  const fresh = seen.pods.filter(({ uid }) => !ended.has(uid));
  const logs = await readLogs(cluster, fresh);
  const { collected, checkpoints } = await takenOver(workplace, record, before);
  const derived = eventsSeen(before.events, {
    stages: stagesOf(record.recipe),
    seen,
    collected,
    now: workplace.now(),
  });
  const events = [...before.events, ...derived];
  const registered = new Set(
    events.flatMap(({ event }) => (event.type === 'checkpoint-registered' ? [event.checkpoint] : [])),
  );
  const pods = fresh.flatMap((pod) => boundAndEndedFacts(pod, podPlace(pod.stage, record)));
  return {
    record,
    history: {
      ...before,
      events,
      facts: withSeen(before.facts, [...pods, ...logs.facts]),
      steps: withFresh(before.steps, logs.steps),
      checkpoints: [
        ...before.checkpoints,
        ...checkpoints.filter(
          ({ id }) => registered.has(id) && !before.checkpoints.some((each) => each.id === id),
        ),
      ],
    },
    reserve: reserveFor(workplace, record, events),
    isBehind: derived.length > 0 || fresh.length > 0,
    unreadLogs: logs.unread,
  };
}

function reserveFor(workplace: Workplace, record: RunRecord, events: RunHistory['events']): number | null {
  const run = foldRun(events);
  if (isAtRest(run.state)) return null;
  return ceilingOf(currentPlan(record.plan, events), ownBudget(record, run), priceOfRun(workplace, record));
}

function withFresh(kept: readonly StepRecord[], read: readonly StepRecord[]): readonly StepRecord[] {
  const known = new Set(kept.map(({ attempt, step }) => `${attempt} ${step}`));
  return [...kept, ...read.filter(({ attempt, step }) => !known.has(`${attempt} ${step}`))];
}

/** What a controller has taken over from the folder of a stage that has ended well, where that is still there. */
async function takenOver(workplace: Workplace, record: RunRecord, before: RunHistory) {
  const collected = new Map<Stage, RunEvent>();
  const checkpoints: Checkpoint[] = [];
  const known = foldRun(before.events).collected;
  const isThere = async (act: () => Promise<void>) => {
    // What is not there, or not whole, is found out by whoever goes on with the run.
    await act().catch(() => undefined);
  };
  const isToCome = (stage: Stage) => stagesOf(record.recipe).includes(stage) && !known.includes(stage);
  if (isToCome('prepare'))
    await isThere(async () => {
      collected.set('prepare', { type: 'plan-reviewed', plan: await planAsPrepared(workplace, record) });
    });
  if (isToCome('export'))
    await isThere(async () => {
      const checkpoint = await exportedCheckpoint(workplace, record);
      checkpoints.push(checkpoint);
      collected.set('export', { type: 'checkpoint-registered', checkpoint: checkpoint.id });
    });
  return { collected, checkpoints };
}

interface Logs {
  readonly facts: readonly LedgerFact[];
  readonly steps: readonly StepRecord[];
  readonly unread: readonly string[];
}

/** What these pods have told of themselves until now. */
async function readLogs(cluster: Cluster, pods: readonly PodFacts[]): Promise<Logs> {
  const facts: LedgerFact[] = [];
  const steps: StepRecord[] = [];
  const unread: string[] = [];
  for (const pod of pods) {
    const events = [];
    try {
      const signal = AbortSignal.timeout(LOG_WITHIN_MILLISECONDS);
      for await (const { text } of cluster.logs(pod.name, { signal, follow: false })) {
        const event = parseEvent(text);
        if (event) events.push({ index: events.length, event });
      }
    } catch {
      unread.push(pod.name);
    }
    facts.push(...phaseFacts(pod, events));
    const { attempt } = pod;
    for (const { event } of events)
      if (event.event === 'step') {
        const { step, at, loss, tokens, seconds } = event;
        steps.push({ attempt, step, at, loss, tokens, seconds });
      }
  }
  return { facts, steps, unread };
}
