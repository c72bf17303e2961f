import fc from 'fast-check';
import { expect, it } from 'vitest';
import { spreadOver } from '../../orchestrator/plan/vllm-spread.ts';
import { recipe } from './fixtures.ts';

const { architecture } = recipe('s1-32b').model;
const heads = (queryHeads: number, keyValueHeads: number, feedForwardSize: number) => ({
  ...architecture,
  queryHeads,
  keyValueHeads,
  feedForwardSize,
});

// trainer/tests/test_vllm_options.py has the same table: the plan expects what is started.
it.each([
  [8, 40, 8, 27_648, 8, 1],
  [8, 28, 4, 18_944, 4, 2],
  [8, 14, 2, 4_864, 2, 4],
  [8, 9, 3, 1_536, 1, 8],
  [1, 40, 8, 27_648, 1, 1],
  [8, 32, 4, 11_008, 8, 1],
  [8, 40, 8, 27_646, 2, 4],
])(
  '%i devices, %i heads, %i key/value heads, gates of %i: %i a copy, %i copies',
  (devices, query, keyValue, gates, tensorParallel, replicas) => {
    expect(spreadOver(devices, heads(query, keyValue, gates))).toEqual({ tensorParallel, replicas });
  },
);

it('leaves no device over, and cuts nothing into parts that are not whole', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 16 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 1, max: 4_096 }),
      (devices, group, keyValue, gates) => {
        const { tensorParallel, replicas } = spreadOver(devices, heads(group * keyValue, keyValue, gates));
        expect(tensorParallel * replicas).toBe(devices);
        expect((group * keyValue) % tensorParallel).toBe(0);
        expect(gates % tensorParallel).toBe(0);
      },
    ),
  );
});
