import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { gpuMillisecondsOf } from '../../orchestrator/units/gpu-hours.ts';
import { GpuHours } from '../../orchestrator/units/gpu-hours-limit.ts';

const HOUR = 3_600_000;

test('milliseconds that are written down as hours come back as they were', () => {
  expect(gpuMillisecondsOf(30_826 / HOUR)).toBe(30_826);
  for (let milliseconds = 1; milliseconds < 200_000; milliseconds += 1)
    if (gpuMillisecondsOf(milliseconds / HOUR) !== milliseconds) expect.fail(String(milliseconds));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 12 - 1 }), (milliseconds) => {
      const written = String(milliseconds / HOUR);
      expect(gpuMillisecondsOf(Number(written))).toBe(milliseconds);
    }),
    { numRuns: 2_000 },
  );
});

test('between two milliseconds the nearest counts, and halves go to the even one', () => {
  // 4.5 and 13.5 milliseconds.
  expect([0.000_001_25, 0.000_003_75].map(gpuMillisecondsOf)).toEqual([4, 14]);
  expect(gpuMillisecondsOf(1.000001)).toBe(3_600_004);
  expect(gpuMillisecondsOf(1e9)).toBe(1e9 * HOUR);
  expect(() => gpuMillisecondsOf(Number.NaN)).toThrow('NaN are no device-hours');
});

test('a limit is at least a millisecond, and no number that nobody can mean', () => {
  for (const good of [1 / HOUR, 0.5, 100, 1e9, '5']) expect(GpuHours.safeParse(good).success).toBe(true);
  for (const bad of [0, -1, 1e-12, 1.1e9, 1e305, Number.NaN, Number.POSITIVE_INFINITY, 'five'])
    expect(GpuHours.safeParse(bad).error?.issues[0]?.message).toMatch(/^expected device-hours above zero/);
});
