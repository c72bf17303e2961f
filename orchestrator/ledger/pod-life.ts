import type { Phase } from '../wire/phase.ts';
import { compareText } from './compare-text.ts';
import type { BoundFact, EndedFact, KeptFact, LedgerFact, PhaseFact } from './fact.ts';

/** Time in one phase, [from, to) in milliseconds since the epoch; never empty. */
export interface PhaseSpan {
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
}

/** A pod from its binding to its end, or to the last that is known of it. Times are milliseconds since the epoch. */
export interface PodLife {
  readonly bound: BoundFact;
  /** It held its devices from here */
  readonly from: number;
  /** to here: its end, or where nobody saw that, the last sign that it held them still. */
  readonly to: number;
  /** Where `to` is no end that somebody saw: until here it may have held them, and nobody knows. Else it is `to`. */
  readonly doubtUntil: number;
  /** `doubtful`: it is proven dead, and nobody saw the end. `open`: no end of it is known. */
  readonly end: 'seen' | 'doubtful' | 'open';
  /** Somebody saw it fail, or nobody saw how it ended. */
  readonly failed: boolean;
  /** Without gap or overlap from `from` to `to`. */
  readonly spans: readonly PhaseSpan[];
  /** Its containers had started by then; infinite while they have not. */
  readonly startedAt: number;
  /** Until when its attempt's work is kept by a checkpoint; negative infinity before the first. */
  readonly keptUntil: number;
}

/** Time by the clock, and until when somebody has watched a run's pods without seeing them end. */
export interface Watched {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Of this run; negative infinity where nobody does. */
  readonly watchedUntil: (run: string) => number;
}

/**
 * The life of one pod from its facts, in any order; null when none says what it holds and since when. That time goes on
 * proves nothing: without an end that somebody saw, a pod has held its devices until its last sign of life, and what comes
 * after that, up to the proof of its death or to now, is in doubt.
 */
export function podLife(facts: readonly LedgerFact[], { now, watchedUntil }: Watched): PodLife | null {
  const bound = earliest(facts.filter((fact): fact is BoundFact => fact.kind === 'bound'));
  if (bound === undefined) return null;
  const ends = facts.filter((fact): fact is EndedFact => fact.kind === 'ended');
  // An end that somebody saw is better evidence than any proof of death, and the first proof is the tightest.
  const ended = earliest(ends.filter(({ seen }) => seen)) ?? earliest(ends);
  const end = ended === undefined ? 'open' : ended.seen ? 'seen' : 'doubtful';
  const from = bound.at;
  // Clocks of node and control plane differ: a pod cannot have ended before it began.
  const doubtUntil = Math.max(from, ended?.at ?? now);
  const watched = end === 'open' ? watchedUntil(bound.run) : Number.NEGATIVE_INFINITY;
  const to =
    end === 'seen' ? doubtUntil : Math.min(Math.max(from, lastSign(facts, from, watched)), doubtUntil);
  const marks = facts.filter((fact): fact is PhaseFact => fact.kind === 'phase').toSorted(inOrder);
  const kept = facts.filter((fact): fact is KeptFact => fact.kind === 'kept');
  return {
    bound,
    from,
    to,
    doubtUntil,
    end,
    failed: ended !== undefined && (!ended.seen || ended.succeeded === false),
    spans: spansOf(marks, from, to),
    startedAt: marks[0]?.at ?? Number.POSITIVE_INFINITY,
    keptUntil: Math.max(...kept.map(({ at }) => at)),
  };
}

/** From binding to the first mark a pod is starting; a mark outside [from, to] counts at the nearer end. */
function spansOf(marks: readonly PhaseFact[], from: number, to: number): readonly PhaseSpan[] {
  const spans: PhaseSpan[] = [];
  let phase: Phase = 'starting';
  let since = from;
  const until = (at: number) => {
    if (at > since) spans.push({ phase, from: since, to: at });
    since = at;
  };
  for (const mark of marks) {
    until(Math.min(Math.max(mark.at, from), to));
    // Asked to end, a pod may still report a checkpoint or a step; that is part of terminating.
    if (phase !== 'terminating') phase = mark.phase;
  }
  until(to);
  return spans;
}

/** A node counts as silent when nothing was heard of it for so long (node-monitor-grace-period, since Kubernetes 1.32). */
export const SILENT_AFTER_MILLISECONDS = 50_000;

/**
 * When it was last known to live: by its own word, by its node's, or by whoever watched it. Whoever watches a node that has
 * fallen silent since the pod's last word sees only what was known before.
 */
function lastSign(facts: readonly LedgerFact[], from: number, watchedUntil: number): number {
  const alive = Math.max(from, ...facts.filter(isSignOfLife).map(({ at }) => at));
  const silences = facts.filter(({ kind }) => kind === 'unreachable').map(({ at }) => at);
  const silent = Math.max(...silences.filter((at) => at >= alive));
  return Math.max(alive, Number.isFinite(silent) ? silent - SILENT_AFTER_MILLISECONDS : watchedUntil);
}

/** That it was asked to end is no word of its own: whoever asked did not know whether it still lived. */
const isSignOfLife = (fact: LedgerFact): boolean =>
  fact.kind === 'alive' || fact.kind === 'kept' || (fact.kind === 'phase' && fact.phase !== 'terminating');

function earliest<F extends LedgerFact>(facts: readonly F[]): F | undefined {
  return facts.toSorted((a, b) => a.at - b.at || compareText(a.key, b.key))[0];
}

const inOrder = (a: PhaseFact, b: PhaseFact): number =>
  a.at - b.at || a.order - b.order || compareText(a.key, b.key);
