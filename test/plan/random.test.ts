import { expect, test } from 'vitest';
import { seededRandom, shuffled } from '../../orchestrator/plan/random.ts';

test('every order comes up, about as often as any other', () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 1_200; seed += 1) {
    const order = shuffled([1, 2, 3], seededRandom(seed)).join('');
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect([...counts.keys()].toSorted()).toEqual(['123', '132', '213', '231', '312', '321']);
  for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(60);
});

test('what is shuffled stays as it was, and equal seeds give equal orders', () => {
  const given = [1, 2, 3, 4, 5];
  expect(shuffled(given, seededRandom(7))).toEqual(shuffled(given, seededRandom(7)));
  expect(given).toEqual([1, 2, 3, 4, 5]);
});
