import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type RecoverOptions, recover } from '../../orchestrator/cli/commands/recover.ts';
import { attendRun } from '../../orchestrator/controller/attend-run.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { recordArms, shellWorkplace } from '../controller/shell-runs.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';

/** Of two runs one has ended and the other has not begun, and the store is lost. */
async function setUp() {
  const home = temporaryFolder();
  const over = async (name: string) => {
    const store = await openStore(join(home, name));
    onTestFinished(() => store.close());
    return shellWorkplace({ store, home, isAlive: () => false });
  };
  const before = await over('first.db');
  const [ended, queued] = (await recordArms(before)) as [RunRecord, RunRecord];
  const never = new AbortController().signal;
  await attendRun(before, ended, { interrupt: never, force: never, onProgress: () => undefined });
  const workplace = await over('second.db');
  const ask = async (options: Partial<RecoverOptions> = {}, code = 0) => {
    const { context, printed } = commandContext({ home, openWorkplace: async () => workplace });
    expect(await recover({ cluster: 'laptop', ...options }, context)).toBe(code);
    return printed.join('\n');
  };
  return { home, workplace, ended, queued, ask };
}

test('what would be recorded is said, and recorded with --yes alone; the second time nothing is left to record', async () => {
  const { workplace, ended, queued, ask } = await setUp();
  const asked = await ask();
  expect(asked).toMatch(new RegExp(`${ended.id} .* succeeded +1 +3`));
  expect(asked).toMatch(new RegExp(`${queued.id} .* queued +0 +0`));
  expect(asked).toContain('2 runs would be recorded again; nothing was: add --yes.');
  expect(await workplace.store.runs.list()).toEqual([]);
  const done = await ask({ yes: true });
  expect(done).toContain('2 runs recorded again, which held');
  expect(done).toContain(`stint runs resume ${queued.id}`);
  expect(await workplace.store.runs.list()).toEqual([queued, ended]);
  const again = await ask({ yes: true });
  expect(again).toContain(
    `2 recorded in this store already, and left as they are: ${[ended.id, queued.id].toSorted().join(' and ')}`,
  );
  expect(again).toContain('Nothing is to be recorded.');
});

test('a run whose facts contradict the ledger is named, and keeps no other from being recorded', async () => {
  const { workplace, ended, queued, ask } = await setUp();
  const [fact] = (await workplace.manifests.read(ended)).history?.facts ?? [];
  if (fact === undefined) throw new Error('it has ended');
  await workplace.store.ledger.record([{ ...fact, at: fact.at + 1 }]);
  const done = await ask({ yes: true }, 1);
  expect(done).toContain(`1 have facts that contradict the ledger of this store`);
  expect((await workplace.store.runs.list()).map(({ id }) => id)).toEqual([queued.id]);
});

test('--json has each run, what of it was recorded, and each kind of what is not known', async () => {
  const { home, ended, queued, ask } = await setUp();
  writeFileSync(join(home, 'work', queued.id, 'record', 'run.json'), '{}');
  const found = JSON.parse(await ask({ yes: true, json: true })) as Record<string, unknown>;
  expect(found).toMatchObject({
    cluster: 'laptop',
    recorded: true,
    runs: [{ run: ended.id, state: 'succeeded', atRest: true, pods: 3, recorded: true }],
    podsWithoutRun: { pods: 0, gpuMilliseconds: 0 },
    gaps: [
      { kind: 'no-run', of: [queued.id] },
      { kind: 'unreadable', of: [join(home, 'work', queued.id, 'record', 'run.json')] },
      { kind: 'of-the-store-alone', of: [] },
    ],
  });
});
