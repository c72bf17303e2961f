import { expect, it } from 'vitest';
import { plan, recipe, withOtherTokens } from './fixtures.ts';

it('preparing takes longer, the more there is to tokenise', () => {
  const seconds = (otherTokens: number) => {
    const { stages } = plan(withOtherTokens(recipe('s1-32b'), otherTokens), 'h100-16');
    return stages?.find(({ name }) => name === 'prepare')?.duration.expectedSeconds ?? 0;
  };
  // 3,000 tokens more of each of 1,000 samples, at 300,000 a second.
  expect(seconds(3_100) - seconds(100)).toBeCloseTo(10, 6);
});
