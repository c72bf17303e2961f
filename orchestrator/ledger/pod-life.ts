import type { Phase } from '../wire/trainer-event.ts';
import { compareText } from './compare-text.ts';
import type { BoundFact, EndedFact, KeptFact, LedgerFact, PhaseFact } from './fact.ts';

/** Time in one phase, [from, to) in milliseconds since the epoch; never empty. */
export interface PhaseSpan {
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
}

/** A pod from its binding to its end, or until now. Times are milliseconds since the epoch. */
export interface PodLife {
  readonly bound: BoundFact;
  readonly from: number;
  readonly to: number;
  /** `doubtful`: nobody saw the end, so it is billed until its death was proven. `open`: until now, and going on. */
  readonly end: 'seen' | 'doubtful' | 'open';
  /** Null while it is not known. */
  readonly succeeded: boolean | null;
  /** Without gap or overlap from `from` to `to`. */
  readonly spans: readonly PhaseSpan[];
  /** Its containers had started by then; null while they have not. */
  readonly startedAt: number | null;
  /** From here to `to` nobody knows whether it still held its devices; null where that is known. */
  readonly doubtFrom: number | null;
  /** Until when its attempt's work is kept by a checkpoint; null before the first. */
  readonly keptUntil: number | null;
}

/**
 * The life of one pod from its facts, in any order; null when none says what it holds and since when.
 *
 * @param now - Milliseconds since the epoch; a pod that has not ended is held until then.
 */
export function podLife(facts: readonly LedgerFact[], now: number): PodLife | null {
  const bound = earliest(facts.filter((fact): fact is BoundFact => fact.kind === 'bound'));
  if (bound === undefined) return null;
  const ends = facts.filter((fact): fact is EndedFact => fact.kind === 'ended');
  // An end that somebody saw is better evidence than any proof of death, and the first proof is the tightest.
  const ended = earliest(ends.filter(({ seen }) => seen)) ?? earliest(ends);
  const from = bound.at;
  // Clocks of node and control plane differ: a pod cannot have ended before it began.
  const to = Math.max(from, ended?.at ?? now);
  const marks = facts.filter((fact): fact is PhaseFact => fact.kind === 'phase').toSorted(inOrder);
  const end = ended === undefined ? 'open' : ended.seen ? 'seen' : 'doubtful';
  const kept = facts.filter((fact): fact is KeptFact => fact.kind === 'kept');
  return {
    bound,
    from,
    to,
    end,
    succeeded: ended === undefined ? null : ended.seen ? (ended.succeeded ?? null) : false,
    spans: spansOf(marks, from, to),
    startedAt: marks[0]?.at ?? null,
    doubtFrom: end === 'seen' ? null : doubtFrom(facts, end === 'doubtful', { from, to }),
    keptUntil: kept.length === 0 ? null : Math.max(...kept.map(({ at }) => at)),
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
const SILENT_AFTER_MILLISECONDS = 50_000;

/** Since its last sign of life: of a pod whose end nobody saw, or one whose node has not spoken of it since it fell silent. */
function doubtFrom(
  facts: readonly LedgerFact[],
  isDead: boolean,
  { from, to }: Pick<PodLife, 'from' | 'to'>,
): number | null {
  const signs = facts.filter(isSignOfLife);
  const alive = Math.max(from, ...signs.map(({ at }) => at));
  const silences = facts.filter(({ kind }) => kind === 'unreachable').map(({ at }) => at);
  const silent = Math.max(...silences.filter((at) => at >= alive));
  const heard = Math.max(alive, silent - SILENT_AFTER_MILLISECONDS);
  const since = Number.isFinite(silent) ? heard : isDead ? alive : null;
  return since === null ? null : Math.min(Math.max(since, from), to);
}

/** That it was asked to end is no word of its own: whoever asked did not know whether it still lived. */
const isSignOfLife = (fact: LedgerFact): boolean =>
  fact.kind === 'alive' || fact.kind === 'kept' || (fact.kind === 'phase' && fact.phase !== 'terminating');

function earliest<F extends LedgerFact>(facts: readonly F[]): F | undefined {
  return facts.toSorted((a, b) => a.at - b.at || compareText(a.key, b.key))[0];
}

const inOrder = (a: PhaseFact, b: PhaseFact): number =>
  a.at - b.at || a.order - b.order || compareText(a.key, b.key);
