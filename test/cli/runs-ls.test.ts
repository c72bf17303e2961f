import { expect, onTestFinished, test } from 'vitest';
import { ls } from '../../orchestrator/cli/commands/runs/ls.ts';
import type { CliContext } from '../../orchestrator/cli/context.ts';
import { lookAtRun } from '../../orchestrator/controller/look-at-run.ts';
import type { RunRecord } from '../../orchestrator/run/run-record.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { runRecord } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const profile = { name: 'laptop', backend: { kind: 'local' } } as RunRecord['profile'];

/** The newest has just been recorded; `over` are at rest, each a minute older than the one before. */
async function recorded(over: number) {
  const store = await openStore(':memory:');
  onTestFinished(() => store.close());
  const records = Array.from({ length: over + 1 }, (_, index) =>
    runRecord({ id: `r-${String(index).padStart(4, '0')}`, profile, createdAt: NOW - index * MINUTE }),
  );
  await store.runs.create(records);
  for (const { id } of records.slice(1))
    await store.runs.append(id, 0, NOW, [{ type: 'stopped', message: 'm' }]);
  const workplace = { store, now: () => NOW, sleep: async () => undefined, isAlive: () => true, host: null };
  const openWorkplace = (async () => workplace) as unknown as CliContext['openWorkplace'];
  return { records, workplace, ...commandContext({ openWorkplace }) };
}

test('says of a run what one look at it says, also before it has begun', async () => {
  const { records, workplace, context, printed } = await recorded(1);
  await ls({ json: true }, context);
  const { runs } = JSON.parse(printed.join('\n')) as {
    readonly runs: readonly { readonly status: string }[];
  };
  const looker = { ...workplace, clusterFor: () => Promise.reject(new Error('nothing is to be seen')) };
  const looks = await Promise.all(records.map((record) => lookAtRun(looker, record)));
  expect(runs.map(({ status }) => status)).toEqual(looks.map(({ status }) => status));
  expect(runs.map(({ status }) => status)).toEqual(['starting', 'stopped']);
});

test('shows the newest hundred and every one that goes on, and all where all are asked for', async () => {
  const { records, workplace, context, printed, told } = await recorded(120);
  const last = records.at(-1)?.id ?? '';
  await workplace.store.runs.append(last, 1, NOW, [{ type: 'resumed' }]);
  await ls({}, context);
  const shown = (text: string) => text.match(/^r-\d{4}/gm) ?? [];
  expect(shown(printed.join('\n'))).toEqual([...records.slice(0, 100).map(({ id }) => id), last]);
  expect(told.join('\n')).toContain('stint runs ls --all');
  printed.length = 0;
  await ls({ all: true }, context);
  expect(shown(printed.join('\n'))).toEqual(records.map(({ id }) => id));
});
