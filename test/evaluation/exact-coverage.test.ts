import { expect, test } from 'vitest';
import { CELLS } from '../../ops/coverage/coverage-of.ts';
import { exactCoverageOf } from '../../ops/coverage/exact-coverage.ts';

const once = CELLS.filter(({ samples }) => samples === 1);
/** What the sum leaves out, and the normal distribution is known to. */
const ROUNDED = 1e-4;

test.each([
  [30, 0.028],
  [198, 0.04],
  [500, 0.044],
])(
  'of %i questions, each answered once, an interval holds what is true as often as it says',
  (questions, mostTold) => {
    const found = once.filter((cell) => cell.questions === questions).map(exactCoverageOf);
    expect(found).toHaveLength(30);
    expect(found.filter(({ accuracy }) => accuracy < 0.95)).toEqual([]);
    expect(found.filter(({ difference }) => difference < 0.95 - ROUNDED)).toEqual([]);
    expect(found.filter(({ falseClaims }) => falseClaims > mostTold)).toEqual([]);
  },
);
