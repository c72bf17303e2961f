import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BETWEEN_BADGES,
  FROM_POINTS,
  type Pixel,
  placeBadges,
} from '../../orchestrator/comparison/chart/place-badges.ts';
import { withBadges } from '../../orchestrator/comparison/chart/wait-badges.ts';

const SIZE = { width: 330, height: 240 };
const places = (maxLength: number) =>
  fc.array(fc.record({ x: fc.integer({ min: 9, max: 321 }), y: fc.integer({ min: 9, max: 231 }) }), {
    maxLength,
  });
const apart = (a: Pixel, b: Pixel) => Math.hypot(a.x - b.x, a.y - b.y);

test('no badge covers another, or a point, wherever they are', () => {
  fc.assert(
    fc.property(places(6), places(12), (badges, points) => {
      const placed = placeBadges(badges, points, SIZE);
      expect(placed).toHaveLength(badges.length);
      for (const [index, at] of placed.entries()) {
        for (const other of placed.slice(0, index))
          expect(apart(at, other)).toBeGreaterThanOrEqual(BETWEEN_BADGES);
        for (const point of points) expect(apart(at, point)).toBeGreaterThanOrEqual(FROM_POINTS);
        expect(at.x >= 0 && at.x <= SIZE.width && at.y >= 0 && at.y <= SIZE.height).toBe(true);
      }
    }),
  );
});

test('what covers nothing stays, and what must move stays near', () => {
  const lone = { x: 100, y: 100 };
  expect(placeBadges([lone, { x: 200, y: 100 }], [{ x: 130, y: 100 }], SIZE)).toEqual([
    lone,
    { x: 200, y: 100 },
  ]);
  const [first, second] = placeBadges([lone, lone], [], SIZE);
  expect(first).toEqual(lone);
  expect(second?.x).toBeCloseTo(100);
  expect(second?.y).toBeCloseTo(80);
});

test('where there is no room at all a badge stays at its place', () => {
  const crowd = Array.from({ length: 400 }, (_, index) => ({
    x: 9 + (index % 20) * 16,
    y: 9 + Math.floor(index / 20) * 11,
  }));
  expect(placeBadges([{ x: 100, y: 100 }], crowd, SIZE)).toEqual([{ x: 100, y: 100 }]);
});

test('numbers are placed in the measures of the axes, and points stay where they were measured', () => {
  const wait = { control: 'wait', meanThinkingTokens: 1024, accuracy: 0.5 } as const;
  const rows = [{ ...wait, control: 'budget' } as const, wait];
  const [budget, moved] = withBadges(
    rows,
    { tokens: [512, 2048], accuracy: [0, 1] },
    { width: 200, height: 200 },
  );
  expect(budget).toMatchObject({ isMoved: false, badgeTokens: 1024, badgeAccuracy: 0.5 });
  expect(moved).toMatchObject({ ...wait, isMoved: true });
  expect(moved?.badgeTokens).toBeCloseTo(1024);
  expect(moved?.badgeAccuracy).toBeCloseTo(0.6);
});
