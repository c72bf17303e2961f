import { expect, test } from 'vitest';
import { realClock } from '../../orchestrator/controller/clock.ts';
import { makeWakeup } from '../../orchestrator/controller/wakeup.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';

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

const in60Seconds = () => Date.now() + 60_000;

test('a wake while nobody waits is not lost, and one while somebody does ends the wait', async () => {
  const wakeup = makeWakeup(realClock);
  wakeup.wake();
  await wakeup.wait(in60Seconds);
  const waiting = wakeup.wait(in60Seconds);
  wakeup.wake();
  await waiting;
  const began = Date.now();
  await wakeup.wait(() => began + 20);
  expect(Date.now() - began).toBeGreaterThanOrEqual(20);
});

test('who is woken and looks has seen it, and what is wanted later ends a wait then', async () => {
  const clock = new VirtualClock(0);
  const wakeup = makeWakeup(clock);
  wakeup.wake();
  wakeup.wakeAt(1_000);
  wakeup.looking();
  const waited = async (due: () => number, meanwhile = () => {}) => {
    let isOver = false;
    const began = clock.now();
    void wakeup.wait(due).finally(() => {
      isOver = true;
    });
    meanwhile();
    await clock.passUntil(() => isOver, 1e12);
    return clock.now() - began;
  };
  expect(await waited(() => 5_000)).toBe(5_000);
  expect(
    await waited(
      () => 90_000,
      () => wakeup.wakeAt(6_000),
    ),
  ).toBe(1_000);
  expect(
    await waited(
      () => Number.POSITIVE_INFINITY,
      () => clock.after(7, wakeup.wake),
    ),
  ).toBe(7);
});

test('a time that has moved on when it comes is waited for again, however far it is', async () => {
  const clock = new VirtualClock(0);
  const wakeup = makeWakeup(clock);
  const asked: number[] = [];
  let isOver = false;
  void wakeup
    .wait(() => {
      asked.push(clock.now());
      return clock.now() < 1_000 ? 1_000 : 1e10;
    })
    .finally(() => {
      isOver = true;
    });
  await clock.passUntil(() => isOver, 1e12);
  expect(clock.now()).toBe(1e10);
  expect(asked.slice(0, 2)).toEqual([0, 1_000]);
});
