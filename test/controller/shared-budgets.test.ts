import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { SharedBudgets } from '../../orchestrator/controller/shared-budgets.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { eachQuery } from '../simulation/each-function.ts';
import { VirtualClock } from '../simulation/virtual-clock.ts';
import { boundFact, listedPrice, runRecord, temporaryFolder } from '../store/fixtures.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 27, 12);
const RED = { team: 'red', project: null };
const BLUE = { team: 'blue', project: null };

/** Budgets that two runs of each team watch, and how often each team's were woken. */
async function watching() {
  const clock = new VirtualClock(NOON);
  const store: Store = await openStore(join(temporaryFolder(), 'stint.db'));
  onTestFinished(() => store.close());
  let queries = 0;
  const counted = eachQuery(store, (act) => {
    queries += 1;
    return act();
  });
  const owned = (id: string, team: string) =>
    runRecord({ id, recipe: { ...runRecord().recipe, team }, createdAt: NOON });
  await store.runs.create([owned('r-1', 'red'), owned('r-2', 'red'), owned('r-3', 'blue')]);
  const { now, sleep } = clock;
  const shared = new SharedBudgets({ store: counted, now, sleep, isAlive: () => true, priceOf: listedPrice });
  const woken = { red: 0, blue: 0 };
  const stops = [RED, RED, BLUE, BLUE].map((scope) =>
    shared.watch(scope, () => {
      woken[scope.team as 'red'] += 1;
    }),
  );
  const pass = (milliseconds: number) => {
    const end = clock.now() + milliseconds;
    clock.after(milliseconds, () => undefined);
    return clock.passUntil(() => clock.now() >= end, milliseconds + 1);
  };
  return { clock, store, woken, pass, stops, queries: () => queries };
}

it('where no budget covers a run, nothing is read, until one is applied', async () => {
  const { store, woken, pass, queries, clock } = await watching();
  await pass(1_000);
  const before = queries();
  await pass(HOUR);
  expect(queries()).toBe(before);
  await store.budgets.apply([{ name: 'red', team: 'red', period: 'month', gpuHours: 40 }], clock.now());
  await pass(20_000);
  expect(queries()).toBeGreaterThan(before);
  expect(woken).toEqual({ red: 2, blue: 2 });
});

it('the runs of a team are woken when its budget stands otherwise, whoever used it, and no others', async () => {
  const { store, woken, pass, clock } = await watching();
  const team = (name: string, gpuHours: number) => ({ name, team: name, period: 'month', gpuHours }) as const;
  await store.budgets.apply([team('red', 40), team('blue', 40)], NOON);
  await pass(60_000);
  woken.red = woken.blue = 0;
  // Held by a process that watches it, all the time.
  await store.ledger.record([boundFact('r-2', 'p', NOON)]);
  await store.leases.acquire({ run: 'r-2', owner: 'o', pid: 1, heartbeatAt: NOON + 9 * HOUR }, HOUR);
  const warned = NOON + 4 * HOUR;
  await pass(warned - clock.now() - 20_000);
  expect(woken).toEqual({ red: 0, blue: 0 });
  await pass(25_000);
  expect(woken).toEqual({ red: 2, blue: 0 });
  // By how fast it is used it is known when it is used up: to within two seconds.
  await pass(NOON + 5 * HOUR - clock.now() - 1_000);
  expect(woken).toEqual({ red: 2, blue: 0 });
  await pass(4_000);
  expect(woken).toEqual({ red: 4, blue: 0 });
});

it('who has ended is not woken, and when all have, nothing is read any more', async () => {
  const { store, woken, pass, queries, stops } = await watching();
  await store.budgets.apply([{ name: 'red', team: 'red', period: 'month', gpuHours: 40 }], NOON);
  await pass(60_000);
  for (const stop of stops) stop();
  await pass(1_000);
  const before = queries();
  await store.budgets.apply([], NOON);
  await pass(HOUR);
  expect(queries()).toBe(before);
  expect(woken).toEqual({ red: 2, blue: 2 });
});
