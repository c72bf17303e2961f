import type { Stage } from '../wire/job-spec.ts';
import type { Phase } from '../wire/trainer-event.ts';
import { checkConservation } from './conservation.ts';
import { distinctFacts } from './distinct-facts.ts';
import type { BoundFact, EndedFact, LedgerFact, PhaseFact } from './fact.ts';

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
  readonly from: number;
  readonly to: number;
  /** `doubtful`: nobody saw the end, so it is billed until its death was proven. `open`: until now, and going on. */
  readonly end: 'seen' | 'doubtful' | 'open';
  /** (to - from) × devices. */
  readonly gpuMilliseconds: number;
  /** Adds up to `gpuMilliseconds` exactly. */
  readonly phases: HeldTime;
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
 * What was held, from facts in any order, any of them any number of times. Equal sets of facts give equal statements,
 * and once a pod has ended its statement does not depend on `now`.
 *
 * @param now - Milliseconds since the epoch; a pod that has not ended is held until then.
 * @throws StintError `ledger-contradiction`, `ledger-conservation`.
 */
export function statement(facts: Iterable<LedgerFact>, now: number): Statement {
  const pods: PodStatement[] = [];
  const unbound: UnboundPod[] = [];
  for (const [pod, known] of Map.groupBy(distinctFacts(facts), (fact) => fact.pod)) {
    const bound = earliest(known.filter((fact): fact is BoundFact => fact.kind === 'bound'));
    if (bound) pods.push(podStatement(bound, known, now));
    else unbound.push(unboundPod(pod, known));
  }
  return {
    pods: pods.toSorted((a, b) => a.from - b.from || compareText(a.pod, b.pod)),
    unbound: unbound.toSorted((a, b) => a.firstAt - b.firstAt || compareText(a.pod, b.pod)),
  };
}

function podStatement(bound: BoundFact, facts: readonly LedgerFact[], now: number): PodStatement {
  const ends = facts.filter((fact): fact is EndedFact => fact.kind === 'ended');
  // An end that somebody saw is better evidence than any proof of death, and the first proof is the tightest.
  const ended = earliest(ends.filter(({ seen }) => seen)) ?? earliest(ends);
  const from = bound.at;
  // Clocks of node and control plane differ: a pod cannot have ended before it began.
  const to = Math.max(from, ended?.at ?? now);
  const marks = facts.filter((fact): fact is PhaseFact => fact.kind === 'phase');
  const phases = splitByPhase(marks, from, to, bound.devices);
  const gpuMilliseconds = (to - from) * bound.devices;
  checkConservation(Object.values(phases), gpuMilliseconds, `pod ${bound.pod}`);
  const { run, stage, attempt, pod, node, deviceModel, devices } = bound;
  const end = ended === undefined ? 'open' : ended.seen ? 'seen' : 'doubtful';
  return { run, stage, attempt, pod, node, deviceModel, devices, from, to, end, gpuMilliseconds, phases };
}

/** From binding to the first mark a pod is starting; a mark outside [from, to] counts at the nearer end. */
function splitByPhase(marks: readonly PhaseFact[], from: number, to: number, devices: number): HeldTime {
  const phases: Partial<Record<Phase, number>> = {};
  let phase: Phase = 'starting';
  let since = from;
  const until = (at: number) => {
    if (at > since) phases[phase] = (phases[phase] ?? 0) + (at - since) * devices;
    since = at;
  };
  const inOrder = marks.toSorted((a, b) => a.at - b.at || a.order - b.order || compareText(a.key, b.key));
  for (const mark of inOrder) {
    until(Math.min(Math.max(mark.at, from), to));
    // Asked to end, a pod may still report a checkpoint or a step; that is part of terminating.
    if (phase !== 'terminating') phase = mark.phase;
  }
  until(to);
  return phases;
}

function unboundPod(pod: string, facts: readonly LedgerFact[]): UnboundPod {
  const times = facts.map(({ at }) => at);
  const run = facts.map((fact) => fact.run).toSorted()[0] ?? '';
  return { run, pod, firstAt: Math.min(...times), lastAt: Math.max(...times) };
}

function earliest<F extends LedgerFact>(facts: readonly F[]): F | undefined {
  return facts.toSorted((a, b) => a.at - b.at || compareText(a.key, b.key))[0];
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
