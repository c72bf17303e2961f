import { chanceOf } from './chance.ts';
import { FAULT_KINDS, type FaultKind } from './faults.ts';

export interface Fault {
  readonly kind: FaultKind;
  /** Milliseconds after the beginning; where it cannot be done then, as soon as it can. */
  readonly at: number;
}

/** Mostly they come while the run trains; each kind begins a scenario as often as any other. */
export function faultsOf(seed: number): readonly Fault[] {
  const { between, pick } = chanceOf(seed * 2 + 1);
  const first = FAULT_KINDS[seed % FAULT_KINDS.length] ?? pick(FAULT_KINDS);
  const others = Array.from({ length: between(1, 5) }, () => pick(FAULT_KINDS));
  return [first, ...others].map((kind) => ({ kind, at: between(0, 60_000) }));
}
