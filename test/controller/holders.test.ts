import { expect, test } from 'vitest';
import { Holders } from '../../orchestrator/controller/holders.ts';
import type { Holder } from '../../orchestrator/ports/store.ts';

const NOW = 1_000_000;
const holder = (heartbeatAt: number, facts: Partial<Holder> = {}): Holder => ({
  owner: 'a',
  pid: 1,
  heartbeatAt,
  beats: true,
  ...facts,
});

/** The first look at which a process that has beaten every second until it was killed is gone, after its death. */
function goneAfter(lookEvery: number, killedAfterBeat: number, skew: number): number {
  const holders = new Holders({ isAlive: () => true });
  const diedAt = NOW + 5_000 + killedAfterBeat;
  for (let at = NOW; at < NOW + 60_000; at += lookEvery) {
    const lastBeat = Math.min(diedAt - killedAfterBeat, Math.floor(at / 1_000) * 1_000);
    const living = holders.observe([holder(lastBeat + skew)], at);
    if (living.length === 0) return at - diedAt;
  }
  throw new Error('it was never found gone');
}

test.each([-5_000, 0, 5_000])(
  'whoever looks twice a second finds a dead process within five seconds, and none that lives, with clocks %d ms apart',
  (skew) => {
    for (const killedAfterBeat of [0, 1, 500, 999]) {
      const after = goneAfter(500, killedAfterBeat, skew);
      expect(after).toBeGreaterThan(0);
      expect(after).toBeLessThanOrEqual(4_500);
    }
  },
);

test('a process that is known to be gone is gone at once, and one of an earlier Stint when its lease expires', () => {
  const dead = new Holders({ isAlive: () => false });
  expect(dead.observe([holder(NOW)], NOW)).toEqual([]);
  const holders = new Holders({ isAlive: () => true });
  const earlier = [holder(NOW, { beats: false })];
  expect(holders.observe(earlier, NOW)).toEqual(['a']);
  expect(holders.observe(earlier, NOW + 14_999)).toEqual(['a']);
  expect(holders.observe(earlier, NOW + 15_000)).toEqual([]);
});

test('one whose heartbeat is old when it is first seen is gone, and one that has stood still and goes on lives', () => {
  const holders = new Holders({ isAlive: () => true });
  expect(holders.observe([holder(NOW - 15_000)], NOW)).toEqual([]);
  expect(holders.observe([holder(NOW)], NOW + 100)).toEqual(['a']);
});
