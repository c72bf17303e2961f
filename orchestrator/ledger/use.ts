import type { Phase } from '../wire/phase.ts';
import type { PodLife } from './pod-life.ts';

/** What held device time was good for: the work that was asked for, or the cause of its waste. */
export const USES = [
  'productive',
  'start-up',
  'waiting',
  'checkpointing',
  'recomputation',
  'hang',
  'failed-attempts',
  'terminating',
  'idle',
  'export',
] as const;
export type Use = (typeof USES)[number];

/** GPU-milliseconds by use; a use that took no time is absent. */
export type UsedTime = Readonly<Partial<Record<Use, number>>>;

/** What became of the attempt that a pod is part of, as far as it decides what the pod's time was good for. */
export interface AttemptContext {
  /** Its last pod's containers started here: before, the others wait for a late peer. Infinite where one never came. */
  readonly completeAt: number;
  /**
   * The first of its pods was lost or failed here, where its own time ends: after that, the others wait in vain. Infinite where none
   * did.
   */
  readonly brokenAt: number;
  /**
   * Until here its work is of use to someone: to the result, or to the attempt that went on from it, which then does again
   * what was lost and pays for it. Infinite where all of it is.
   */
  readonly usefulUntil: number;
}

export interface UseSpan {
  readonly phase: Phase;
  readonly use: Use;
  readonly from: number;
  readonly to: number;
  readonly devices: number;
}

const USE_OF_PHASE: Readonly<Record<Phase, Use>> = {
  starting: 'start-up',
  loading: 'start-up',
  preparing: 'start-up',
  training: 'productive',
  evaluating: 'productive',
  checkpointing: 'checkpointing',
  recomputing: 'recomputation',
  exporting: 'export',
  hung: 'hang',
  terminating: 'terminating',
};

/** What the devices of one pod were good for, phase by phase, cut where that changes; devices × time are all of the pod's. */
export function useSpans(life: PodLife, context: AttemptContext): readonly UseSpan[] {
  const { completeAt, brokenAt, usefulUntil } = context;
  const cuts = [...new Set([completeAt, brokenAt, usefulUntil])].toSorted((a, b) => a - b);
  return life.spans.flatMap((span) => {
    const edges = [span.from, ...cuts.filter((cut) => cut > span.from && cut < span.to), span.to];
    return edges.slice(1).flatMap((to, index) => {
      const part = { phase: span.phase, from: edges[index] ?? span.from, to };
      return shared(life, { ...part, use: useOf(life, part, context) });
    });
  });
}

function useOf(
  { startedAt }: PodLife,
  { phase, from }: Pick<UseSpan, 'phase' | 'from'>,
  { completeAt, brokenAt, usefulUntil }: AttemptContext,
): Use {
  const use = USE_OF_PHASE[phase];
  if (use === 'hang' || use === 'terminating' || use === 'checkpointing') return use;
  if (from >= brokenAt) return 'waiting';
  if (use === 'start-up' && from >= startedAt && from < completeAt) return 'waiting';
  return from >= usefulUntil ? 'failed-attempts' : use;
}

/** Where only some of its devices work, the others are idle in the meantime. */
function shared({ bound }: PodLife, span: Omit<UseSpan, 'devices'>): readonly UseSpan[] {
  const { devices, usedDevices = devices } = bound;
  if (span.use !== 'productive' || usedDevices >= devices) return [{ ...span, devices }];
  return [
    { ...span, devices: usedDevices },
    { ...span, use: 'idle', devices: devices - usedDevices },
  ];
}
