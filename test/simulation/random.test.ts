import { expect, test } from 'vitest';
import { seededRandom } from './random.ts';

function draw(seed: number): readonly number[] {
  const below = seededRandom(seed);
  return Array.from({ length: 8 }, () => below(1000));
}

test('one seed gives one stream, another seed another', () => {
  expect(draw(1)).toEqual(draw(1));
  expect(draw(1)).not.toEqual(draw(2));
});

test('every number below the bound comes up equally often', () => {
  const below = seededRandom(3);
  const counts = Array.from({ length: 10 }, () => 0);
  for (let count = 0; count < 100_000; count++) {
    const drawn = below(10);
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  // Chi-square of 9 degrees of freedom exceeds 27.9 once in a thousand streams.
  const chi = counts.reduce((total, count) => total + (count - 10_000) ** 2 / 10_000, 0);
  expect(chi).toBeLessThan(27.9);
});
