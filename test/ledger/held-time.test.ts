import { expect, it } from 'vitest';
import { goodput, heldByPhase, heldByUse } from '../../orchestrator/ledger/held-time.ts';
import type { PodStatement } from '../../orchestrator/ledger/statement.ts';
import { USES } from '../../orchestrator/ledger/use.ts';

const pods = (...phases: readonly PodStatement['phases'][]) =>
  phases.map((each) => ({ phases: each }) as PodStatement);

it('adds up phase by phase over pods, and names no phase that took no time', () => {
  expect(heldByPhase([])).toEqual({});
  expect(heldByPhase(pods({ starting: 5, training: 10 }, { training: 7, hung: 1 }, {}))).toEqual({
    starting: 5,
    training: 17,
    hung: 1,
  });
});

it('adds up use by use over pods', () => {
  const uses = [{ 'start-up': 40, productive: 16 }, { productive: 3 }, {}] as const;
  expect(heldByUse(uses.map((each) => ({ uses: each }) as PodStatement))).toEqual({
    'start-up': 40,
    productive: 19,
  });
});

it('goodput is the productive share of all uses, and unknown where nothing was held', () => {
  expect(goodput({})).toBeNull();
  expect(goodput({ 'start-up': 1, productive: 6, 'failed-attempts': 1 })).toBe(0.75);
  const each = USES.map((use) => [use, goodput({ [use]: 3 })]);
  expect(each.filter(([, share]) => share === 1)).toEqual([['productive', 1]]);
  expect(each.filter(([, share]) => share === 0)).toHaveLength(USES.length - 1);
});
