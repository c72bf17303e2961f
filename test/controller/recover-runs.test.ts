import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { OWNER } from '../../orchestrator/contract/caller.ts';
import { attendRun } from '../../orchestrator/controller/attend-run.ts';
import { reconcile } from '../../orchestrator/controller/reconcile.ts';
import { type FoundRun, findLostRuns, recordFinding } from '../../orchestrator/controller/recover-runs.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { statement } from '../../orchestrator/ledger/statement.ts';
import { compareRuns } from '../../orchestrator/operations/compare-runs.ts';
import { getRun } from '../../orchestrator/operations/get-run.ts';
import { sumCost } from '../../orchestrator/operations/sum-cost.ts';
import { verifyLedger } from '../../orchestrator/operations/verify-ledger.ts';
import type { Store } from '../../orchestrator/ports/store.ts';
import { foldRun } from '../../orchestrator/run/evolve.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { watchedTo } from '../ledger/watched-to.ts';
import { stepLine } from '../simulation/trainer-lines.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { recordArms, shellWorkplace } from './shell-runs.ts';

const never = new AbortController().signal;
const LAPTOP = await loadProfile('laptop');

/** Its training does what a file says of its run; all other stages end well at once. */
const script = (home: string): string => `
  at() { date +%s%3N; }
  [ -n "$1" ] || exit 0
  printf '{"event":"phase","at":%s,"phase":"training"}\\n' "$(at)"
  printf '%s\\n' '${stepLine(0, 1, 3, 0.1)}' | sed "s/\\"at\\":0/\\"at\\":$(at)/"
  case "$(cat '${home}'/how-"$(basename "$STINT_WORK")")" in
    fail) exit 80 ;;
    long) trap 'exit 75' TERM; while :; do sleep 0.05; done ;;
    *) sleep 0.2 ;;
  esac`;

async function lived() {
  const home = temporaryFolder();
  const open = async (name: string): Promise<Store> => {
    const store = await openStore(join(home, name));
    onTestFinished(() => store.close());
    return store;
  };
  const over = (store: Store) => shellWorkplace({ store, home, script: script(home), isAlive: () => false });
  const workplace = over(await open('first.db'));
  const [good, bad] = (await recordArms(workplace)) as [RunRecord, RunRecord];
  const [left, cancelled] = (await recordArms(workplace)) as [RunRecord, RunRecord];
  const how = { [good.id]: 'ok', [bad.id]: 'fail', [left.id]: 'long', [cancelled.id]: 'long' };
  for (const [run, what] of Object.entries(how)) writeFileSync(join(home, `how-${run}`), what);
  const attend = (record: RunRecord, interrupt = never) =>
    attendRun(workplace, record, { interrupt, force: never, onProgress: () => undefined });
  const trains = async ({ id }: RunRecord) => {
    await expect.poll(() => workplace.store.steps.reached(id), { timeout: 30_000, interval: 20 }).toBe(1);
  };
  return {
    home,
    workplace,
    good,
    bad,
    left,
    cancelled,
    attend,
    trains,
    afresh: async () => over(await open('second.db')),
  };
}

/** All four come to rest, each in its own way. */
async function atRest() {
  const place = await lived();
  const { good, bad, left, cancelled, attend, trains, workplace } = place;
  await attend(good);
  await attend(bad);
  const interrupt = new AbortController();
  const leaving = attend(left, interrupt.signal);
  await trains(left);
  interrupt.abort();
  await leaving;
  const ending = attend(cancelled);
  await trains(cancelled);
  await workplace.store.requests.ask(cancelled.id, 'cancel', Date.now());
  await ending;
  return { ...place, runs: [good, bad, left, cancelled] };
}

async function recover(workplace: Workplace): Promise<readonly FoundRun[]> {
  const found: FoundRun[] = [];
  for await (const each of findLostRuns(workplace, LAPTOP)) {
    found.push(each);
    await recordFinding(workplace, each);
  }
  return found;
}

/** What people are shown of the runs. */
async function shown(workplace: Workplace, runs: readonly RunRecord[]) {
  const desk = { workplace, caller: OWNER };
  const [first] = runs;
  return {
    runs: await Promise.all(runs.map(({ id }) => getRun(desk, { run: id }))),
    cost: await sumCost(desk, { by: ['run', 'stage', 'phase'] }, null),
    compared: await compareRuns(desk, { runs: [first?.ablation?.id ?? ''] }),
    ledger: await verifyLedger(workplace),
  };
}

const podsOf = async ({ store }: Workplace, { id }: RunRecord) =>
  statement(await store.ledger.facts([id]), watchedTo(Date.now())).pods;

