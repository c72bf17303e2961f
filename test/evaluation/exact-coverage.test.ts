import { expect, test } from 'vitest';
import { CELLS, GAINS } from '../../ops/coverage/coverage-of.ts';
import { exactCoverage } from '../../ops/coverage/exact-coverage.ts';

const once = CELLS.filter(({ samples }) => samples === 1);

test.each([
  [30, 0.028],
  [198, 0.04],
  [500, 0.044],
])(
  'of %i questions, each answered once, an interval holds every difference as often as it says',
  (questions, mostTold) => {
    const found = once
      .filter((cell) => cell.questions === questions)
      .flatMap((cell) =>
        GAINS.filter((gain) => cell.accuracy + gain > 0.02 && cell.accuracy + gain < 0.99).map((gain) => ({
          cell,
          gain,
          ...exactCoverage(cell, gain),
        })),
      );
    expect(found.length).toBeGreaterThan(60);
    // To what the sum leaves out and the normal distribution is known to.
    expect(found.filter(({ held }) => held < 0.95 - 1e-4)).toEqual([]);
    expect(found.filter(({ gain, told }) => gain === 0 && told > mostTold)).toEqual([]);
  },
);
