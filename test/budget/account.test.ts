import { expect, it } from 'vitest';
import { accountsOf } from '../../orchestrator/budget/account.ts';
import { periodOf } from '../../orchestrator/budget/book.ts';
import type { Budget } from '../../orchestrator/budget/budgets.ts';
import { book, HOUR, listed, NOW, red, reservation, TODAY, use } from './fixtures.ts';

/** 2026-11-01, the first day of the month that goes on. */
const FIRST = TODAY - 26;
const hours = (count: number) => BigInt(count * HOUR);
const only = (facts: Parameters<typeof book>[0]) => accountsOf(book(facts), listed, NOW)[0];

it('counts what was used from the first day of its period on, that day included', () => {
  const uses = [
    use('r-1', 1, { day: FIRST - 1 }),
    use('r-1', 2, { day: FIRST }),
    use('r-1', 4, { day: FIRST + 9 }),
  ];
  const used = (facts: Partial<Budget>) => only({ budgets: [red(facts)], uses })?.used;
  expect(used({})).toBe(hours(6));
  expect(used({ from: '2026-11-10' })).toBe(hours(4));
  expect(used({ from: '2026-10-15' })).toBe(hours(6));
  expect(used({ period: 'total' })).toBe(hours(7));
  expect(used({ period: 'total', from: '2026-11-01' })).toBe(hours(6));
});

it('is in force from its first day on', () => {
  const since = (from: string) => periodOf({ ...red(), from }, NOW);
  expect(since('2026-11-28')).toBeNull();
  expect(since('2026-11-27')).toEqual({ since: TODAY, name: '2026-11', text: 'for 2026-11' });
  expect(periodOf(red({ period: 'total' }), NOW)).toEqual({ since: 0, name: 'total', text: 'in total' });
  expect(periodOf(red({ period: 'total', from: '2026-11-01' }), NOW)).toEqual({
    since: FIRST,
    name: 'total',
    text: 'since 2026-11-01',
  });
});

it('reserves what runs may still hold beyond what they have held, and names those that may', () => {
  const account = only({
    reservations: [
      reservation('r-1', 10),
      reservation('r-2', 5),
      reservation('r-3', 2),
      reservation('r-4', 7),
    ],
    uses: [use('r-1', 4), use('r-1', 3, { day: FIRST - 40 }), use('r-2', 5), use('r-3', 9)],
  });
  expect(account).toMatchObject({ used: hours(18), reserved: hours(3 + 7), reservedBy: ['r-1', 'r-4'] });
});

it('covers its own team or project, and nobody else’s', () => {
  const uses = [use('r-1', 1), use('r-2', 2, { team: null, project: 's1' }), use('r-3', 4, { team: 'blue' })];
  const used = (budget: Budget) => only({ budgets: [budget], uses })?.used;
  expect(used(red())).toBe(hours(1));
  expect(used(red({ team: undefined, project: 's1' }))).toBe(hours(2));
  expect(used(red({ team: 'blue' }))).toBe(hours(4));
  expect(used(red({ team: 'green' }))).toBe(0n);
});

it('tells apart what has no price in its currency, which counts for nothing', () => {
  const euros = { currency: 'EUR', perDeviceHour: 2, source: 'list' };
  const uses = [use('r-1', 3), use('r-2', 1, { listedPrice: euros }), use('r-3', 2, { listedPrice: null })];
  const budget = red({ gpuHours: 50, cost: { amount: 100, currency: 'USD' } });
  expect(accountsOf(book({ budgets: [budget], uses }), listed, NOW)).toMatchObject([
    { unit: { kind: 'time' }, used: hours(6), unpriced: 0 },
    { unit: { kind: 'money', currency: 'USD' }, used: hours(6) * 10n ** 9n, unpriced: 3 * HOUR },
  ]);
});
