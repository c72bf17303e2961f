import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jobName } from '../../orchestrator/render/names.ts';
import { newRunId } from '../../orchestrator/store/run-id.ts';

const time = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2059, 0, 1) });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('a later run has a greater id, whatever the random part', () => {
  fc.assert(
    fc.property(time, time, random, random, (a, b, x, y) => {
      fc.pre(a < b);
      expect(newRunId(a, () => x) < newRunId(b, () => y)).toBe(true);
    }),
  );
});

test('an id is 14 characters of which every object name can be made', () => {
  fc.assert(
    fc.property(time, random, (now, x) => {
      const id = newRunId(now, () => x);
      expect(id).toMatch(/^r-[0-9a-z]{12}$/);
      expect(() => jobName(id, 'evaluate', 99)).not.toThrow();
    }),
  );
});

test('runs of one moment differ by their random part, and a clock that was never set is refused', () => {
  expect(newRunId(1.8e12, () => 0)).not.toBe(newRunId(1.8e12, () => 1 / 2 ** 20));
  expect(() => newRunId(0, () => 0)).toThrow('is the clock set?');
});
