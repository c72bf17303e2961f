import {
  aliveFact,
  boundAndEndedFacts,
  hungFacts,
  missedFact,
  type PodPlace,
  phaseFacts,
  terminatingFacts,
} from '../ledger/phase-facts.ts';
import { pricingOf } from '../ledger/pricing.ts';
import { podCount } from '../render/request.ts';
import type { PodFacts } from '../run/pod-facts.ts';
import type { RunRecord } from '../store/port.ts';
import type { Stage } from '../wire/job-spec.ts';
import type { RunHandlers } from './observe-run.ts';
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
  const lastSigns = new Map<string, number>();
  /** A pod that nobody saw ending lived at least until it last said something. */
  const lastSign = async ({ uid, attempt }: PodFacts): Promise<number | undefined> =>
    lastSigns.get(uid) ??
    (await store.steps.curve(record.id)).findLast((step) => step.attempt === attempt)?.at;

  return {
    asksToEnd: async (pods, at) => store.ledger.record(terminatingFacts(pods, at)),
    onPods: async (pods) => {
      const facts = pods.flatMap((pod) => boundAndEndedFacts(pod, placeOf(pod.stage, record)));
      for (const pod of pods.filter(({ phase }) => phase === 'lost')) {
        const at = await lastSign(pod);
        if (at !== undefined) facts.push(aliveFact(pod, at));
      }
      await store.ledger.record(facts);
    },
    onMissing: async (uids) =>
      store.ledger.record(uids.map((uid) => missedFact({ uid, run: record.id }, now()))),
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
      if (last) lastSigns.set(pod.uid, last.event.at);
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

/** The evaluation is one process, whatever its pod holds. */
const EVALUATION_DEVICES = 1;

function placeOf(stage: Stage, { profile }: RunRecord): PodPlace {
  const { capacity, region } = pricingOf(profile);
  return {
    capacity,
    ...(region !== null && { region }),
    gang: podCount({ stage, profile }),
    ...(stage === 'evaluate' && { usedDevices: EVALUATION_DEVICES }),
  };
}
