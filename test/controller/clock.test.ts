import { expect, test } from 'vitest';
import { realClock } from '../../orchestrator/controller/clock.ts';
import { makeWakeup } from '../../orchestrator/controller/wakeup.ts';

test('a sleep ends in time, at once when its signal is aborted, and never with an error', async () => {
  const began = performance.now();
  await realClock.sleep(20);
  expect(performance.now() - began).toBeGreaterThanOrEqual(19);
  await realClock.sleep(60_000, AbortSignal.abort());
  const wake = new AbortController();
  const sleeping = realClock.sleep(60_000, wake.signal);
  wake.abort();
  await sleeping;
  expect(performance.now() - began).toBeLessThan(5_000);
});

test('what is done every so often is done until it is stopped', async () => {
  let times = 0;
  const stop = realClock.every(5, () => {
    times += 1;
  });
  await realClock.sleep(40);
  stop();
  const then = times;
  expect(then).toBeGreaterThan(1);
  await realClock.sleep(20);
  expect(times).toBe(then);
});

test('a wake while nobody waits is not lost, and one while somebody does ends the wait', async () => {
  const wakeup = makeWakeup(realClock);
  wakeup.wake();
  await wakeup.wait(60_000);
  const waiting = wakeup.wait(60_000);
  wakeup.wake();
  await waiting;
  const began = performance.now();
  await wakeup.wait(20);
  expect(performance.now() - began).toBeGreaterThanOrEqual(19);
});
