import { expect, test } from 'vitest';
import { leftoversOf, removeRun } from '../../../cluster/kubernetes/act/remove-run.ts';
import { readInventory } from '../../../cluster/kubernetes/inspect/read-inventory.ts';
import { nodes } from '../../../orchestrator/cli/commands/nodes.ts';
import { release } from '../../../orchestrator/cli/commands/release.ts';
import type { CliContext } from '../../../orchestrator/cli/context.ts';
import { checkLeaks } from '../../../orchestrator/doctor/leaks.ts';
import { isStintError } from '../../../orchestrator/errors/stint-error.ts';
import { commandContext } from '../../cli/command-context.ts';
import { until } from '../../end-to-end/stint.ts';
import { kubectl } from '../kubectl.ts';
import { IN, kept, type Simulated } from './simulated-runs.ts';
import { simulatedSuite, trainJob, untilTraining } from './suite.ts';

const { open, expectSettled } = simulatedSuite();
const signal = AbortSignal.timeout(600_000);

/** The command as main composes it, over this store and this cluster. */
const contextOf = ({ workplace, home }: Pick<Simulated, 'workplace' | 'home'>) =>
  commandContext({
    home,
    store: home,
    openWorkplace: async () => workplace,
    readInventory: ({ context, namespace }, deviceResource) =>
      readInventory({ context, namespace, deviceResource, signal }),
    leftovers: ({ context, namespace, owner }, deviceResource, run) => {
      const place = { context, namespace, owner, deviceResource, run, signal, tell: () => undefined };
      return { find: () => leftoversOf(place), release: (ended) => removeRun(place, ended) };
    },
  });

const CLUSTER = { cluster: 'h100-16' };

test('a run that this store does not know is listed as nobody’s, and released only with --yes', async () => {
  const elsewhere = await open();
  const record = await elsewhere.launch({ sim: { 'sim/hang': 'true' } });
  const leave = new AbortController();
  const { done } = elsewhere.control(record, { interrupt: leave.signal });
  await untilTraining(elsewhere, record);
  leave.abort();
  await done;

  const here = await open();
  const asked = contextOf(here);
  await nodes(CLUSTER, asked.context);
  expect(asked.printed.join('\n')).toMatch(
    new RegExp(`${trainJob(record)}-node-0-0-\\w+ +gpu-\\d +8 +${record.id} +run of another store`),
  );
  const { backend, device } = record.profile;
  if (backend.kind !== 'kubernetes') throw new Error('it runs on Kubernetes');
  const inventory = await asked.context.readInventory(backend, device.resource);
  expect(checkLeaks(inventory, new Map(), Date.now()).map(({ what }) => what)).toContain(
    `16 devices on gpu-0 and gpu-1 are held for ${record.id}, which another store launched`,
  );
  expect(asked.told.join('\n')).toMatch(new RegExp(`^Not known in ${here.home}: .*${record.id}`, 'm'));

  expect(await problemOf(release(record.id, {}, asked.context))).toMatchObject({ code: 'no-such-run' });
  expect(await problemOf(release(record.id, CLUSTER, asked.context))).toMatchObject({
    code: 'not-confirmed',
    what: 'nothing was released: it would delete 2 jobs and 3 pods, 2 of them alive',
    why: expect.stringMatching(
      /^nobody settles what is taken away so\. .* device-hours that its pods held are in no ledger/,
    ),
  });
  expect(await podNames(record.id)).toHaveLength(3);

  expect(await release(record.id, { ...CLUSTER, yes: true }, asked.context)).toBe(0);
  expect(asked.told.at(-1)).toMatch(new RegExp(`^${record.id}: released\\. .* are in no ledger\\.$`));
  await until('all of it is gone', async () => (await podNames(record.id)).length === 0, 30);
  expect(await kept(record.id)).toEqual([]);
  expect(await problemOf(release(record.id, { ...CLUSTER, yes: true }, asked.context))).toMatchObject({
    code: 'nothing-to-release',
  });
});

test('a run at work is not released; one that nobody works on loses nothing that its ledger has', async () => {
  const here = await open();
  const record = await here.launch();
  const { context, told } = contextOf(here);
  const running = here.control(record);
  await untilTraining(here, record);
  expect(await problemOf(release(record.id, {}, context))).toMatchObject({ code: 'run-is-held' });
  expect((await running.done).state.kind).toBe('succeeded');
  await expectSettled(here, record);
  // Its finished jobs stay for a day, settled.
  expect(await release(record.id, { yes: true }, { ...context, openWorkplace: later(here) })).toBe(0);
  expect(told.at(-1)).toBe(`${record.id}: released. No device time is lost: the ledger has all of it.`);
});

test('a run that nobody works on is at rest once it was released, and its ledger has its pods to their ends', async () => {
  const here = await open();
  const record = await here.launch({ sim: { 'sim/hang': 'true' } });
  const leave = new AbortController();
  const { done } = here.control(record, { interrupt: leave.signal });
  await untilTraining(here, record);
  leave.abort();
  await done;
  const { context, told } = contextOf(here);
  expect(await release(record.id, { yes: true }, context)).toBe(0);
  expect(told.at(-1)).toMatch(new RegExp(`^${record.id}: released\\. .* that it held are in the ledger\\.$`));
  const { run, attempts, held } = await expectSettled(here, record);
  expect(run).toMatchObject({ state: { kind: 'stopped' }, released: true });
  expect(attempts.filter(({ endedAt }) => endedAt === null)).toEqual([]);
  expect(held.map(({ end }) => end)).toEqual(['seen', 'seen']);
});

/** A run that was only just recorded counts as attended: here nobody is about to take it. */
const later =
  ({ workplace }: Simulated): CliContext['openWorkplace'] =>
  async () => ({ ...workplace, now: () => Date.now() + 60_000 });

async function problemOf(act: Promise<unknown>) {
  const error = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isStintError(error)) throw error;
  return error.problems[0];
}

async function podNames(run: string): Promise<readonly string[]> {
  const names = await kubectl(['get', 'pods', IN, `--selector=stint.dev/run=${run}`, '--output=name']);
  return names.split('\n').filter(Boolean);
}
