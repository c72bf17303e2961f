import { PHASES, type Phase } from '../wire/phase.ts';
import type { HeldTime, PodStatement } from './statement.ts';

/** Work that was asked for; in every other phase a held device only costs. */
const PRODUCTIVE: ReadonlySet<Phase> = new Set(['training', 'evaluating']);

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

/** Productive share of the held time, in [0, 1]; null when none was held. */
export function goodput(held: HeldTime): number | null {
  let productive = 0;
  let total = 0;
  for (const phase of PHASES) {
    total += held[phase] ?? 0;
    if (PRODUCTIVE.has(phase)) productive += held[phase] ?? 0;
  }
  return total === 0 ? null : productive / total;
}
