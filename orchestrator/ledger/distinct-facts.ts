import { StintError } from '../errors/stint-error.ts';
import { canonicalJson } from '../recipe/canonical.ts';
import type { LedgerFact } from './fact.ts';

export const contradiction = (key: string, contents: readonly string[]): StintError =>
  new StintError({
    code: 'ledger-contradiction',
    what: `two different facts have the key ${key}`,
    where: key,
    why: `${contents.join(' and ')}; a fact, once recorded, does not change`,
    todo: 'report this as a defect, with both facts: the time of this pod cannot be told until it is resolved',
  });

/**
 * Each fact once.
 *
 * @throws StintError `ledger-contradiction` when one key comes with two contents.
 */
export function distinctFacts(facts: Iterable<LedgerFact>): readonly LedgerFact[] {
  const known = new Map<string, LedgerFact>();
  for (const fact of facts) {
    const earlier = known.get(fact.key);
    if (earlier === undefined) known.set(fact.key, fact);
    else if (earlier !== fact && canonicalJson(earlier) !== canonicalJson(fact))
      throw contradiction(fact.key, [earlier, fact].map(canonicalJson).toSorted());
  }
  return [...known.values()];
}
