import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../orchestrator/ports/store.ts';
import { changeLaws } from './change-laws.ts';
import { runRecord } from './fixtures.ts';

const SCRIPT = join(import.meta.dirname, 'store-process.ts');

interface StoreProcess {
  readonly child: ChildProcess;
  /** Lines after `ready`, as they come. */
  readonly lines: string[];
  readonly ready: Promise<unknown>;
  readonly ended: Promise<readonly unknown[]>;
}

function start(work: string, address: string, name: string, count = 0): StoreProcess {
  const child = spawn(process.execPath, [SCRIPT, work, address, 'r-1', name, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const reader = createInterface({ input: child.stdout });
  const ready = once(reader, 'line');
  const lines: string[] = [];
  void ready.then(() => reader.on('line', (line) => lines.push(line)));
  return { child, lines, ready, ended: once(child, 'close') };
}

/** All of them at the same moment; gives their exit codes. */
async function race(processes: readonly StoreProcess[]): Promise<readonly unknown[]> {
  await Promise.all(processes.map(({ ready }) => ready));
  for (const { child } of processes) child.stdin?.write('go\n');
  return Promise.all(processes.map(async ({ ended }) => (await ended)[0]));
}

/** A database that several processes open, as `store-process.ts` takes it. */
interface SharedPlace {
  readonly address: string;
  readonly open: () => Promise<Store>;
  readonly versions: () => Promise<readonly unknown[]>;
  /** What a process that was killed has damaged, or holds from others for ever. */
  readonly leftBehind: () => Promise<readonly unknown[]>;
}

/** What of the store's laws can only be seen where several processes work on it at once. `newPlace` gives an empty one. */
export function processLaws(adapter: string, newPlace: () => SharedPlace | Promise<SharedPlace>): void {
  async function placeWithRun(): Promise<SharedPlace> {
    const place = await newPlace();
    const store = await place.open();
    await store.runs.create([runRecord({ id: 'r-1' })]);
    await store.close();
    return place;
  }

  describe(`on ${adapter}`, () => {
    changeLaws(placeWithRun, async (work, address, count) => {
      expect(await race([start(work, address, 'elsewhere', count)])).toEqual([0]);
    });

    test('processes that open a new store at once make its tables once and all can use it', async () => {
      const { address, versions } = await newPlace();
      const processes = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => start('open', address, name));
      expect(await race(processes)).toEqual([0, 0, 0, 0, 0, 0]);
      expect(processes.flatMap(({ lines }) => lines)).toEqual(Array(6).fill('opened 0'));
      const made = (await versions()) as readonly { readonly version: number }[];
      expect(made.map(({ version }) => version).toSorted((a, b) => a - b)).toEqual(
        made.map((_, index) => index + 1),
      );
    }, 60_000);

    test('processes that write at once lose nothing and leave no gap in the numbers', async () => {
      const { address, open } = await placeWithRun();
      const each = 100;
      const recorded = 1_000;
      const appenders = ['a', 'b'].map((name) => start('append', address, name, each));
      const recorders = ['p', 'q'].map((name) => start('record', address, name, recorded));
      expect(await race([...appenders, ...recorders])).toEqual([0, 0, 0, 0]);
      const store = await open();
      const events = await store.runs.events('r-1');
      const facts = await store.ledger.facts();
      await store.close();
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 2 * each }, (_, index) => index + 1));
      const messages = events.map(({ event }) => (event.type === 'interrupted' ? event.message : ''));
      expect(messages.toSorted()).toEqual(appenders.flatMap(({ lines }) => lines).toSorted());
      expect(facts.map(({ key }) => key).toSorted()).toEqual(
        recorders.flatMap(({ lines }) => lines).toSorted(),
      );
      expect(facts).toHaveLength(2 * recorded);
    }, 60_000);

    test('kill -9 in the middle of writing loses nothing that was acknowledged', async () => {
      const { address, open, leftBehind } = await placeWithRun();
      const writer = start('record', address, 'p', 1_000_000);
      await writer.ready;
      writer.child.stdin?.write('go\n');
      await expect.poll(() => writer.lines.length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(400);
      writer.child.kill('SIGKILL');
      await writer.ended;
      const store = await open();
      const kept = new Set((await store.ledger.facts()).map(({ key }) => key));
      await store.close();
      expect(writer.lines.filter((key) => !kept.has(key))).toEqual([]);
      expect(kept.size - writer.lines.length).toBeLessThanOrEqual(1);
      await expect.poll(leftBehind, { timeout: 10_000 }).toEqual([]);
    }, 60_000);

    test('of processes that find a lease expired at once, one takes it', async () => {
      const { address, open } = await placeWithRun();
      const store = await open();
      await store.leases.acquire({ run: 'r-1', owner: 'gone', pid: 1, heartbeatAt: 1 }, 5_000);
      await store.close();
      const processes = ['a', 'b', 'c', 'd'].map((name) => start('lease', address, name));
      expect(await race(processes)).toEqual([0, 0, 0, 0]);
      const outcomes = processes.flatMap(({ lines }) => lines);
      expect(outcomes.toSorted()).toEqual(['held', 'refused', 'refused', 'refused']);
    }, 60_000);

    test('of processes that launch at once on a budget with room for three, three are admitted', async () => {
      const { address, open } = await placeWithRun();
      const store = await open();
      await store.budgets.apply([{ name: 'red', team: 'red', period: 'month', gpuHours: 1 }], 1);
      const each = 3_600_000 / 3;
      const processes = Array.from({ length: 10 }, (_, index) => start('admit', address, `p${index}`, each));
      expect(await race(processes)).toEqual(Array(10).fill(0));
      const outcomes = processes.flatMap(({ lines }) => lines);
      expect(outcomes.toSorted()).toEqual([...Array(3).fill('admitted'), ...Array(7).fill('refused')]);
      const { reservations } = await store.budgets.book(5_000);
      expect(reservations).toHaveLength(3);
      expect(await store.runs.list()).toHaveLength(1 + 3);
      await store.close();
    }, 60_000);
  });
}
