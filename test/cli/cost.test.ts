import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cost } from '../../orchestrator/cli/commands/cost.ts';
import type { CostOptions } from '../../orchestrator/cli/cost-query.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';
import { costlyStore, strangeFacts } from './costly-store.ts';

async function opened() {
  const home = temporaryFolder();
  const { store, workplace } = await costlyStore(home);
  const ask = async (options: CostOptions, ...runs: readonly string[]) => {
    const { context, printed, told } = commandContext({ home, openWorkplace: async () => workplace });
    expect(await cost(runs, options, context)).toBe(0);
    return { text: printed.join('\n').replaceAll(/ +$/gm, ''), told };
  };
  return { home, store, ask };
}

test('rows say what was held, how much of it was good, what it cost and what the waste went on', async () => {
  const { ask } = await opened();
  expect((await ask({})).text).toBe(
    `RUN     ARM      DEVICE-HOURS   GOODPUT         COST      WASTED   ON
r-1     s1-32b          96.00       88%   192.00 USD   24.00 USD   start-up 8%, recomputation 4%
r-2     long             8.00      100%    16.00 USD    0.00 USD
total                  104.00       88%   208.00 USD   24.00 USD   start-up 8%, recomputation 4%`,
  );
  expect((await ask({ by: 'node' })).text).toBe(
    `NODE    DEVICE-HOURS   GOODPUT         COST      WASTED   ON
gpu-1          80.00       90%   160.00 USD   16.00 USD   start-up 5%, recomputation 5%
gpu-0          24.00       83%    48.00 USD    8.00 USD   start-up 17%
total         104.00       88%   208.00 USD   24.00 USD   start-up 8%, recomputation 4%`,
  );
});

test('what others have published for a recipe stands beside it', async () => {
  const { ask } = await opened();
  expect((await ask({ by: 'recipe,team' })).text).toBe(
    `RECIPE   TEAM   DEVICE-HOURS   PUBLISHED   GOODPUT         COST      WASTED   ON
s1-32b   red           96.00           7       88%   192.00 USD   24.00 USD   start-up 8%, recomputation 4%
count    blue           8.00           -      100%    16.00 USD    0.00 USD
total                 104.00                   88%   208.00 USD   24.00 USD   start-up 8%, recomputation 4%`,
  );
});

test('days are those of UTC, the last one included; a month is all of its days', async () => {
  const { ask } = await opened();
  const held = async (options: CostOptions) => {
    const rows = JSON.parse((await ask({ ...options, json: true })).text) as { gpuMilliseconds: number }[];
    return rows.reduce((sum, row) => sum + row.gpuMilliseconds, 0) / 3_600_000;
  };
  expect(await held({ until: '2026-11-27' })).toBe(8 * (2 + 9 + 1));
  expect(await held({ since: '2026-11-28' })).toBe(8);
  expect(await held({ since: '2026-11', until: '2026-11' })).toBe(104);
  expect(await held({ since: '2026-11-27', until: '2026-11-27' })).toBe(96);
  const { told } = await ask({ since: '2026-12' });
  expect(told).toEqual(['No device time has been held in that time.']);
});

test('FOCUS of a month in which nothing was held has its header, as any other', async () => {
  const { ask } = await opened();
  const [header = '', ...rows] = (await ask({ since: '2026-12', format: 'focus' })).text.split('\n');
  expect(rows).toEqual([]);
  expect(header).toMatch(/^AvailabilityZone,BilledCost,.*,Tags$/);
  expect((await ask({ since: '2026-11', format: 'focus' })).text.split('\n')[0]).toBe(header);
});

test.each([
  '0099-01',
  '0099-01-01',
  '1969-12-31',
  '2026-02-29',
  '2026-13',
  '2026-1-1',
  '26-01-01',
  '2026-11-27x',
  '',
])('%j is no day', async (day) => {
  const { ask } = await opened();
  await expect(ask({ since: day })).rejects.toThrow('is no day');
});

test('time without a price and time in doubt are said, and cost nothing that anybody could add up', async () => {
  const { store, ask } = await opened();
  await store.ledger.record(strangeFacts);
  const { text, told } = await ask({ by: 'team' });
  expect(text).toBe(
    `TEAM    DEVICE-HOURS   GOODPUT         COST      WASTED   ON
red            96.00       88%   192.00 USD   24.00 USD   start-up 8%, recomputation 4%
blue            8.00      100%    16.00 USD    0.00 USD
-               4.00        0%     no price    no price   failed attempts 100%
total         104.00       88%   208.00 USD   24.00 USD   start-up 8%, recomputation 4%
total           4.00        0%     no price    no price   failed attempts 100%`,
  );
  expect(told.join('\n')).toMatch(
    /^No price is known for 4.00 device-hours: .*\nIn doubt: 4.00 device-hours beside it/,
  );
});

test('the price book of the home is used, and one that is named instead of it', async () => {
  const { home, ask } = await opened();
  const book = (price: number) =>
    JSON.stringify({
      kind: 'PriceBook',
      prices: [
        {
          deviceModel: 'H100-SXM5-80GB',
          capacity: 'reserved',
          currency: 'EUR',
          perDeviceHour: price,
          until: '2026-11-27',
          source: 'a',
        },
        {
          deviceModel: 'H100-SXM5-80GB',
          capacity: 'reserved',
          currency: 'EUR',
          perDeviceHour: 2 * price,
          from: '2026-11-28',
          source: 'b',
        },
      ],
    });
  writeFileSync(join(home, 'prices.yaml'), book(1));
  writeFileSync(join(home, 'other.yaml'), book(10));
  expect((await ask({}, 'r-1')).text).toMatch(/r-1 .* 104\.00 EUR/);
  expect((await ask({ prices: join(home, 'other.yaml') }, 'r-1')).text).toMatch(/r-1 .* 1040\.00 EUR/);
});

test('a book that says two things of one day, and options that cannot be meant, are refused with what to do', async () => {
  const { home, ask } = await opened();
  const entry = { deviceModel: 'H100', capacity: 'spot', currency: 'EUR', perDeviceHour: 1, source: 'a' };
  writeFileSync(join(home, 'twice.yaml'), JSON.stringify({ kind: 'PriceBook', prices: [entry, entry] }));
  await expect(ask({ prices: join(home, 'twice.yaml') })).rejects.toThrow(
    /two prices hold on the same days, .* for H100, spot/,
  );
  await expect(ask({ by: 'nodes' })).rejects.toThrow('--by is "nodes"');
  await expect(ask({ json: true, format: 'csv' })).rejects.toThrow('--json and --format csv');
  expect((await ask({ json: true, format: 'json' })).text).toBe((await ask({ json: true })).text);
  await expect(ask({ since: '2026-02-30' })).rejects.toThrow('"2026-02-30" is no day');
  await expect(ask({ since: '2026-12', until: '2026-11' })).rejects.toThrow('2026-11 lies before 2026-12');
});

test('values for spreadsheets add up to those of the table, to the billionth', async () => {
  const { ask } = await opened();
  const [header = '', ...lines] = (await ask({ format: 'csv', by: 'run,node' })).text.split('\n');
  const rows = lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(header.split(',').map((name, index) => [name, cells[index]]));
  });
  expect(rows).toHaveLength(3);
  expect(rows[1]).toMatchObject({ run: 'r-1', node: 'gpu-0', currency: 'USD', 'use:start-up': '14400000' });
  expect(rows.reduce((sum, row) => sum + Number(row['cost']), 0)).toBe(208);
});
