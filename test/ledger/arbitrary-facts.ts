import * as fc from 'fast-check';
import type { LedgerFact } from '../../orchestrator/ledger/fact.ts';
import { PHASES } from '../../orchestrator/wire/phase.ts';

const time = fc.integer({ min: 0, max: 10_000 });
const places = { stage: 'train', attempt: 1, deviceModel: 'H100' } as const;

/** Whatever may be known of one pod: times before, inside and after its life, ends that nobody saw, nothing at all. */
function podFacts(pod: string): fc.Arbitrary<readonly LedgerFact[]> {
  const common = { run: `run-${pod.length}`, pod };
  const bound = fc
    .record({
      at: time,
      devices: fc.integer({ min: 0, max: 16 }),
      node: fc.constantFrom('n0', 'n1'),
      gang: fc.integer({ min: 1, max: 3 }),
      usedDevices: fc.integer({ min: 0, max: 16 }),
    })
    .map(
      (fact): LedgerFact => ({
        ...common,
        ...places,
        ...fact,
        kind: 'bound',
        key: `${pod}:bound:${fact.at}`,
      }),
    );
  const ended = fc.record({ at: time, seen: fc.boolean(), succeeded: fc.boolean() }).map(
    (fact): LedgerFact => ({
      ...common,
      ...fact,
      kind: 'ended',
      key: `${pod}:end:${fact.at}:${fact.seen}:${fact.succeeded}`,
    }),
  );
  const phases = fc.array(fc.record({ at: time, phase: fc.constantFrom(...PHASES) }), {
    maxLength: 8,
  });
  const signs = fc.array(
    fc.record({ at: time, kind: fc.constantFrom('kept' as const, 'alive' as const, 'unreachable' as const) }),
    { maxLength: 3 },
  );
  return fc
    .tuple(fc.option(bound, { nil: undefined, freq: 6 }), fc.array(ended, { maxLength: 2 }), phases, signs)
    .map(([first, ends, marks, signed]) => {
      const distinct = new Map(ends.map((end) => [end.key, end]));
      const reported = marks.map(
        (mark, order): LedgerFact => ({
          ...common,
          ...mark,
          order,
          kind: 'phase',
          key: `${pod}:phase:${order}`,
        }),
      );
      const heard = signed.map(
        (sign, order): LedgerFact => ({ ...common, ...sign, key: `${pod}:${sign.kind}:${order}` }),
      );
      return [...(first ? [first] : []), ...distinct.values(), ...reported, ...heard];
    });
}

/** Facts of up to four pods of two runs, each fact once. */
export const facts: fc.Arbitrary<readonly LedgerFact[]> = fc
  .tuple(podFacts('a'), podFacts('b'), podFacts('cc'), podFacts('dd'))
  .map((pods) => pods.flat());
