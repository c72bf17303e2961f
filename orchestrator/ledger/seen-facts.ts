import { takesSteps } from '../wire/stage-traits.ts';
import type { BoundFact, LedgerFact } from './fact.ts';
import { aliveFact } from './phase-facts.ts';

/** What is recorded, and what else was seen. Where both have a fact, the recorded one is the fact. */
export function withSeen(
  recorded: readonly LedgerFact[],
  seen: readonly LedgerFact[],
): readonly LedgerFact[] {
  if (seen.length === 0) return recorded;
  const known = new Set(recorded.map(({ key }) => key));
  return [...recorded, ...seen.filter(({ key }) => !known.has(key))];
}

/** A step that an attempt has made; milliseconds since the epoch. */
interface StepMade {
  readonly attempt: number;
  readonly at: number;
}

/**
 * Pods of training of which it is not known until when they lived: nobody saw them end, and nobody watches those that may
 * go on.
 *
 * @param facts - All of one run.
 */
export function podsInDoubt(facts: readonly LedgerFact[], isWatched: boolean): readonly BoundFact[] {
  const ends = facts.filter((fact) => fact.kind === 'ended');
  const seen = new Set(ends.flatMap((fact) => (fact.seen ? [fact.pod] : [])));
  const dead = new Set(ends.map(({ pod }) => pod));
  return facts.filter(
    (fact): fact is BoundFact =>
      fact.kind === 'bound' &&
      takesSteps(fact.stage) &&
      !seen.has(fact.pod) &&
      (dead.has(fact.pod) || !isWatched),
  );
}

/**
 * A step takes the whole gang: each of its pods lived at least until their attempt's last one.
 *
 * @param steps - Of their run, in order.
 */
export const stepSigns = (pods: readonly BoundFact[], steps: readonly StepMade[]): readonly LedgerFact[] =>
  pods.flatMap(({ pod, run, attempt }) => {
    const last = steps.findLast((step) => step.attempt === attempt);
    return last ? [aliveFact({ uid: pod, run }, last.at)] : [];
  });
