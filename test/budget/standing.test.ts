import { describe, expect, it } from 'vitest';
import type { Limits } from '../../orchestrator/budget/limit.ts';
import { budgetLines, standingOf } from '../../orchestrator/budget/standing.ts';
import { book, listed, NOW, red, reservation, use } from './fixtures.ts';

const standing = (own: Limits | undefined, hours: number, shared = book({ budgets: [] })) =>
  standingOf(
    budgetLines(
      { run: 'r-1', team: 'red', project: null, own, uses: [use('r-1', hours)] },
      shared,
      listed,
      NOW,
    ),
  );

describe('the budgets of a run that goes on', () => {
  it('are said nothing of below 80%, are warned of from there on, and are reached at the limit', () => {
    expect(standing({ gpuHours: 10 }, 7.99)).toEqual({ reached: null, warnings: [] });
    expect(standing({ gpuHours: 10 }, 8)).toEqual({
      reached: null,
      warnings: [{ budget: "the run's own budget", used: '8.00 device-hours', limit: '10.0 device-hours' }],
    });
    expect(standing({ gpuHours: 10 }, 10).reached).toEqual({
      budget: 'own',
      what: "the run's own budget is reached: 10.0 of 10.0 device-hours",
      todo: 'go on with a larger one: stint runs resume r-1 --budget-gpu-hours N',
    });
  });

  it('are measured in money where they are given in money', () => {
    expect(standing({ gpuHours: 10, cost: { amount: 4, currency: 'USD' } }, 2).reached).toMatchObject({
      what: "the run's own budget is reached: 4.00 USD of 4.00 USD",
    });
  });

  it('are raised with the option of the limit that is reached', () => {
    expect(standing({ cost: { amount: 4, currency: 'USD' } }, 2).reached?.todo).toBe(
      'go on with a larger one: stint runs resume r-1 --budget-cost N',
    );
    expect(standing({ gpuHours: 10 }, 9.999).reached).toBeNull();
  });

  it('are those of its team and project, too, by what anybody has used and nobody has only reserved', () => {
    const others = [use('r-2', 97), use('r-3', 1_000, { team: 'blue' })];
    const blue = red({ name: 'blue-monthly', team: 'blue', gpuHours: 1 });
    const shared = (hours: number) =>
      book({
        budgets: [blue, red()],
        reservations: [reservation('r-2', 300)],
        uses: [...others, use('r-1', hours)],
      });
    expect(standing(undefined, 2, shared(2))).toEqual({
      reached: null,
      warnings: [
        {
          budget: 'budget red-monthly of team red for 2026-11',
          used: '99.0 device-hours',
          limit: '100 device-hours',
        },
      ],
    });
    expect(standing(undefined, 3, shared(3)).reached).toEqual({
      budget: 'red-monthly',
      what: 'budget red-monthly of team red for 2026-11 is reached: 100 of 100 device-hours',
      todo: 'raise it with stint budgets apply, then stint runs resume r-1',
    });
  });
});
