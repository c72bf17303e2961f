import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cost } from '../../orchestrator/cli/commands/cost.ts';
import { temporaryFolder } from '../store/fixtures.ts';
import { commandContext } from './command-context.ts';
import { costlyStore, strangeFacts } from './costly-store.ts';
import { installValidator, knownVersions, NEWEST_VERSION, validate } from './focus-validator.ts';

const missing = await installValidator();

async function exported() {
  const home = temporaryFolder();
  const { store, workplace } = await costlyStore(home);
  const { context, printed } = commandContext({ home, openWorkplace: async () => workplace });
  const run = () => cost([], { format: 'focus' }, context);
  return { home, store, run, text: () => printed.join('\n') };
}

const MINUTES = 300_000;

test.skipIf(missing !== null)(
  `the export passes the FinOps Foundation's validator${missing === null ? '' : `, which cannot be installed: ${missing}`}`,
  async () => {
    expect((await knownVersions()).toSorted((a, b) => b.localeCompare(a))).toContain(NEWEST_VERSION);
    const { home, run, text } = await exported();
    await run();
    const file = join(home, 'focus.csv');
    writeFileSync(file, text());
    expect(await validate(file)).toEqual({
      said: expect.stringContaining('Validation succeeded'),
      exitCode: 0,
    });

    const broken = join(home, 'broken.csv');
    writeFileSync(broken, text().replaceAll('AI and Machine Learning', 'Reasoning'));
    expect((await validate(broken)).said).not.toContain('Validation succeeded');
  },
  MINUTES,
);

test('charges stand by run, node, day and use, and add up to what was held and what it cost', async () => {
  const { run, text } = await exported();
  await run();
  const [header = '', ...lines] = text().split('\n');
  const columns = header.split(',');
  const place = (name: string) => columns.indexOf(name);
  // Only the last column, of tags, has commas of its own before it: the description.
  const cells = (line: string) =>
    line.match(/("([^"]|"")*"|[^,]*)(,|$)/g)?.map((cell) => cell.replace(/,$/, '')) ?? [];
  const rows = lines.map(cells);
  const total = (name: string) => rows.reduce((sum, row) => sum + Number(row[place(name)]), 0);
  expect(total('ConsumedQuantity')).toBeCloseTo(104, 9);
  expect(total('BilledCost')).toBeCloseTo(208, 9);
  expect(new Set(rows.map((row) => row[place('ChargePeriodStart')]))).toEqual(
    new Set(['2026-11-27T00:00:00Z', '2026-11-28T00:00:00Z']),
  );
  expect(new Set(rows.map((row) => row[place('PricingCategory')]))).toEqual(new Set(['Committed']));
  expect(rows.find((row) => row[place('ResourceId')] === 'r-1')?.[place('BillingAccountId')]).toBe('CC-7');
});

test('time without a price is no charge of nothing: the export is refused, and says which time', async () => {
  const { store, run } = await exported();
  await store.ledger.record(strangeFacts);
  await expect(run()).rejects.toThrow(
    /no price is known for 4.00 device-hours of H100-SXM5-80GB, reserved, eu-1/,
  );
});
