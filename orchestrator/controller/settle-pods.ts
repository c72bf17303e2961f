import { boundAndEndedFacts, hungFacts, phaseFacts, terminatingFacts } from '../ledger/phase-facts.ts';
import type { PodFacts } from '../run/pod-facts.ts';
import type { RunRecord } from '../store/port.ts';
import type { RunHandlers } from './observe-run.ts';
import type { OnProgress } from './progress.ts';
import type { Workplace } from './workplace.ts';

export interface Settlement extends Pick<RunHandlers, 'onPods' | 'onEvents'> {
  /** From `at` on, the time of the pods that still live goes into ending. */
  readonly asksToEnd: (pods: readonly PodFacts[], at: number) => Promise<void>;
  /** The attempt has ended as one that stood still. */
  readonly hung: (attempt: Pick<PodFacts, 'stage' | 'attempt'>) => Promise<void>;
}

/** Writes what is seen of a run's pods where it counts: held time and phases to the ledger, steps to the curve. */
export function settlePods({ store }: Workplace, record: RunRecord, onProgress: OnProgress): Settlement {
  return {
    asksToEnd: async (pods, at) => store.ledger.record(terminatingFacts(pods, at)),
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
    onPods: async (pods: readonly PodFacts[]) => store.ledger.record(pods.flatMap(boundAndEndedFacts)),
    onEvents: async (pod, events) => {
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
