import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkConservation } from '../../orchestrator/ledger/conservation.ts';
import { goodput, heldByPhase } from '../../orchestrator/ledger/held-time.ts';
import { amountOf, makePrice } from '../../orchestrator/ledger/price.ts';
import { type Dimension, rollUp } from '../../orchestrator/ledger/roll-up.ts';
import { statement } from '../../orchestrator/ledger/statement.ts';
import { facts } from './arbitrary-facts.ts';

const pods = facts.map((known) => statement(known, 12_000).pods);
const dimensions = fc.subarray<Dimension>(['run', 'stage', 'phase', 'node', 'deviceModel', 'pod']);
const price = makePrice('USD', '2.123456789');
const total = (times: readonly number[]) => times.reduce((sum, time) => sum + time, 0);

test('however pods are grouped, rows add up to all held time and to its exact cost', () => {
  fc.assert(
    fc.property(pods, dimensions, (held, by) => {
      const rows = rollUp(held, by, () => price);
      const time = total(held.map((pod) => pod.gpuMilliseconds));
      expect(total(rows.map((row) => row.gpuMilliseconds))).toBe(time);
      const cost = rows.reduce((sum, row) => sum + (row.cost?.amount ?? 0n), 0n);
      expect(cost).toBe(amountOf(time, price));
    }),
  );
});

test("a run's row is the sum of its rows by phase", () => {
  fc.assert(
    fc.property(pods, (held) => {
      const byPhase = rollUp(held, ['run', 'phase'], () => price);
      for (const { run, gpuMilliseconds } of rollUp(held, ['run'], () => price))
        expect(total(byPhase.filter((row) => row.run === run).map((row) => row.gpuMilliseconds))).toBe(
          gpuMilliseconds,
        );
    }),
  );
});

test('time without a known price has no cost, and currencies are never added', () => {
  fc.assert(
    fc.property(pods, (held) => {
      const priceOf = ({ pod }: { pod: string }) =>
        pod === 'a' ? null : pod === 'b' ? price : makePrice('EUR', 1);
      for (const row of rollUp(held, ['stage'], priceOf)) {
        const currency = row.cost?.currency ?? null;
        const alike = held.filter((pod) => (priceOf(pod)?.currency ?? null) === currency);
        const time = total(alike.map((pod) => pod.gpuMilliseconds));
        expect(row.gpuMilliseconds).toBe(time);
        expect(row.cost?.amount).toBe(
          currency === null ? undefined : amountOf(time, currency === 'USD' ? price : makePrice('EUR', 1)),
        );
      }
    }),
  );
});

test('goodput is the share of training and evaluating', () => {
  expect(goodput({ starting: 30, training: 60, recomputing: 10, evaluating: 20 })).toBeCloseTo(80 / 120, 12);
  expect(goodput({})).toBeNull();
  fc.assert(
    fc.property(pods, (held) => {
      expect(total(Object.values(heldByPhase(held)))).toBe(total(held.map((pod) => pod.gpuMilliseconds)));
    }),
  );
});

test('parts that are one millisecond off are refused', () => {
  expect(() => checkConservation([1, 2, 3], 6, 'a pod')).not.toThrow();
  expect(() => checkConservation([1, 2, 3], 7, 'a pod')).toThrow('add up to 6 GPU-ms, and 7 were held');
  expect(() => checkConservation([0.5], 0.5, 'a pod')).toThrow('were held');
});
