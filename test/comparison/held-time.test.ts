import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { heldMilliseconds, heldPhases, PHASES } from '../../orchestrator/comparison/held-time.ts';
import { PhaseSchema } from '../../orchestrator/wire/trainer-event.ts';

test('knows every phase once', () => {
  expect(PHASES.toSorted()).toEqual([...PhaseSchema.options].toSorted());
});

test('phases add up to the held time, and none of them is empty', () => {
  const held = fc.dictionary(fc.constantFrom(...PHASES), fc.nat({ max: 1e9 }));
  fc.assert(
    fc.property(held, (phases) => {
      const total = Object.values(phases).reduce<number>((sum, milliseconds) => sum + milliseconds, 0);
      expect(heldMilliseconds(phases)).toBe(total);
      expect(heldPhases(phases).every(([, milliseconds]) => milliseconds > 0)).toBe(true);
    }),
  );
});
