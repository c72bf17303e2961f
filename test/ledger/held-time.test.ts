import { expect, it } from 'vitest';
import { goodput, heldByPhase } from '../../orchestrator/ledger/held-time.ts';
import type { PodStatement } from '../../orchestrator/ledger/statement.ts';
import { PHASES } from '../../orchestrator/wire/phase.ts';

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

it('goodput is the share of training and evaluating, and unknown where nothing was held', () => {
  expect(goodput({})).toBeNull();
  expect(goodput({ starting: 1, training: 2, evaluating: 4, checkpointing: 1 })).toBe(0.75);
  const each = PHASES.map((phase) => [phase, goodput({ [phase]: 3 })]);
  const productive = each.filter(([, share]) => share === 1).map(([phase]) => phase);
  expect(new Set(productive)).toEqual(new Set(['evaluating', 'training']));
  expect(each.filter(([, share]) => share === 0)).toHaveLength(PHASES.length - 2);
});
