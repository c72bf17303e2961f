import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  calibrate,
  type Measured,
  UNCALIBRATED,
  upperQuantile,
} from '../../orchestrator/plan/calibration.ts';
import { modelKey, placeKey } from '../../orchestrator/plan/calibration-keys.ts';
import { STEP_TIME_BOUNDS } from '../../orchestrator/plan/efficiency.ts';
import { makePlan } from '../../orchestrator/plan/make-plan.ts';
import { DIGEST, profile, trainedOnly, withTraining } from './fixtures.ts';

const HERE = { model: 'm', place: 'p' };
const runs = (...ratios: readonly number[]): readonly Measured[] =>
  ratios.map((ratio) => ({ ...HERE, predicted: 1_000_000, actual: Math.round(1_000_000 * ratio) }));
const of = (known: readonly Measured[]) => calibrate(known, HERE.model, HERE.place);
const ratio = fc.double({ min: 0.5, max: 2, noNaN: true });

test('the quantile is Student’s', () => {
  // Abramowitz and Stegun, table 26.10, at 0.9.
  for (const [freedom, t] of [
    [4, 1.533],
    [5, 1.476],
    [10, 1.372],
    [30, 1.31],
    [120, 1.289],
  ] as const)
    expect(Math.abs(upperQuantile(freedom) - t)).toBeLessThan(6e-4);
});

test('without runs a plan is the time model as it is, and so it is with runs of elsewhere', () => {
  expect(of([])).toEqual(UNCALIBRATED);
  expect(of(runs(2, 2).map((run) => ({ ...run, place: 'elsewhere' })))).toEqual(UNCALIBRATED);
  const [s1, on] = [trainedOnly('s1-32b'), profile('h100-16')];
  expect(makePlan(s1, DIGEST, on, undefined, of([]))).toEqual(makePlan(s1, DIGEST, on));
});

test('runs that agree move the plan to what they took and narrow it, the more of them the more', () => {
  const counts = [1, 2, 5, 20, 200];
  const known = counts.map((count) => of(runs(...Array<number>(count).fill(1.25))));
  const biases = known.map(({ bias }) => bias);
  expect(biases.toSorted((a, b) => a - b)).toEqual(biases);
  expect(biases.at(-1)).toBeCloseTo(1.25, 2);
  expect(known.at(-1)?.spread).toBeLessThan(0.4);
  const spreads = known.slice(1).map(({ spread }) => spread);
  expect(spreads.toSorted((a, b) => b - a)).toEqual(spreads);
});

test('runs that differ widen it', () => {
  expect(of(runs(1, 1, 1, 3)).spread).toBeGreaterThan(of(runs(1, 1, 1, 1)).spread);
  expect(of(runs(0.5, 2)).spread).toBeGreaterThan(1);
});

test('the bias lies between the time model and the mean of the runs, whatever they took, and their order is nothing', () => {
  fc.assert(
    fc.property(fc.array(ratio, { minLength: 1, maxLength: 30 }), (ratios) => {
      const known = runs(...ratios);
      const { bias } = of(known);
      const mean = Math.exp(ratios.reduce((sum, each) => sum + Math.log(each), 0) / ratios.length);
      expect(bias).toBeGreaterThanOrEqual(Math.min(1, mean) * 0.9999);
      expect(bias).toBeLessThanOrEqual(Math.max(1, mean) * 1.0001);
      expect(of(known.toReversed()).bias).toBeCloseTo(bias, 9);
    }),
  );
});

test('of the next run, drawn as the others were, four in five fall within the bounds', () => {
  // A fixed sequence of normal numbers, by Box and Muller over a linear congruence.
  let state = 12_345;
  const uniform = () => {
    state = (1_103_515_245 * state + 12_345) % 2 ** 31;
    return (state + 1) / (2 ** 31 + 2);
  };
  const draw = () =>
    1.2 * Math.exp(0.07 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
  let inside = 0;
  const trials = 2_000;
  const half = Math.log(STEP_TIME_BOUNDS.gpu.high / STEP_TIME_BOUNDS.gpu.low) / 2;
  for (let trial = 0; trial < trials; trial += 1) {
    const { bias, spread } = of(runs(...Array.from({ length: 12 }, draw)));
    const next = Math.log(draw() / bias);
    if (Math.abs(next) <= half * spread) inside += 1;
  }
  expect(inside / trials).toBeGreaterThan(0.76);
  expect(inside / trials).toBeLessThan(0.9);
});

test('runs of other models tell where the cluster errs, and never narrow the bounds', () => {
  const others = runs(...Array<number>(50).fill(1.3)).map((run) => ({ ...run, model: 'other' }));
  expect(of(others)).toMatchObject({ basis: 'cluster', runs: 50, spread: 1 });
  expect(of(others).bias).toBeCloseTo(1.3, 1);
  expect(of([...others, ...runs(1.1)])).toMatchObject({ basis: 'model-and-cluster', runs: 1 });
});

test('a plan says what it rests on, and all its times, hours and costs follow', () => {
  const [s1, on] = [trainedOnly('s1-32b'), profile('h100-16')];
  const raw = makePlan(s1, DIGEST, on);
  const calibration = of(runs(1.2, 1.22, 1.18, 1.2));
  const plan = makePlan(s1, DIGEST, on, undefined, calibration);
  expect(plan.calibration).toEqual(calibration);
  for (const part of ['gpuHours', 'cost'] as const) {
    expect(plan[part].expected / raw[part].expected).toBeCloseTo(calibration.bias, 9);
    expect(plan[part].high / plan[part].low).toBeCloseTo(
      (raw[part].high / raw[part].low) ** calibration.spread,
      9,
    );
  }
  // What watches for hangs goes by the time model's own steps.
  expect(plan.duration.stepSeconds).toBe(raw.duration.stepSeconds);
});

test('a profile that was changed is another place, and a recipe of another length is no other model', () => {
  const [s1, on] = [trainedOnly('s1-32b'), profile('h100-16')];
  expect(placeKey({ ...on, network: { ...on.network, ringGBps: 100 } }, s1)).not.toBe(placeKey(on, s1));
  expect(placeKey({ ...on, description: 'moved' }, s1)).toBe(placeKey(on, s1));
  expect(modelKey(withTraining(s1, { sequenceLength: 4096 }))).toBe(modelKey(s1));
});

test("Student's quantile is that of the tables", () => {
  for (const [freedom, value] of [
    [4, 1.533],
    [5, 1.476],
    [10, 1.372],
    [30, 1.31],
  ] as const)
    expect(upperQuantile(freedom)).toBeCloseTo(value, 2);
});
