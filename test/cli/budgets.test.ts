import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { apply } from '../../orchestrator/cli/commands/budgets/apply.ts';
import { ls } from '../../orchestrator/cli/commands/budgets/ls.ts';
import { admitRuns, reservationFor } from '../../orchestrator/controller/admit-runs.ts';
import type { Workplace } from '../../orchestrator/controller/workplace.ts';
import { openStore } from '../../orchestrator/store/open-store.ts';
import { listedPrice, runRecord, temporaryFolder } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 27, 12);

async function setUp() {
  const folder = temporaryFolder();
  const store = await openStore(join(folder, 'stint.db'));
  onTestFinished(() => store.close());
  const workplace = {
    store,
    priceOf: listedPrice,
    now: () => NOW,
    isAlive: () => true,
  } as unknown as Workplace;
  const file = join(folder, 'budgets.yaml');
  const run = async (command: 'apply' | 'ls', text?: string, options: { json?: boolean } = {}) => {
    const parts = commandContext({ openWorkplace: async () => workplace });
    if (text !== undefined) writeFileSync(file, text);
    await (command === 'apply' ? apply(file, options, parts.context) : ls(options, parts.context));
    return [...parts.printed, ...parts.told].join('\n');
  };
  return { run, workplace };
}

const RED = '{name: red-monthly, team: red, period: month, gpuHours: 100}';
const S1 = '{name: s1, project: s1, period: total, cost: {amount: 50, currency: USD}, from: 2026-11-01}';
const file = (...budgets: string[]) => `kind: Budgets\nbudgets: [${budgets.join(', ')}]`;

it('apply says what becomes of each budget', async () => {
  const { run } = await setUp();
  expect(await run('ls')).toMatch(/^There are no budgets/);
  expect(await run('apply', file(RED, S1))).toBe(
    'added    red-monthly  team red: 100 device-hours each month\nadded    s1  project s1: 50.00 USD in total from 2026-11-01',
  );
  expect(await run('apply', file(RED.replace('100', '150')))).toBe(
    'changed  red-monthly  team red: 150 device-hours each month (was team red: 100 device-hours each month)\nremoved  s1  project s1: 50.00 USD in total from 2026-11-01',
  );
  await expect(run('apply', file(RED, RED))).rejects.toMatchObject({ exitCode: 2 });
  expect(await run('apply', file(RED.replace('100', '150')))).toMatch(/^kept {5}red-monthly/);
});

it('ls shows what is used, reserved and left, and how each budget stands', async () => {
  const { run, workplace } = await setUp();
  await run('apply', file(RED, S1, RED.replace('red-monthly', 'later').replace('}', ', from: 2026-12-01}')));
  const profile = {
    ...runRecord().profile,
    device: { model: 'H100' },
    price: { currency: 'USD', perDeviceHour: 2, source: 'list' },
  };
  const launch = async (id: string, hours: number) => {
    const recipe = { ...runRecord().recipe, team: 'red', project: 's1' };
    const record = runRecord({
      id,
      recipe,
      profile: profile as typeof profile & ReturnType<typeof runRecord>['profile'],
    });
    await admitRuns(workplace, { create: [record], resume: [], at: NOW }, [
      reservationFor(record, hours * HOUR),
    ]);
  };
  await launch('r-1', 20);
  await expect(launch('r-2', 6)).rejects.toMatchObject({ exitCode: 3 });
  const fact = {
    run: 'r-1',
    pod: 'p',
    stage: 'train',
    attempt: 1,
    node: 'n',
    deviceModel: 'H100',
    devices: 8,
  } as const;
  await workplace.store.leases.acquire({ run: 'r-1', owner: 'o', pid: 1, heartbeatAt: NOW }, 1);
  await workplace.store.ledger.record([{ ...fact, kind: 'bound', key: 'p:bound', at: NOW - 2 * HOUR }]);
  expect(await run('ls')).toBe(
    [
      'BUDGET        OF           PERIOD               LIMIT        USED   SHARE   RESERVED        LEFT   STATE',
      'red-monthly   team red     2026-11   100 device-hours        16.0   16.0%       4.00        80.0   ok',
      's1            project s1   total            50.00 USD   32.00 USD   64.0%   8.00 USD   10.00 USD   ok',
      'later: not in force yet: team red: 100 device-hours each month from 2026-12-01',
    ].join('\n'),
  );
  await workplace.store.ledger.record([
    { ...fact, pod: 'q', kind: 'bound', key: 'q:bound', at: NOW - 1.25 * HOUR },
  ]);
  const shown = JSON.parse(await run('ls', undefined, { json: true })) as { budgets: unknown[] };
  expect(shown.budgets).toMatchObject([
    {
      name: 'red-monthly',
      unit: 'gpuMilliseconds',
      used: 26 * HOUR,
      reserved: 0,
      reservedBy: [],
      state: 'ok',
    },
    { name: 's1', unit: 'USD', used: 52, left: 0, share: 1.04, state: 'overrun', overrun: 2 },
  ]);

  const budget = { budget: 's1', what: '', todo: '' };
  await workplace.store.runs.append('r-1', 0, NOW, [{ type: 'stop-requested', why: 'budget', budget }]);
  expect(await run('ls')).toContain('overrun by 2.00 USD within the grace of r-1');
});
