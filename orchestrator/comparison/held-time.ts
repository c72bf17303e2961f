import type { HeldTime } from '../ledger/statement.ts';
import type { Phase } from '../wire/phase.ts';

/** Phases in the order a run goes through them, those that only go wrong last. */
export const PHASES_AS_SHOWN: readonly Phase[] = [
  'training',
  'evaluating',
  'preparing',
  'exporting',
  'starting',
  'loading',
  'checkpointing',
  'terminating',
  'recomputing',
  'hung',
];

/** Phases with any time, with their milliseconds. */
export function heldPhases(held: HeldTime): readonly (readonly [phase: Phase, milliseconds: number])[] {
  return PHASES_AS_SHOWN.flatMap((phase) => {
    const milliseconds = held[phase] ?? 0;
    return milliseconds > 0 ? [[phase, milliseconds] as const] : [];
  });
}

export function heldMilliseconds(held: HeldTime): number {
  return heldPhases(held).reduce((total, [, milliseconds]) => total + milliseconds, 0);
}
