import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reservation } from '../../orchestrator/budget/book.ts';
import { judge } from '../../orchestrator/budget/judge.ts';
import { book, HOUR, listed, NOW, red, reservation, TODAY, use } from './fixtures.ts';

const refused = (...given: Parameters<typeof judge>) =>
  judge(...given).map(({ what, todo }) => `${what} | ${todo}`);

describe('a budget at launch', () => {
  it('refuses what does not fit beside what is used and reserved, with the figures', () => {
    const full = book({
      uses: [use('r-0', 71.2)],
      reservations: [reservation('r-1', 5), reservation('r-2', 15)],
    });
    expect(refused(full, [reservation('r-3', 12.3)], listed, NOW)).toEqual([
      'team red has 100 device-hours for 2026-11: 71.2 used, 20.0 reserved by 2 runs, and this needs 12.3 at most: 3.50 too many | raise the budget with `stint budgets apply`, wait for r-1 or r-2, or train on fewer tokens. Nothing was started',
    ]);
    expect(judge(full, [reservation('r-3', 8.8)], listed, NOW)).toEqual([]);
  });

  it('judges all arms of an ablation at once, each against the budgets that cover it', () => {
    const arms = [reservation('r-1', 60), reservation('r-2', 60)];
    expect(judge(book(), [reservation('r-1', 60)], listed, NOW)).toEqual([]);
    expect(judge(book(), arms, listed, NOW)).toMatchObject([{ code: 'over-budget' }]);
    const blue = reservation('r-2', 60, { team: 'blue', project: 's1' });
    expect(judge(book(), [reservation('r-1', 60), blue], listed, NOW)).toEqual([]);
    const both = [red(), red({ name: 's1', project: 's1', team: undefined, gpuHours: 50 })];
    expect(refused(book({ budgets: both }), [blue], listed, NOW)).toEqual([
      expect.stringContaining('project s1 has 50.0 device-hours'),
    ]);
  });

  it('counts money exactly, and refuses what has no price in its currency', () => {
    const money = book({ budgets: [red({ gpuHours: undefined, cost: { amount: 24.6, currency: 'USD' } })] });
    expect(judge(money, [reservation('r-1', 12.3)], listed, NOW)).toEqual([]);
    const over = reservation('r-1', 12.3, { gpuMilliseconds: 12.3 * HOUR + 1 });
    expect(judge(money, [over], listed, NOW)).toMatchObject([{ code: 'over-budget' }]);
    const euros = { currency: 'EUR', perDeviceHour: 2, source: 'list' };
    expect(refused(money, [reservation('r-1', 1, { listedPrice: euros })], listed, NOW)[0]).toContain(
      'team red has a budget in USD, and for H100 here the price is in EUR | give the cluster profile a price in USD',
    );
    expect(refused(money, [reservation('r-1', 1, { listedPrice: null })], listed, NOW)[0]).toContain(
      'no price is known',
    );
  });

  it('says where it was refused and why, and which runs to wait for: three by name', () => {
    const going = [1, 2, 3, 4, 5].map((index) => reservation(`r-${index}`, 10));
    const wanted = [reservation('r-9', 80)];
    expect(judge(book({ reservations: going.slice(0, 1) }), wanted, listed, NOW)).toEqual([]);
    const told = (reservations: readonly Reservation[], uses = [use('r-0', 30)]) =>
      judge(book({ reservations, uses }), wanted, listed, NOW)[0];
    expect(told(going.slice(0, 1))).toMatchObject({
      code: 'over-budget',
      where: 'budget red-monthly',
      why: expect.stringContaining('reserved before it starts'),
      what: expect.stringContaining('10.0 reserved by 1 run, and'),
    });
    expect(told([])).toMatchObject({
      what: expect.stringContaining('30.0 used, none reserved, and this needs 80.0'),
      todo: 'raise the budget with `stint budgets apply`, or train on fewer tokens. Nothing was started',
    });
    expect(told(going.slice(0, 3))?.todo).toContain('wait for r-1 or r-2 or r-3, or train');
    expect(told(going)?.todo).toContain('wait for r-1, r-2, r-3 or 2 others, or train');
    const money = book({ budgets: [red({ gpuHours: undefined, cost: { amount: 24.6, currency: 'USD' } })] });
    expect(judge(money, [reservation('r-1', 1, { listedPrice: null })], listed, NOW)).toMatchObject([
      {
        code: 'budget-without-price',
        where: 'budget red-monthly',
        why: 'what has no price in the currency of a budget cannot be held against it',
        todo: 'give the cluster profile a price in USD, or the budget gpuHours. Nothing was started',
      },
    ]);
  });

  it('gives each month the whole limit, of which a run that crosses into it takes what it has left', () => {
    const october = use('r-1', 30, { day: TODAY - 30 });
    const crossing = book({ reservations: [reservation('r-1', 80)], uses: [october, use('r-1', 10)] });
    // 10 used and 40 still reserved in November.
    expect(judge(crossing, [reservation('r-2', 50)], listed, NOW)).toEqual([]);
    expect(judge(crossing, [reservation('r-2', 51)], listed, NOW)).toHaveLength(1);
  });

  it('in total counts all since its first day, and nothing before that day has come', () => {
    const uses = [use('r-1', 30, { day: TODAY - 40 }), use('r-1', 30, { day: TODAY - 10 })];
    const since = (from?: string) => book({ budgets: [red({ period: 'total', from })], uses });
    expect(judge(since(), [reservation('r-2', 41)], listed, NOW)).toHaveLength(1);
    expect(judge(since('2026-11-01'), [reservation('r-2', 70)], listed, NOW)).toEqual([]);
    expect(judge(since('2026-11-01'), [reservation('r-2', 71)], listed, NOW)).toHaveLength(1);
    expect(judge(since('2026-11-28'), [reservation('r-2', 1_000)], listed, NOW)).toEqual([]);
  });

  it('lets a run that is resumed take the place of what it had reserved', () => {
    const ended = book({ reservations: [reservation('r-1', 90)], uses: [use('r-1', 60)] });
    expect(judge(ended, [reservation('r-1', 100)], listed, NOW)).toEqual([]);
    expect(judge(ended, [reservation('r-1', 101)], listed, NOW)).toHaveLength(1);
    const beside = (hours: number) => [reservation('r-1', 90), reservation('r-2', hours)];
    expect(judge(ended, beside(10), listed, NOW)).toEqual([]);
    expect(judge(ended, beside(11), listed, NOW)).toHaveLength(1);
  });

  it('asks for no price where a budget in money is somebody else’s', () => {
    const blue = red({ team: 'blue', gpuHours: undefined, cost: { amount: 1, currency: 'USD' } });
    const unpriced = reservation('r-1', 1, { listedPrice: null });
    expect(judge(book({ budgets: [blue] }), [unpriced], listed, NOW)).toEqual([]);
  });

  it('whatever is asked for in whatever order, never lets more go on than fits, and refuses nothing that would', () => {
    const asked = fc.array(
      fc.record({ hours: fc.integer({ min: 0, max: 70 }), used: fc.integer({ min: 0, max: 70 }) }),
    );
    fc.assert(
      fc.property(asked, (launches) => {
        const reservations: Reservation[] = [];
        const uses = [];
        let committed = 0;
        for (const [index, { hours, used }] of launches.entries()) {
          const wanted = reservation(`r-${index}`, hours);
          const fits = judge(book({ reservations, uses }), [wanted], listed, NOW).length === 0;
          expect(fits).toBe(hours === 0 || committed + hours <= 100);
          if (!fits) continue;
          reservations.push(wanted);
          uses.push(use(`r-${index}`, used));
          // Until it ends a run counts with what it has used or reserved, whichever is more.
          committed += Math.max(hours, used);
        }
      }),
    );
  });
});
