import type { CapacityType } from '../profile/capacity.ts';
import type { Stage } from '../wire/job-spec.ts';
import type { Phase } from '../wire/phase.ts';
import { attemptContexts, attemptKey } from './attempt-context.ts';
import { compareText } from './compare-text.ts';
import { checkConservation } from './conservation.ts';
import { distinctFacts } from './distinct-facts.ts';
import type { LedgerFact } from './fact.ts';
import { type PodLife, podLife, type Watched } from './pod-life.ts';
import { type UsedTime, type UseSpan, useSpans } from './use.ts';

/** Held time by phase in GPU-milliseconds; a phase that took no time is absent. */
export type HeldTime = Readonly<Partial<Record<Phase, number>>>;

/** What one pod held. Times are milliseconds since the epoch. */
export interface PodStatement {
  readonly run: string;
  readonly stage: Stage;
  readonly attempt: number;
  readonly pod: string;
  readonly node: string;
  readonly deviceModel: string;
  readonly devices: number;
  readonly capacity: CapacityType;
  /** Null where the profile names none. */
  readonly region: string | null;
  readonly from: number;
  /** Its end, or the last sign that it held its devices still. */
  readonly to: number;
  /** Until here it may have held them, and nobody knows; `to` where that is known. */
  readonly doubtUntil: number;
  /** `doubtful`: it is proven dead, and nobody saw the end. `open`: no end of it is known. */
  readonly end: PodLife['end'];
  /** (to - from) × devices. */
  readonly gpuMilliseconds: number;
  /** (doubtUntil - to) × devices: beside `gpuMilliseconds`, and billed to nobody. */
  readonly doubtfulMilliseconds: number;
  /** Adds up to `gpuMilliseconds` exactly. */
  readonly phases: HeldTime;
  /** What the time was good for. Adds up to `gpuMilliseconds` exactly. */
  readonly uses: UsedTime;
  /** Both at once, in order; device-time of the spans is all of the pod's. */
  readonly spans: readonly UseSpan[];
}

/** A pod with facts but without the one that says what it holds and since when: its time cannot be told. */
export interface UnboundPod {
  readonly run: string;
  readonly pod: string;
  /** When it was first and last heard of. */
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface Statement {
  /** Oldest first. */
  readonly pods: readonly PodStatement[];
  readonly unbound: readonly UnboundPod[];
}

/**
 * What was held, from facts in any order, any of them any number of times. Equal sets of facts give equal statements, and
 * once a pod has ended its held time and phases do not depend on when they are asked for. What the time was good for may still change: work
 * of a failed attempt is lost until another attempt goes on from it.
 *
 * @param facts - All facts of each run that they name.
 * @param watched - Without an end, a pod is held until it was last known to live: here, for as long as it is watched.
 * @throws StintError `ledger-contradiction`, `ledger-conservation`.
 */
export function statement(facts: Iterable<LedgerFact>, watched: Watched): Statement {
  const lives: PodLife[] = [];
  const unbound: UnboundPod[] = [];
  for (const [pod, known] of Map.groupBy(distinctFacts(facts), (fact) => fact.pod)) {
    const life = podLife(known, watched);
    if (life) lives.push(life);
    else unbound.push(unboundPod(pod, known));
  }
  const pods = [...Map.groupBy(lives, ({ bound }) => bound.run).values()].flatMap(statementsOfRun);
  return {
    pods: pods.toSorted((a, b) => a.from - b.from || compareText(a.pod, b.pod)),
    unbound: unbound.toSorted((a, b) => a.firstAt - b.firstAt || compareText(a.pod, b.pod)),
  };
}

function statementsOfRun(lives: readonly PodLife[]): readonly PodStatement[] {
  const contexts = attemptContexts(lives);
  return lives.map((life) => {
    const context = contexts.get(attemptKey(life));
    if (context === undefined) throw new Error(`no attempt ${attemptKey(life)}`);
    return podStatement(life, useSpans(life, context));
  });
}

function podStatement(life: PodLife, spans: readonly UseSpan[]): PodStatement {
  const { bound, from, to, doubtUntil, end } = life;
  const {
    run,
    stage,
    attempt,
    pod,
    node,
    deviceModel,
    devices,
    capacity = 'on-demand',
    region = null,
  } = bound;
  const gpuMilliseconds = (to - from) * devices;
  const phases = sumBy(spans, ({ phase }) => phase);
  const uses = sumBy(spans, ({ use }) => use);
  checkConservation(Object.values(phases), gpuMilliseconds, `pod ${pod} by phase`);
  checkConservation(Object.values(uses), gpuMilliseconds, `pod ${pod} by use`);
  const doubtfulMilliseconds = (doubtUntil - to) * devices;
  const place = { run, stage, attempt, pod, node, deviceModel, devices, capacity, region };
  return { ...place, from, to, doubtUntil, end, gpuMilliseconds, doubtfulMilliseconds, phases, uses, spans };
}

function sumBy<K extends string>(
  spans: readonly UseSpan[],
  keyOf: (span: UseSpan) => K,
): Readonly<Partial<Record<K, number>>> {
  const sums: Partial<Record<K, number>> = {};
  for (const span of spans) {
    const time = (span.to - span.from) * span.devices;
    if (time > 0) sums[keyOf(span)] = (sums[keyOf(span)] ?? 0) + time;
  }
  return sums;
}

function unboundPod(pod: string, facts: readonly LedgerFact[]): UnboundPod {
  const times = facts.map(({ at }) => at);
  const run = facts.map((fact) => fact.run).toSorted()[0] ?? '';
  return { run, pod, firstAt: Math.min(...times), lastAt: Math.max(...times) };
}
