import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BudgetBook } from '../../orchestrator/budget/book.ts';
import type { Budget } from '../../orchestrator/budget/budgets.ts';
import type { Admission, Store } from '../../orchestrator/ports/store.ts';
import type { RunEvent } from '../../orchestrator/run/event.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { answerLaws } from './answer-contract.ts';
import { boundFact, checkpoint, runRecord } from './fixtures.ts';
import { historyLaws } from './history-contract.ts';
import { leaseLaws } from './lease-contract.ts';
import { reportLaws } from './report-contract.ts';
import { runStateLaws } from './run-state-contract.ts';
import { tokenLaws } from './token-contract.ts';
import { daysOf, usageLaws } from './usage-contract.ts';

const LAUNCHED: RunEvent = { type: 'stage-launched', stage: 'prepare', attempt: 1 };
const STOPPED: RunEvent = { type: 'stopped', message: 'by a person' };
const PROFILE = {
  name: 'here',
  device: { model: 'H100' },
  capacity: { type: 'spot', region: 'here' },
  price: { currency: 'USD', perDeviceHour: 2, source: 'list' },
} as unknown as RunRecord['profile'];
const code = (name: string) =>
  expect.objectContaining({ problems: [expect.objectContaining({ code: name })] });

/** The laws of `orchestrator/store/port.ts`. `open` gives a store over the same data each time until `discard`. */
export function storeContract(
  adapter: string,
  open: () => Promise<Store>,
  discard: () => Promise<void>,
): void {
  describe(`${adapter} keeps the store's contract`, () => {
    let store: Store;
    const run = runRecord();

    beforeEach(async () => {
      store = await open();
      await store.runs.create([run]);
    });
    afterEach(async () => {
      await store.close();
      await discard();
    });

    test('a run is read back as it was written, also after the store was closed', async () => {
      const plain = runRecord({ id: 'r-2', ablation: null, factor: null, createdAt: run.createdAt + 1 });
      const falsy = runRecord({
        id: 'r-3',
        factor: { path: 'a.b', value: false },
        createdAt: run.createdAt + 2,
      });
      await store.runs.create([plain, falsy]);
      await store.close();
      store = await open();
      expect(await store.runs.list()).toEqual([falsy, plain, run]);
      expect(await store.runs.list({ ablation: 'a-1' })).toEqual([falsy, run]);
      expect(await store.runs.find('r-2')).toEqual(plain);
      expect(await store.runs.find('r-none')).toBeNull();
    });

    test('a run is open until it is at rest, and where its pods outlive stint until they were let go', async () => {
      const profile = { ...run.profile, backend: { kind: 'kubernetes' } } as RunRecord['profile'];
      const away = runRecord({ id: 'r-2', profile, createdAt: run.createdAt + 1 });
      await store.runs.create([away]);
      const openRuns = async () => (await store.runs.list({ open: true })).map(({ id }) => id);
      expect(await openRuns()).toEqual(['r-2', run.id]);
      for (const id of [run.id, 'r-2']) await store.runs.append(id, 0, 1, [LAUNCHED, STOPPED]);
      expect(await openRuns()).toEqual(['r-2']);
      await store.runs.append('r-2', 2, 2, [{ type: 'released' }]);
      expect(await openRuns()).toEqual([]);
      await store.runs.append('r-2', 3, 3, [{ type: 'resumed' }]);
      expect(await openRuns()).toEqual(['r-2']);
    });

    test('an id that is taken leaves none of the runs behind', async () => {
      await expect(store.runs.create([runRecord({ id: 'r-2' }), run])).rejects.toEqual(code('conflict'));
      await expect(store.runs.create([runRecord({ id: 'r-4' }), runRecord({ id: 'r-4' })])).rejects.toEqual(
        code('conflict'),
      );
      expect(await store.runs.list()).toEqual([run]);
    });

    test('events are numbered from 1 without gaps, and appending after another than the last is a conflict', async () => {
      expect(await store.runs.append(run.id, 0, 7, [LAUNCHED, STOPPED])).toEqual([
        { seq: 1, at: 7, event: LAUNCHED },
        { seq: 2, at: 7, event: STOPPED },
      ]);
      for (const after of [0, 1, 3])
        await expect(store.runs.append(run.id, after, 8, [STOPPED])).rejects.toEqual(code('conflict'));
      expect(await store.runs.append(run.id, 2, 9, [])).toEqual([]);
      await store.runs.append(run.id, 2, 9, [LAUNCHED]);
      expect((await store.runs.events(run.id)).map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(await store.runs.events(run.id, 2)).toEqual([{ seq: 3, at: 9, event: LAUNCHED }]);
    });

    test('of appends at once after the same event exactly one is kept', async () => {
      const attempts = Array.from({ length: 10 }, () => store.runs.append(run.id, 0, 1, [LAUNCHED]));
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.runs.events(run.id)).toHaveLength(1);
    });

    runStateLaws(() => store, run);

    usageLaws(() => store, run);

    leaseLaws(() => store, run);
    tokenLaws(() => store);
    answerLaws(() => store);
    historyLaws(() => store);
    reportLaws(() => store, run);

    test('whatever belongs to a run that is not recorded is refused by name', async () => {
      const lease = { run: 'r-none', owner: 'a', pid: 1, heartbeatAt: 0 };
      const nowhere = code('unknown-run');
      await expect(store.runs.append('r-none', 0, 1, [LAUNCHED])).rejects.toEqual(nowhere);
      await expect(store.checkpoints.register(checkpoint('r-none'))).rejects.toEqual(nowhere);
      await expect(store.leases.acquire(lease, 10)).rejects.toEqual(nowhere);
      await expect(store.requests.ask('r-none', 'cancel', 1)).rejects.toEqual(nowhere);
      await expect(store.reports.keep('r-none', { at: 1, status: {} })).rejects.toEqual(nowhere);
      const result = { checkpoint: 'c', benchmarks: [] };
      await expect(store.evaluations.record('r-none', result, 1, null)).rejects.toEqual(nowhere);
    });

    test('recording a fact twice changes nothing, and one that contradicts it keeps none of its batch', async () => {
      const facts = [boundFact(run.id, 'p1'), boundFact('r-unknown', 'p2')];
      await store.ledger.record(facts);
      await store.ledger.record([...facts, ...facts, boundFact(run.id, 'p3')]);
      const contradicting = [boundFact(run.id, 'p4'), boundFact(run.id, 'p1', 1_001)];
      await expect(store.ledger.record(contradicting)).rejects.toEqual(code('ledger-contradiction'));
      const all = await store.ledger.facts();
      expect(all.map(({ pod }) => pod).toSorted()).toEqual(['p1', 'p2', 'p3']);
      expect(all).toContainEqual(boundFact(run.id, 'p1'));
      expect(await store.ledger.facts(['r-unknown'])).toEqual([boundFact('r-unknown', 'p2')]);
      expect(await store.ledger.facts([])).toEqual([]);
    });

    test('facts come by run, time and key, and text is ordered by its bytes', async () => {
      const keys = ['b', 'B', 'a-b', 'a:b', 'aB', 'ab', 'é', 'a/1', 'a_1', '10', '9'];
      const fact = (key: string, at: number) => ({ ...boundFact(run.id, key, at), key });
      await store.ledger.record([...keys.map((key) => fact(key, 2)), fact('z', 1)]);
      const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect((await store.ledger.facts()).map(({ key }) => key)).toEqual(['z', ...sorted]);
    });

    test('of facts recorded at once each is kept once, whatever their order, and a contradiction is refused', async () => {
      // More than one statement takes, so that two transactions are in the middle of it at once.
      const facts = Array.from({ length: 2_100 }, (_, index) => boundFact(run.id, `p${index}`));
      await Promise.all([facts, facts.toReversed()].map((order) => store.ledger.record(order)));
      expect(await store.ledger.facts()).toHaveLength(facts.length);
      const times = [1, 2, 3, 4, 5, 6].map((at) => store.ledger.record([boundFact(run.id, 'q', at)]));
      const outcomes = await Promise.allSettled(times);
      const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(refused).toEqual(Array(5).fill(code('ledger-contradiction')));
    });

    test('of processes that take a free lease at once one has it', async () => {
      const owners = ['a', 'b', 'c', 'd', 'e', 'f'];
      const taken = await Promise.all(
        owners.map((owner) => store.leases.acquire({ run: run.id, owner, pid: 1, heartbeatAt: 1_000 }, 500)),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect((await store.leases.find(run.id))?.owner).toBe(owners[taken.indexOf(true)]);
    });

    test('the same content of the same run is one checkpoint, of another run another', async () => {
      const other = runRecord({ id: 'r-2' });
      await store.runs.create([other]);
      const first = checkpoint(run.id);
      expect(await store.checkpoints.register(first)).toBe(first.id);
      expect(await store.checkpoints.register(checkpoint(run.id, 10, 9_000))).toBe(first.id);
      expect(await store.checkpoints.find(first.digest)).toEqual(first);
      const second = checkpoint(other.id, 10, 6_000);
      expect(await store.checkpoints.register(second)).not.toBe(first.id);
      expect(await store.checkpoints.list()).toEqual([second, first]);
      expect(await store.checkpoints.list({ run: run.id })).toEqual([first]);
      expect(await store.checkpoints.find(first.digest)).toEqual(second);
      expect(await store.checkpoints.find('c-none')).toBeNull();
    });

    test("a later evaluation takes the earlier one's place", async () => {
      expect(await store.evaluations.find(run.id)).toBeNull();
      await store.evaluations.record(run.id, { checkpoint: 'c-1', benchmarks: [] }, 1, null);
      await store.evaluations.record(run.id, { checkpoint: 'c-2', benchmarks: [] }, 2, 'sha256:2');
      expect(await store.evaluations.find(run.id)).toEqual({ checkpoint: 'c-2', benchmarks: [] });
    });

    test('what several runs measured of one checkpoint is found by its digest, the oldest first', async () => {
      const other = runRecord({ id: 'r-2' });
      await store.runs.create([other]);
      const result = (digest: string) => ({ checkpoint: digest, benchmarks: [] });
      await store.evaluations.record(run.id, result('later'), 7, 'sha256:2');
      await store.evaluations.record(other.id, result('earlier'), 3, 'sha256:2');
      expect(await store.evaluations.of('sha256:2')).toEqual([
        { run: other.id, result: result('earlier'), at: 3 },
        { run: run.id, result: result('later'), at: 7 },
      ]);
      await store.evaluations.record(other.id, result('other'), 8, null);
      expect((await store.evaluations.of('sha256:2')).map((each) => each.run)).toEqual([run.id]);
    });

    const red = (id: string, facts: Partial<RunRecord> = {}) =>
      runRecord({ id, recipe: { ...run.recipe, team: 'red' }, profile: PROFILE, createdAt: 5_000, ...facts });
    const budget: Budget = { name: 'red', team: 'red', period: 'total', gpuHours: 2 };
    const admission = (id: string, gpuMilliseconds: number): Admission => ({
      create: [red(id)],
      resume: [],
      reserve: [{ run: id, gpuMilliseconds }],
      at: 5_000,
    });
    const reservedRuns = (book: BudgetBook) => book.reservations.map(({ run: id }) => id);

    test('budgets are replaced as a whole, and a scope sees its own', async () => {
      const other: Budget = {
        name: 'moon',
        project: 'moon',
        period: 'month',
        cost: { amount: 5, currency: 'USD' },
      };
      expect(await store.budgets.apply([budget, other], 1)).toEqual([]);
      expect(await store.budgets.apply([other, budget], 2)).toEqual([budget, other]);
      await store.close();
      store = await open();
      expect(await store.budgets.list()).toEqual([other, budget]);
      expect((await store.budgets.book(5_000)).budgets).toEqual([other, budget]);
      expect((await store.budgets.book(5_000, { team: 'red', project: null })).budgets).toEqual([budget]);
      expect((await store.budgets.book(5_000, { team: null, project: null })).budgets).toEqual([]);
    });

    test('what a judge refuses leaves nothing behind; what it admits is recorded and reserved', async () => {
      await store.budgets.apply([budget], 1);
      const problem = { code: 'over-budget', what: 'too much', todo: 'wait' } as const;
      await expect(store.budgets.admit(admission('r-2', 7), () => [problem])).rejects.toEqual(
        code('over-budget'),
      );
      expect(await store.runs.find('r-2')).toBeNull();
      expect(reservedRuns(await store.budgets.book(5_000))).toEqual([]);
      await store.budgets.admit(admission('r-2', 7), () => []);
      expect(await store.runs.find('r-2')).toEqual(red('r-2'));
      expect((await store.budgets.book(5_000)).reservations).toEqual([
        {
          run: 'r-2',
          team: 'red',
          project: null,
          gpuMilliseconds: 7,
          deviceModel: 'H100',
          capacity: 'spot',
          region: 'here',
          listedPrice: { currency: 'USD', perDeviceHour: 2, source: 'list' },
        },
      ]);
      await expect(store.budgets.admit(admission('r-2', 8), () => [])).rejects.toEqual(code('conflict'));
      const resume = [{ run: 'r-2', after: 9, events: [{ type: 'resumed' } as const] }];
      await expect(
        store.budgets.admit({ create: [red('r-3')], resume, reserve: [], at: 6_000 }, () => []),
      ).rejects.toEqual(code('conflict'));
      expect(await store.runs.find('r-3')).toBeNull();
    });

    test('a run is reserved for until it is at rest and its usage is summed up, and again when it is resumed', async () => {
      await store.budgets.apply([budget], 1);
      await store.budgets.admit(admission('r-2', 7), () => []);
      await store.ledger.record([boundFact('r-2', 'p')]);
      await store.usage.replace([{ run: 'r-2', version: 1, days: daysOf('r-2', 3_000, 'seen') }]);
      const held = () => store.budgets.book(5_000);
      expect(reservedRuns(await held())).toEqual(['r-2']);
      expect((await held()).uses).toMatchObject([
        { run: 'r-2', team: 'red', day: 0, gpuMilliseconds: 16_000 },
      ]);
      await store.ledger.record([
        { kind: 'ended', key: 'p:end', run: 'r-2', pod: 'p', at: 4_000, seen: true },
      ]);
      await store.runs.append('r-2', 0, 6_000, [LAUNCHED, STOPPED]);
      expect(reservedRuns(await held())).toEqual(['r-2']);
      await store.usage.replace([{ run: 'r-2', version: 2, days: daysOf('r-2', 4_000) }]);
      expect(reservedRuns(await held())).toEqual(['r-2']);
      await store.usage.replace([{ run: 'r-2', version: 2, days: daysOf('r-2', 4_000, 'seen') }]);
      expect(reservedRuns(await held())).toEqual([]);
      expect((await held()).uses).toMatchObject([{ run: 'r-2', gpuMilliseconds: 24_000 }]);
      const reserve = [{ run: 'r-2', gpuMilliseconds: 30_000 }];
      await store.budgets.admit({ create: [], resume: [], reserve, at: 7_000 }, () => []);
      expect(reservedRuns(await held())).toEqual([]);
      const resume = [{ run: 'r-2', after: 2, events: [{ type: 'resumed' } as const] }];
      await store.budgets.admit({ create: [], resume, reserve, at: 7_000 }, () => []);
      expect((await held()).reservations).toMatchObject([{ run: 'r-2', gpuMilliseconds: 30_000 }]);
    });

    test('usage before the period counts only of runs that go on, which their reservations are for', async () => {
      const month: Budget = { ...budget, period: 'month' };
      await store.budgets.apply([month], 1);
      await store.runs.create([red('r-3')]);
      await store.budgets.admit(admission('r-2', 7), () => []);
      for (const id of ['r-2', 'r-3'])
        await store.usage.replace([{ run: id, version: 1, days: daysOf(id, 3_000, 'seen') }]);
      const runsAt = async (now: number) =>
        (await store.budgets.book(now)).uses.map(({ run: id }) => id).toSorted();
      expect(await runsAt(Date.UTC(1970, 0, 31))).toEqual(['r-2', 'r-3']);
      expect(await runsAt(Date.UTC(1970, 1, 1))).toEqual(['r-2']);
    });

    test('of admissions at once each is judged knowing those before it', async () => {
      await store.budgets.apply([budget], 1);
      const seen: number[] = [];
      const all = Array.from({ length: 10 }, (_, index) =>
        store.budgets.admit(admission(`r-x${index}`, 1), (book) => {
          seen.push(book.reservations.length);
          return [];
        }),
      );
      await Promise.all(all);
      expect(seen.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test('the curve holds each step once, as the newest attempt reported it', async () => {
      const report = (attempt: number, step: number) => ({
        attempt,
        step,
        at: 9,
        loss: null,
        tokens: 5,
        seconds: 0.5,
      });
      expect(await store.steps.reached(run.id)).toBe(0);
      await store.steps.record(run.id, [report(1, 1), report(1, 2), report(1, 3)]);
      await store.steps.record(run.id, [report(1, 3), { ...report(2, 2), loss: 0.25 }]);
      await store.steps.record(run.id, []);
      expect(await store.steps.curve(run.id)).toEqual([
        report(1, 1),
        { ...report(2, 2), loss: 0.25 },
        report(1, 3),
      ]);
      expect(await store.steps.reached(run.id)).toBe(3);
      await expect(store.steps.record('r-none', [report(1, 1)])).rejects.toEqual(code('unknown-run'));
    });

    test('a request counts from the first time it was asked until it is withdrawn', async () => {
      await store.requests.ask(run.id, 'cancel', 5);
      await store.requests.ask(run.id, 'cancel', 6);
      expect(await store.requests.askedAt(run.id, 'cancel')).toBe(5);
      await store.requests.withdraw(run.id, 'cancel');
      expect(await store.requests.askedAt(run.id, 'cancel')).toBeNull();
    });
  });
}
