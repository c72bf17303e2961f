import { expect, test } from 'vitest';
import { followEvents, type IndexedEvent } from '../../orchestrator/controller/follow-events.ts';
import type { Cluster, OutputLine } from '../../orchestrator/ports/cluster.ts';
import { pod } from '../run/fixtures.ts';
import { chanceOf } from '../simulation/chance.ts';
import { phaseLine } from '../simulation/trainer-lines.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';

/** A log of so many events, a second apart. */
function logOf(clock: VirtualClock, events: number): Cluster {
  async function* logs(): AsyncGenerator<OutputLine> {
    for (let number = 0; number < events; number++) {
      yield { at: clock.now(), text: phaseLine(clock.now(), 'training') };
      await clock.sleep(1_000);
    }
  }
  return { logs } as unknown as Cluster;
}

/** Follows a log of 20 events while the store fails as it is told. */
async function follow(fails: () => boolean) {
  const clock = new VirtualClock(0);
  const taken: IndexedEvent[] = [];
  const warnings: string[] = [];
  const onEvents = async (_: unknown, events: readonly IndexedEvent[]) => {
    if (fails()) throw new Error('the store is busy');
    taken.push(...events);
  };
  const handlers = { onEvents, onWarning: (message: string) => warnings.push(message) };
  const following = followEvents(logOf(clock, 20), clock, pod(), handlers, new AbortController().signal);
  let isDone = false;
  void following.finally(() => {
    isDone = true;
  });
  await clock.passUntil(() => isDone, 600_000);
  return { taken: taken.map(({ index }) => index), warnings, clock };
}

test('what a pod tells is handed on once and in order, however often its receiver fails in between', async () => {
  const chance = chanceOf(7);
  const { taken, warnings } = await follow(() => chance.happens(0.7));
  expect(taken).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(warnings.length).toBeGreaterThan(0);
  expect(warnings[0]).toContain('is not recorded yet, trying again: Error: the store is busy');
});

test('a receiver that fails for good is told of once, and given up a minute after the end of the log', async () => {
  const { taken, warnings, clock } = await follow(() => true);
  expect(taken).toEqual([]);
  expect(warnings).toHaveLength(1);
  expect(clock.now()).toBe(20_000 + 60_000);
});
