import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandSeries } from '../../orchestrator/recipe/expand-series.ts';

const values = (text: string) => expandSeries(`training.sequenceLength=${text}`).values;

test('values are numbers, true, false or text, in the order in which they are named', () => {
  expect(expandSeries('training.recompute=auto,full')).toEqual({
    path: 'training.recompute',
    values: ['auto', 'full'],
  });
  expect(values('96, 64,128')).toEqual([96, 64, 128]);
  expect(values('true,false')).toEqual([true, false]);
});

test('an ellipsis goes on by the ratio of the two values before it, or else by their difference', () => {
  expect(values('1024,2048,…,32768')).toEqual([1024, 2048, 4096, 8192, 16384, 32768]);
  expect(values('1000,2000,...,5000')).toEqual([1000, 2000, 3000, 4000, 5000]);
  expect(values('32,16,…,2')).toEqual([32, 16, 8, 4, 2]);
  expect(values('1,2,…,8,9')).toEqual([1, 2, 4, 8, 9]);
});

test('a series of equal steps is the same written out, whatever its first two values and its length', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 3, max: 20 }),
      (first, step, count) => {
        const all = Array.from({ length: count }, (_, index) => first + index * step);
        const short = values(`${first},${first + step},…,${all.at(-1)}`);
        // Where doubling reaches the end as well, the ratio is what was meant.
        if (short.length === count) expect(short).toEqual(all);
        else expect(Number(short[2]) / Number(short[1])).toBeCloseTo(Number(short[1]) / Number(short[0]), 9);
        expect(short.at(-1)).toBe(all.at(-1));
      },
    ),
  );
});

test.each([
  ['96', 'names no field and values'],
  ['training.sequenceLength=96', 'names no two values'],
  ['training.sequenceLength=96,96', 'one of them twice'],
  ['training.sequenceLength=1,…,9', 'an ellipsis stands between numbers'],
  ['training.sequenceLength=2,4,…', 'an ellipsis stands between numbers'],
  ['training.sequenceLength=1000,3000,…,10000', 'does not reach 10000'],
  ['training.sequenceLength=1,2,…,-5', 'does not reach -5'],
  ['training.sequenceLength=1,2,3,…,1000000', 'does not reach|are more than 64'],
])('%s is refused: %s', (text, why) => {
  expect(() => expandSeries(text)).toThrow(new RegExp(why));
});
