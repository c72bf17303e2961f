import { expect, it } from 'vitest';
import type { BoundFact, LedgerFact } from '../../orchestrator/ledger/fact.ts';
import { missedFacts } from '../../orchestrator/ledger/phase-facts.ts';
import { podsInDoubt, stepSigns, withSeen } from '../../orchestrator/ledger/seen-facts.ts';

const bound = (pod: string, facts: Partial<BoundFact> = {}): BoundFact => ({
  kind: 'bound',
  key: `${pod}:bound`,
  run: 'r',
  pod,
  at: 10,
  stage: 'train',
  attempt: 1,
  node: 'n',
  deviceModel: 'H100',
  devices: 8,
  ...facts,
});
const ended = (pod: string, seen: boolean): LedgerFact => ({
  kind: 'ended',
  key: `${pod}:${seen}`,
  run: 'r',
  pod,
  at: 90,
  seen,
});
const names = (pods: readonly BoundFact[]) => pods.map(({ pod }) => pod);

it('what was seen is added to what is recorded, and takes the place of nothing', () => {
  const recorded = [bound('a'), bound('b')];
  expect(withSeen(recorded, [])).toBe(recorded);
  const seen = [bound('b', { node: 'elsewhere' }), bound('c')];
  expect(withSeen(recorded, seen)).toEqual([bound('a'), bound('b'), bound('c')]);
});

it('how long a pod of training lived is in doubt where nobody saw its end, or nobody watches it', () => {
  const facts = [
    bound('open'),
    bound('seen'),
    bound('lost'),
    bound('both'),
    bound('prepares', { stage: 'prepare' }),
    ended('seen', true),
    ended('lost', false),
    ended('both', false),
    ended('both', true),
  ];
  expect(names(podsInDoubt(facts, true))).toEqual(['lost']);
  expect(names(podsInDoubt(facts, false))).toEqual(['open', 'lost']);
});

it('each pod of an attempt lived until its attempt’s last step, and of one without a step nothing is told', () => {
  const steps = [
    { attempt: 1, at: 20 },
    { attempt: 1, at: 30 },
    { attempt: 2, at: 50 },
  ];
  const pods = [bound('a'), bound('b'), bound('c', { attempt: 2 }), bound('d', { attempt: 3 })];
  expect(stepSigns(pods, steps)).toEqual([
    { kind: 'alive', key: 'a:alive:30', run: 'r', pod: 'a', at: 30 },
    { kind: 'alive', key: 'b:alive:30', run: 'r', pod: 'b', at: 30 },
    { kind: 'alive', key: 'c:alive:50', run: 'r', pod: 'c', at: 50 },
  ]);
});

it('pods whose records were taken away are ended, unseen, when they were found to be missing', () => {
  expect(missedFacts('r', ['a', 'b'], 70)).toEqual([
    { kind: 'ended', key: 'a:lost:70', run: 'r', pod: 'a', at: 70, seen: false },
    { kind: 'ended', key: 'b:lost:70', run: 'r', pod: 'b', at: 70, seen: false },
  ]);
});
