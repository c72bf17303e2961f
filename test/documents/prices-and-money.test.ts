import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { BudgetsSchema } from '../../orchestrator/budget/budgets.ts';
import { loadPriceBook } from '../../orchestrator/documents/load-price-book.ts';
import { loadProfile } from '../../orchestrator/documents/load-profile.ts';
import { readDocument } from '../../orchestrator/documents/read-document.ts';
import { isStintError, type Problem } from '../../orchestrator/errors/stint-error.ts';
import { priceOn } from '../../orchestrator/ledger/price-on.ts';
import { pricingOf } from '../../orchestrator/ledger/pricing.ts';

const PROFILE = new URL('../../cluster/profiles/h100-16.yaml', import.meta.url);

let folder: string;
let profile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stint-money-'));
  profile = await readFile(PROFILE, 'utf8');
});

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

async function problemsOf(read: () => Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await read();
  } catch (error) {
    if (isStintError(error)) return error.problems;
    throw error;
  }
  return [];
}

const readProfile = async (price: string) =>
  loadProfile(await file('profile.yaml', profile.replace(/perDeviceHour: .*/, `perDeviceHour: ${price}`)));

const readBook = async (fields: string) =>
  loadPriceBook(
    await file(
      'book.yaml',
      `kind: PriceBook\nprices:\n  - deviceModel: H100-SXM5-80GB\n    capacity: reserved\n    source: a\n${fields}`,
    ),
    folder,
  );

const readBudget = async (limit: string) =>
  readDocument(
    await file(
      'budgets.yaml',
      `kind: Budgets\nbudgets:\n  - name: red\n    team: red\n    period: month\n    ${limit}\n`,
    ),
    BudgetsSchema,
  );

describe('a price', () => {
  it.each(['2.8767123287671232', '2.8767123287671232877', '"2.876712329"', '28767123287671232e-16'])(
    'that is %s is the same billionths in a profile and in a price book',
    async (written) => {
      const listed = await readProfile(written);
      const book = await readBook(`    currency: USD\n    perDeviceHour: ${written}\n`);
      const time = { ...pricingOf(listed), day: 20_000 };
      const billionths = 2_876_712_329n;
      expect(priceOn(null, time)?.billionthsPerDeviceHour).toBe(billionths);
      expect(priceOn(book, { ...time, capacity: 'reserved' })?.billionthsPerDeviceHour).toBe(billionths);
    },
  );

  it.each(['-1', '1.0e305', '.inf', '.nan', '"2,49"', '1e-12', '"A"', 'true', '[]', '"-0"'])(
    'that is %s is refused where it stands, in a profile and in a price book',
    async (written) => {
      for (const read of [
        () => readProfile(written),
        () => readBook(`    currency: USD\n    perDeviceHour: ${written}\n`),
      ])
        expect(await problemsOf(read)).toMatchObject([
          {
            where: expect.stringMatching(/(profile|book)\.yaml:\d+:\d+$/),
            why: expect.stringMatching(/^expected a price per device-hour, 0 or at least 0\.000000001/),
          },
        ]);
    },
  );
});

describe('a currency', () => {
  it.each(['usd', '€€€', '"A\\nB"', 'US', '"USD\\n"', 'USDT', '840', 'null', '"US "'])(
    'that is %s is refused where it stands, in a profile, a price book and a budget',
    async (written) => {
      const reads = [
        async () =>
          loadProfile(await file('profile.yaml', profile.replace(/currency: .*/, `currency: ${written}`))),
        () => readBook(`    currency: ${written}\n    perDeviceHour: 2\n`),
        () => readBudget(`cost: {amount: 5, currency: ${written}}`),
      ];
      for (const read of reads)
        expect(await problemsOf(read)).toMatchObject([
          {
            where: expect.stringMatching(/\.yaml:\d+:\d+$/),
            why: expect.stringMatching(/^expected a currency, three capital letters as in ISO 4217/),
          },
        ]);
    },
  );
});

describe('a period', () => {
  it('that ends before it begins is refused where its end stands', async () => {
    const fields = '    currency: USD\n    perDeviceHour: 2\n    from: 2026-12-01\n    until: 2026-11-30\n';
    expect(await problemsOf(() => readBook(fields))).toMatchObject([
      {
        where: expect.stringMatching(/book\.yaml:9:12$/),
        what: 'prices[0].until is "2026-11-30"',
        why: 'expected a day that is not before `from`',
      },
    ]);
    expect(await problemsOf(() => readBook(fields.replace('11-30', '12-01')))).toEqual([]);
  });
});

describe('a limit of a budget', () => {
  it.each([
    ['cost: {amount: 1.0e305, currency: USD}', /^expected an amount above zero/],
    ['cost: {amount: 0, currency: USD}', /^expected an amount above zero/],
    ['cost: {amount: 1e-12, currency: USD}', /^expected an amount above zero/],
    ['cost: {amount: .inf, currency: USD}', /^expected an amount above zero/],
    ['cost: {amount: "five", currency: USD}', /^expected an amount above zero/],
    ['gpuHours: 1e305', /^expected device-hours above zero/],
    ['gpuHours: 1e-9', /^expected device-hours above zero/],
    ['gpuHours: "five"', /^expected device-hours above zero/],
  ])('that is %s is refused where it stands', async (limit, why) => {
    expect(await problemsOf(() => readBudget(limit))).toMatchObject([
      { where: expect.stringMatching(/budgets\.yaml:6:\d+$/), why: expect.stringMatching(why) },
    ]);
  });
});