test('runs at rest are shown after a recovery as they were before, to the byte', async () => {
  const { workplace, runs, afresh } = await atRest();
  const before = await shown(workplace, runs);
  expect(before.runs.map(({ state }) => state)).toEqual(['succeeded', 'failed', 'interrupted', 'stopped']);
  expect(before.runs[1]?.attempts).toHaveLength(4);
  const again = await afresh();
  const found = await recover(again);
  expect(found.map(({ kind }) => kind)).toEqual(['lost', 'lost', 'lost', 'lost']);
  for (const each of found)
    expect(each).toMatchObject({ unreadable: [], lost: { isBehind: false, unreadLogs: [] } });
  expect(JSON.stringify(await shown(again, runs))).toBe(JSON.stringify(before));
  for (const { id } of runs)
    expect(await again.store.histories.of(id)).toEqual(await workplace.store.histories.of(id));
  expect((await recover(again)).map(({ kind }) => kind)).toEqual(['known', 'known', 'known', 'known']);
  expect(JSON.stringify(await shown(again, runs))).toBe(JSON.stringify(before));
}, 120_000);

test('where folders have kept nothing after the launch, pods tell of held time to the millisecond', async () => {
  const { workplace, runs, home, afresh } = await atRest();
  for (const { id } of runs) {
    const folder = join(home, 'work', id, 'record');
    for (const file of readdirSync(folder)) if (file !== 'run.json') rmSync(join(folder, file));
  }
  const again = await afresh();
  for (const each of await recover(again))
    expect(each).toMatchObject({ kind: 'lost', lost: { isBehind: true } });
  expect((await reconcile(again)).interrupted).toHaveLength(runs.length);
  for (const record of runs) {
    const [before, after] = [await podsOf(workplace, record), await podsOf(again, record)];
    const told = (pods: typeof before) =>
      pods.map((each) => [
        each.pod,
        each.stage,
        each.attempt,
        each.from,
        each.to,
        each.end,
        each.gpuMilliseconds,
      ]);
    expect(told(after)).toEqual(told(before));
    expect(await again.store.steps.curve(record.id)).toEqual(await workplace.store.steps.curve(record.id));
    expect(await again.store.checkpoints.list({ run: record.id })).toMatchObject(
      (await workplace.store.checkpoints.list({ run: record.id })).map(({ id, digest, files }) => ({
        id,
        digest,
        files,
      })),
    );
  }
  const [good, bad] = runs as [RunRecord, RunRecord];
  const stateOf = async ({ id }: RunRecord) => foldRun(await again.store.runs.events(id));
  expect(await stateOf(good)).toMatchObject({
    state: { kind: 'succeeded' },
    done: ['prepare', 'train', 'export'],
  });
  expect(await stateOf(bad)).toMatchObject({
    attempt: 4,
    state: { kind: expect.stringMatching('failed|interrupted') },
  });
  expect((await verifyLedger(again)).wrong).toEqual([]);
}, 120_000);

test('a run that goes on while its store is lost is gone on with, and all of its time is in the new ledger', async () => {
  const { workplace, left, attend, trains, afresh } = await lived();
  const interrupt = new AbortController();
  const leaving = attend(left, interrupt.signal);
  await trains(left);
  const again = await afresh();
  const found = await recover(again);
  expect(found.filter(({ run }) => run === left.id)).toMatchObject([
    { kind: 'lost', lost: { isBehind: true } },
  ]);
  expect(foldRun(await again.store.runs.events(left.id)).state).toMatchObject({
    kind: 'running',
    stage: 'train',
  });
  // With the process that made its pods they end.
  interrupt.abort();
  await leaving;
  expect((await reconcile(again)).interrupted).toContain(left.id);
  const spans = async (of: Workplace) =>
    (await podsOf(of, left)).map(({ pod, from, to, gpuMilliseconds }) => [pod, from, to, gpuMilliseconds]);
  expect(await spans(again)).toEqual(await spans(workplace));
  expect(await again.store.steps.reached(left.id)).toBe(1);
}, 120_000);

test('a run without a record comes into the ledger, and a folder that tells of nothing is left out', async () => {
  const { workplace, good, home, attend, afresh } = await lived();
  await attend(good);
  rmSync(join(home, 'work', good.id, 'record'), { recursive: true });
  writeFileSync(join(home, 'work', 'a-file'), '');
  const again = await afresh();
  const found = new Map((await recover(again)).map((each) => [each.run, each.kind]));
  expect(found.get(good.id)).toBe('without-record');
  expect(await again.store.runs.find(good.id)).toBeNull();
  const held = (pods: Awaited<ReturnType<typeof podsOf>>) => pods.map(({ pod, from, to }) => [pod, from, to]);
  expect(held(await podsOf(again, good))).toEqual(held(await podsOf(workplace, good)));
  rmSync(join(home, 'local', 'runs', good.id), { recursive: true });
  const later = new Map((await recover(again)).map((each) => [each.run, each.kind]));
  expect(later.get(good.id)).toBe('no-run');
}, 120_000);
