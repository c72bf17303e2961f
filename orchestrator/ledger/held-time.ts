import { PHASES, type Phase } from '../wire/phase.ts';
import type { HeldTime, PodStatement } from './statement.ts';
import { USES, type Use, type UsedTime } from './use.ts';

/** GPU-milliseconds by phase over all pods. */
export function heldByPhase(pods: readonly PodStatement[]): HeldTime {
  const held: Partial<Record<Phase, number>> = {};
  for (const { phases } of pods)
    for (const phase of PHASES) {
      const time = phases[phase];
      if (time !== undefined) held[phase] = (held[phase] ?? 0) + time;
    }
  return held;
}

/** GPU-milliseconds by what they were good for, over all pods. */
export function heldByUse(pods: readonly PodStatement[]): UsedTime {
  const held: Partial<Record<Use, number>> = {};
  for (const { uses } of pods)
    for (const use of USES) {
      const time = uses[use];
      if (time !== undefined) held[use] = (held[use] ?? 0) + time;
    }
  return held;
}

/** Productive share of the held time, in [0, 1]; null when none was held. */
export function goodput(uses: UsedTime): number | null {
  const total = USES.reduce((sum, use) => sum + (uses[use] ?? 0), 0);
  return total === 0 ? null : (uses.productive ?? 0) / total;
}
