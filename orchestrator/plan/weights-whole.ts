import { inspectionOf, type QuestionEvidence } from './evidence.ts';
import type { Verdict } from './plan.ts';

/** Undefined where the folder of who answers holds all of its weights, and where nobody has looked. */
export function weightsWhole(evidence: QuestionEvidence | undefined): Verdict | undefined {
  const damage = inspectionOf(evidence)?.damage ?? null;
  return damage === null ? undefined : { name: 'weights-whole', ok: false, refuses: true, message: damage };
}
