import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { heldMilliseconds, heldPhases, PHASES_AS_SHOWN } from '../../orchestrator/comparison/held-time.ts';
import { PHASES } from '../../orchestrator/wire/phase.ts';

test('knows every phase once', () => {
  expect(PHASES_AS_SHOWN.toSorted()).toEqual([...PHASES].toSorted());
});

test('phases add up to the held time, and none of them is empty', () => {
  const held = fc.dictionary(fc.constantFrom(...PHASES_AS_SHOWN), fc.nat({ max: 1e9 }));
  fc.assert(
    fc.property(held, (phases) => {
      const total = Object.values(phases).reduce<number>((sum, milliseconds) => sum + milliseconds, 0);
      expect(heldMilliseconds(phases)).toBe(total);
      expect(heldPhases(phases).every(([, milliseconds]) => milliseconds > 0)).toBe(true);
    }),
  );
});
