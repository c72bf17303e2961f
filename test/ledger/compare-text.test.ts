import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareText } from '../../orchestrator/ledger/compare-text.ts';

test('texts are ordered by their code units: of two that differ one comes first, whichever is asked about first', () => {
  expect([compareText('a', 'b'), compareText('b', 'a'), compareText('Z', 'a')]).toEqual([-1, 1, -1]);
  expect(compareText('a', 'a')).toBe(0);
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(compareText(a, b) + compareText(b, a)).toBe(0);
      expect(compareText(a, b) === 0).toBe(a === b);
    }),
  );
});
