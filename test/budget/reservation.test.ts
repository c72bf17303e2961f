import { expect, it } from 'vitest';
import { ceilingOf } from '../../orchestrator/budget/reservation.ts';
import { makePrice } from '../../orchestrator/ledger/price.ts';
import type { Plan } from '../../orchestrator/plan/plan.ts';
import { HOUR } from './fixtures.ts';

/** A tenth of its upper bound is start-up: twice 50 of 1,000 seconds. */
const plan = {
  gpuHours: { expected: 5, low: 4, high: 10 },
  duration: { startupSeconds: 50, highSeconds: 1_000 } as Plan['duration'],
  steps: 100,
};
const price = makePrice('USD', 2);

it("reserves a plan's upper bound, and no more than the run's own budget lets it hold", () => {
  expect(ceilingOf(plan, undefined, price)).toBe(10 * HOUR);
  expect(ceilingOf({ ...plan, gpuHours: { ...plan.gpuHours, high: 1 / 3_600_001 } }, undefined, price)).toBe(
    1,
  );
  expect(ceilingOf(plan, { gpuHours: 7 }, price)).toBe(7 * HOUR);
  expect(ceilingOf(plan, { gpuHours: 7, cost: { amount: 12, currency: 'USD' } }, price)).toBe(6 * HOUR);
  expect(ceilingOf(plan, { cost: { amount: 12, currency: 'USD' } }, null)).toBe(10 * HOUR);
  expect(ceilingOf(plan, { cost: { amount: 12, currency: 'USD' } }, makePrice('USD', 0))).toBe(10 * HOUR);
});

it('reserves what its other stages may take beside training, too, and all of a plan that counts no steps', () => {
  const train = { name: 'train', gpuHours: plan.gpuHours } as NonNullable<Plan['stages']>[number];
  const whole = { ...plan, stages: [train], gpuHours: { ...plan.gpuHours, high: 12 } };
  expect(ceilingOf(whole, undefined, price)).toBe(12 * HOUR);
  expect(ceilingOf(whole, undefined, price, { held: 0, steps: 100 })).toBe(3 * HOUR);
  expect(ceilingOf({ ...plan, steps: 0 }, undefined, price, { held: 0, steps: 5 })).toBe(10 * HOUR);
});

it('reserves what is done again for each attempt of a plan that knows its parts, the last checkpoint among it', () => {
  const bounds = (steps: number, checkpoint: number, startup: number) => {
    const none = { low: 0, high: 0 };
    return {
      startup: { low: 0, high: startup },
      preflight: none,
      load: none,
      compile: none,
      steps: { low: 0, high: steps },
      checkpoint: { low: 0, high: checkpoint },
      export: none,
    };
  };
  const parted = { ...plan, duration: { ...plan.duration, partBounds: bounds(700, 200, 100) } };
  const left = (steps: number) => ceilingOf(parted, undefined, price, { held: 0, steps });
  expect(left(0)).toBe(10 * HOUR);
  expect(left(50)).toBe((3 + 3.5) * HOUR);
  expect(left(100)).toBe(3 * HOUR);
});

it('reserves for a run that goes on what is left: its start-up and the steps that are to be taken', () => {
  const left = (held: number, steps: number) => ceilingOf(plan, undefined, price, { held, steps });
  expect(left(3 * HOUR, 0)).toBe(13 * HOUR);
  expect(left(3 * HOUR, 50)).toBe((3 + 1 + 4.5) * HOUR);
  expect(left(3 * HOUR, 100)).toBe((3 + 1) * HOUR);
  expect(ceilingOf(plan, { gpuHours: 7 }, price, { held: 3 * HOUR, steps: 50 })).toBe(7 * HOUR);
});
