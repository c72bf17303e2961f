import type { PodFacts } from '../run/pod-facts.ts';
import type { TrainerEvent } from '../wire/trainer-event.ts';
import type { BoundFact, LedgerFact, PhaseFact } from './fact.ts';

/** What is known of a pod's devices and gang from where it was launched. */
export type PodPlace = Pick<BoundFact, 'capacity' | 'region' | 'gang' | 'usedDevices'>;

/** An event and its place in the pod's log, from 0. */
interface PlacedEvent {
  readonly index: number;
  readonly event: TrainerEvent;
}

/**
 * What is seen of a pod from outside. Observing it again gives the same facts, and more once it has ended. A time is
 * part of its key: an observer that later reads another time adds evidence, and contradicts nothing.
 */
export function boundAndEndedFacts(pod: PodFacts, place: PodPlace): readonly LedgerFact[] {
  const { uid, run, stage, attempt, node, deviceModel, devices, boundAt, startedAt, endedAt } = pod;
  const facts: LedgerFact[] = [
    {
      ...place,
      kind: 'bound',
      key: `${uid}:bound:${boundAt}`,
      run,
      pod: uid,
      at: boundAt,
      stage,
      attempt,
      node,
      deviceModel,
      devices,
    },
  ];
  if (startedAt !== undefined)
    facts.push({
      kind: 'phase',
      key: `${uid}:started:${startedAt}`,
      run,
      pod: uid,
      at: startedAt,
      phase: 'starting',
      order: 0,
    });
  if (endedAt !== undefined) {
    const seen = pod.phase !== 'lost';
    const ending = { kind: 'ended', run, pod: uid, at: endedAt, seen } as const;
    if (seen)
      facts.push({ ...ending, key: `${uid}:${pod.phase}:${endedAt}`, succeeded: pod.phase === 'succeeded' });
    else facts.push({ ...ending, key: `${uid}:lost:${endedAt}` });
  }
  return [...facts, ...silenceFacts(pod)];
}

function silenceFacts({ uid, run, unreachableSince: at }: PodFacts): readonly LedgerFact[] {
  return at === undefined
    ? []
    : [{ kind: 'unreachable', key: `${uid}:unreachable:${at}`, run, pod: uid, at }];
}

/** It was heard of then: said of a pod whose end or whose node's silence leaves open how long it lived. */
export const aliveFact = ({ uid, run }: Pick<PodFacts, 'uid' | 'run'>, at: number): LedgerFact => ({
  kind: 'alive',
  key: `${uid}:alive:${at}`,
  run,
  pod: uid,
  at,
});

/** Their records were taken away before anybody saw them end: they were found to be missing then. */
export const missedFacts = (run: string, uids: readonly string[], at: number): readonly LedgerFact[] =>
  uids.map((uid) => ({ kind: 'ended', key: `${uid}:lost:${at}`, run, pod: uid, at, seen: false }));

/** What a pod itself reports: its phases, and what of its work is kept. Each pod of a job speaks for its own devices. */
export function phaseFacts(
  { uid, run }: Pick<PodFacts, 'uid' | 'run'>,
  events: readonly PlacedEvent[],
): readonly LedgerFact[] {
  return events.flatMap(({ index, event }): LedgerFact[] => {
    if (event.event === 'checkpoint') {
      // It holds the work of when it was begun; training goes on while it is written.
      const began = event.at - Math.round(event.seconds * 1000);
      return [{ kind: 'kept', key: `${uid}:kept:${event.at}:${event.step}`, run, pod: uid, at: began }];
    }
    if (event.event !== 'phase') return [];
    const { at, phase } = event;
    // With the time in it, a key stays true when a node has thrown the head of a long log away and places shift.
    const key = `${uid}:phase:${at}:${index}`;
    return [{ kind: 'phase', key, run, pod: uid, at, phase, order: index + 1 }];
  });
}

/** Pods that hold devices are terminating from the moment they were asked to end. */
export function terminatingFacts(pods: readonly PodFacts[], at: number): readonly LedgerFact[] {
  return pods
    .filter((pod) => pod.endedAt === undefined)
    .map(({ uid, run }) => ({
      kind: 'phase',
      key: `${uid}:terminating:${at}`,
      run,
      pod: uid,
      at,
      phase: 'terminating',
      order: 0,
    }));
}

/**
 * Devices of an attempt that hung have waited for nothing since its last sign of life: since the silence that a pod's own
 * watchdog has told of, or else since its last step or change of phase. A pod that was asked to end is ending from then on.
 *
 * @param facts - Of the run.
 * @param stepsAt - When the attempt has made its steps; milliseconds since the epoch.
 */
export function hungFacts(
  facts: readonly LedgerFact[],
  { stage, attempt }: Pick<PodFacts, 'stage' | 'attempt'>,
  stepsAt: readonly number[],
): readonly LedgerFact[] {
  const bound = facts.filter(
    (fact): fact is BoundFact => fact.kind === 'bound' && fact.stage === stage && fact.attempt === attempt,
  );
  const runs = new Map(bound.map(({ pod, run }) => [pod, run]));
  const marks = facts.filter((fact): fact is PhaseFact => fact.kind === 'phase' && runs.has(fact.pod));
  const told = marks.filter(({ phase }) => phase === 'hung').map(({ at }) => at);
  const alive = marks.filter(({ phase }) => phase !== 'terminating').map(({ at }) => at);
  const at = told.length > 0 ? Math.min(...told) : Math.max(...alive, ...stepsAt);
  if (!Number.isFinite(at)) return [];
  return [...runs].map(([pod, run]) => ({
    kind: 'phase',
    key: `${pod}:hung:${at}`,
    run,
    pod,
    at,
    phase: 'hung',
    // It is what the pod told last.
    order: Number.MAX_SAFE_INTEGER,
  }));
}
