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
import type { Store } from '../ports/store.ts';
import type { PodFacts } from '../run/pod-facts.ts';
import type { OnProgress } from '../run/progress.ts';
import type { RunRecord } from '../run/run-record.ts';
import { takesSteps } from '../wire/stage-traits.ts';
import type { EventHandler, IndexedEvent } from './follow-events.ts';
import { podPlace } from './pod-place.ts';
import type { Workplace } from './workplace.ts';

export interface SettlementOptions {
  readonly onProgress?: OnProgress;
  /** Called before anything is written; throws where this process may write nothing of the run any more. */
  readonly require: () => Promise<void>;
}

/** Writes what is seen of a run's pods where it counts: held time and phases to the ledger, steps to the curve. */
export class Settlement {
  readonly #store: Store;
  readonly #now: () => number;
  readonly #record: RunRecord;
  readonly #onProgress: OnProgress;
  readonly #require: () => Promise<void>;
  /**
   * Their own words, and the looks at which the cluster called them alive: until a node counts as silent, nobody knows that it
   * is, so a look tells of the time before that.
   */
  readonly #lastSigns = new Map<string, number>();

  constructor(
    { store, now }: Pick<Workplace, 'store' | 'now'>,
    record: RunRecord,
    { onProgress = () => undefined, require }: SettlementOptions,
  ) {
    this.#store = store;
    this.#now = now;
    this.#record = record;
    this.#onProgress = onProgress;
    this.#require = require;
  }

  /** All pods of the run, as they are seen. */
  async onPods(pods: readonly PodFacts[]): Promise<void> {
    await this.#require();
    for (const { uid, endedAt, unreachableSince } of pods)
      if (endedAt === undefined && unreachableSince === undefined)
        this.#sign(uid, this.#now() - SILENT_AFTER_MILLISECONDS);
    const facts = pods.flatMap((pod) => boundAndEndedFacts(pod, podPlace(pod.stage, this.#record)));
    for (const pod of pods.filter(({ phase }) => phase === 'lost')) {
      const at = await this.#lastSign(pod);
      if (at !== undefined) facts.push(aliveFact(pod, at));
    }
    await this.#store.ledger.record(facts);
  }

  /** Pods of the ledger, by uid, that have no end there and are not on the cluster any more. */
  async onMissing(uids: readonly string[]): Promise<void> {
    await this.#require();
    const { id } = this.#record;
    const facts = (await this.#store.ledger.facts([id])).filter(({ pod }) => uids.includes(pod));
    const signs = [
      ...stepSigns(podsInDoubt(facts, false), await this.#store.steps.curve(id)),
      ...uids.flatMap((uid) => {
        const at = this.#lastSigns.get(uid);
        return at === undefined ? [] : [aliveFact({ uid, run: id }, at)];
      }),
    ];
    await this.#store.ledger.record([...missedFacts(id, uids, this.#now()), ...signs]);
  }

  /** What a pod tells of itself. */
  async onEvents(pod: Parameters<EventHandler>[0], events: readonly IndexedEvent[]): Promise<void> {
    await this.#require();
    const last = events.at(-1);
    if (last) this.#sign(pod.uid, last.event.at);
    await this.#store.ledger.record(phaseFacts(pod, events));
    const { attempt, stage, run } = pod;
    const steps = events.flatMap(({ event }) => (event.event === 'step' ? [{ ...event, attempt }] : []));
    await this.#store.steps.record(
      this.#record.id,
      steps.map(({ step, at, loss, tokens, seconds }) => ({ attempt, step, at, loss, tokens, seconds })),
    );
    if (pod.index !== 0) return;
    for (const { event } of events) this.#onProgress({ kind: 'event', run, stage, attempt, event });
  }

  /** From `at` on, the time of the pods that still live goes into ending. */
  async asksToEnd(pods: readonly PodFacts[], at: number): Promise<void> {
    await this.#require();
    await this.#store.ledger.record(terminatingFacts(pods, at));
  }

  /** The attempt has ended as one that stood still. */
  async hung({ stage, attempt }: Pick<PodFacts, 'stage' | 'attempt'>): Promise<void> {
    await this.#require();
    const { id } = this.#record;
    const [facts, steps] = [await this.#store.ledger.facts([id]), await this.#store.steps.curve(id)];
    const made = takesSteps(stage) ? steps.filter((step) => step.attempt === attempt) : [];
    const times = made.map(({ at }) => at);
    await this.#store.ledger.record(hungFacts(facts, { stage, attempt }, times));
  }

  #sign(uid: string, at: number): void {
    this.#lastSigns.set(uid, Math.max(at, this.#lastSigns.get(uid) ?? at));
  }

  /** A pod that nobody saw ending lived at least until then. */
  async #lastSign({ uid, attempt }: PodFacts): Promise<number | undefined> {
    const curve = await this.#store.steps.curve(this.#record.id);
    const step = curve.findLast((each) => each.attempt === attempt)?.at;
    const signs = [this.#lastSigns.get(uid), step].filter((at) => at !== undefined);
    return signs.length === 0 ? undefined : Math.max(...signs);
  }
}
