import type { Evidence } from './evidence.ts';
import type { Verdict } from './plan.ts';

/** Undefined where the folder of who answers holds all of its weights, and where nobody has looked. */
export function weightsWhole(evidence: Evidence | undefined): Verdict | undefined {
  if (evidence === undefined || !('inspection' in evidence)) return undefined;
  const { damage } = evidence.inspection;
  return damage === null ? undefined : { name: 'weights-whole', ok: false, refuses: true, message: damage };
}
