import { expect, onTestFinished, test } from 'vitest';
import { BUDGETS, OPEN_RUNS, type Store } from '../../orchestrator/ports/store.ts';
import { runRecord } from './fixtures.ts';

/** How often each subject was told of since it was last asked. */
export function listenTo(store: Store, subjects: readonly string[]) {
  const told = new Map<string, number>();
  for (const subject of subjects)
    onTestFinished(
      store.changes.subscribe(subject, () => void told.set(subject, (told.get(subject) ?? 0) + 1)),
    );
  return {
    told,
    /** A feed that has just begun tells everybody, because something may have been missed before. */
    quiet: async () => {
      for (let before = -1, now = 0; before !== now; now = [...told.values()].reduce((a, b) => a + b, 0)) {
        before = now;
        await new Promise((resolve) => setTimeout(resolve, 1_200));
      }
      told.clear();
    },
  };
}

interface Place {
  readonly address: string;
  readonly open: () => Promise<Store>;
}

/** Does one thing to run r-1 in a process of its own, and ends when that process has. */
type Elsewhere = (work: string, address: string, count?: number) => Promise<unknown>;

const SUBJECTS = ['r-1', 'r-2', BUDGETS, OPEN_RUNS];
const soon = { timeout: 10_000, interval: 10 };

/** The laws of `ChangeFeed`. `placeWithRun` gives a store with run r-1. */
export function changeLaws(placeWithRun: () => Promise<Place>, elsewhere: Elsewhere): void {
  async function listening() {
    const place = await placeWithRun();
    const before = await place.open();
    await before.runs.create([runRecord({ id: 'r-2', createdAt: 1 })]);
    await before.close();
    const store = await place.open();
    onTestFinished(() => store.close());
    const { told, quiet } = listenTo(store, SUBJECTS);
    await quiet();
    return { ...place, store, told, quiet };
  }

  test.each([
    // What it appends brings the run to rest.
    ['append', ['r-1', OPEN_RUNS]],
    ['ask', ['r-1']],
    ['budget', [BUDGETS]],
    ['admit', [OPEN_RUNS]],
  ])(
    'what another process writes (%s) wakes who waits for it, and nobody else',
    async (work, subjects) => {
      const { address, told, quiet } = await listening();
      await elsewhere(work, address, 1);
      await expect.poll(() => [...told], soon).toEqual(subjects.map((subject) => [subject, 1]));
      await quiet();
      // Nobody waits for facts of pods.
      await elsewhere('record', address, 1);
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect([...told.keys()]).toEqual([]);
    },
    60_000,
  );

  test('a request that is withdrawn elsewhere is a change, too', async () => {
    const { address, told, quiet } = await listening();
    await elsewhere('ask', address);
    await expect.poll(() => told.get('r-1'), soon).toBe(1);
    await quiet();
    await elsewhere('withdraw', address);
    await expect.poll(() => told.get('r-1'), soon).toBe(1);
  }, 60_000);

  test('what this process writes is told when it is written, once', async () => {
    const { store, told } = await listening();
    await store.runs.append('r-2', 0, 1, [{ type: 'warned', message: 'slow' }]);
    expect([...told]).toEqual([['r-2', 1]]);
    await store.requests.ask('r-2', 'cancel', 1);
    await store.requests.withdraw('r-2', 'cancel');
    await store.budgets.apply([], 1);
    const resume = [{ run: 'r-1', after: 0, events: [{ type: 'resumed' }] as const }];
    await store.budgets.admit({ create: [], resume, reserve: [], at: 1 }, () => []);
    const all = [
      ['r-2', 3],
      [BUDGETS, 1],
      ['r-1', 1],
      [OPEN_RUNS, 1],
    ];
    expect([...told]).toEqual(all);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([...told]).toEqual(all);
  });

  test('who waits no more is not told, and a change that failed is none', async () => {
    const { store, told } = await listening();
    const late: string[] = [];
    store.changes.subscribe('r-1', () => late.push('told'))();
    await expect(
      store.runs.append('r-1', 7, 1, [{ type: 'warned', message: 'too late' }]),
    ).rejects.toMatchObject({ code: 'conflict' });
    expect([...told.keys()]).toEqual([]);
    await store.runs.append('r-1', 0, 1, [{ type: 'warned', message: 'slow' }]);
    expect(late).toEqual([]);
  });
}
