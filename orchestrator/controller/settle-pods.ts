import {
  aliveFact,
  boundAndEndedFacts,
  hungFacts,
  missedFacts,
  phaseFacts,
  terminatingFacts,
} from '../ledger/phase-facts.ts';
import { SILENT_AFTER_MILLISECONDS } from '../ledger/pod-life.ts';
import { podsInDoubt, stepSigns } from '../ledger/seen-facts.ts';
import type { PodFacts } from '../run/pod-facts.ts';
import type { RunRecord } from '../store/port.ts';
import type { RunHandlers } from './observe-run.ts';
import { podPlace } from './pod-place.ts';
import type { OnProgress } from './progress.ts';
import type { Workplace } from './workplace.ts';

export interface Settlement extends Pick<RunHandlers, 'onPods' | 'onMissing' | 'onEvents'> {
  /** From `at` on, the time of the pods that still live goes into ending. */
  readonly asksToEnd: (pods: readonly PodFacts[], at: number) => Promise<void>;
  /** The attempt has ended as one that stood still. */
  readonly hung: (attempt: Pick<PodFacts, 'stage' | 'attempt'>) => Promise<void>;
}

/** Writes what is seen of a run's pods where it counts: held time and phases to the ledger, steps to the curve. */
export function settlePods({ store, now }: Workplace, record: RunRecord, onProgress: OnProgress): Settlement {
  /**
   * Their own words, and the looks at which the cluster called them alive: until a node counts as silent, nobody knows that it
   * is, so a look tells of the time before that.
   */
  const lastSigns = new Map<string, number>();
  const sign = (uid: string, at: number) => lastSigns.set(uid, Math.max(at, lastSigns.get(uid) ?? at));
  /** A pod that nobody saw ending lived at least until then. */
  const lastSign = async ({ uid, attempt }: PodFacts): Promise<number | undefined> => {
    const step = (await store.steps.curve(record.id)).findLast((each) => each.attempt === attempt)?.at;
    const signs = [lastSigns.get(uid), step].filter((at) => at !== undefined);
    return signs.length === 0 ? undefined : Math.max(...signs);
  };

  return {
    asksToEnd: async (pods, at) => store.ledger.record(terminatingFacts(pods, at)),
    onPods: async (pods) => {
      for (const { uid, endedAt, unreachableSince } of pods)
        if (endedAt === undefined && unreachableSince === undefined)
          sign(uid, now() - SILENT_AFTER_MILLISECONDS);
      const facts = pods.flatMap((pod) => boundAndEndedFacts(pod, podPlace(pod.stage, record)));
      for (const pod of pods.filter(({ phase }) => phase === 'lost')) {
        const at = await lastSign(pod);
        if (at !== undefined) facts.push(aliveFact(pod, at));
      }
      await store.ledger.record(facts);
    },
    onMissing: async (uids) => {
      const facts = (await store.ledger.facts([record.id])).filter(({ pod }) => uids.includes(pod));
      const signs = [
        ...stepSigns(podsInDoubt(facts, false), await store.steps.curve(record.id)),
        ...uids.flatMap((uid) => {
          const at = lastSigns.get(uid);
          return at === undefined ? [] : [aliveFact({ uid, run: record.id }, at)];
        }),
      ];
      await store.ledger.record([...missedFacts(record.id, uids, now()), ...signs]);
    },
    hung: async ({ stage, attempt }) => {
      const [facts, steps] = [await store.ledger.facts([record.id]), await store.steps.curve(record.id)];
      const made = stage === 'train' ? steps.filter((step) => step.attempt === attempt) : [];
      await store.ledger.record(
        hungFacts(
          facts,
          { stage, attempt },
          made.map(({ at }) => at),
        ),
      );
    },
    onEvents: async (pod, events) => {
      const last = events.at(-1);
      if (last) sign(pod.uid, last.event.at);
      await store.ledger.record(phaseFacts(pod, events));
      const { attempt, stage, run } = pod;
      const steps = events.flatMap(({ event }) => (event.event === 'step' ? [{ ...event, attempt }] : []));
      await store.steps.record(
        record.id,
        steps.map(({ step, at, loss, tokens, seconds }) => ({ attempt, step, at, loss, tokens, seconds })),
      );
      if (pod.index === 0)
        for (const { event } of events) onProgress({ kind: 'event', run, stage, attempt, event });
    },
  };
}
