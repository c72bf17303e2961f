import { expect, it } from 'vitest';
import {
  type BudgetStanding,
  type BudgetWarning,
  verdictOf,
  warningKey,
  warningText,
} from '../../orchestrator/run/budget-standing.ts';

const warning: BudgetWarning = {
  budget: 'budget red of team red for 2026-11',
  used: '8.00 device-hours',
  limit: '10.0 device-hours',
};

it('a warning says what is used of which limit, and what happens there: of a plan nothing', () => {
  expect(warningText(warning)).toBe(
    '8.00 device-hours of 10.0 device-hours are used of budget red of team red for 2026-11; at the limit it saves and ends',
  );
  expect(warningText({ ...warning, budget: 'its plan', isPlan: true })).toBe(
    'it goes on past its plan: 8.00 device-hours are held, and at most 10.0 device-hours were planned',
  );
});

it('a warning is another one when its budget or limit is, and the same however much is used', () => {
  const key = warningKey(warning);
  expect(warningKey({ ...warning, used: '9.00 device-hours' })).toBe(key);
  expect(warningKey({ ...warning, limit: '20.0 device-hours' })).not.toBe(key);
  expect(warningKey({ ...warning, budget: 'another' })).not.toBe(key);
});

it('a standing says something else when another budget is reached or another warning is due, not when figures move', () => {
  const reached = { budget: 'own', what: '7.00 of 7.00 device-hours', todo: 'give it more' };
  const other: BudgetWarning = { ...warning, budget: 'another' };
  const standings: readonly BudgetStanding[] = [
    { reached: null, warnings: [] },
    { reached, warnings: [] },
    { reached: { ...reached, budget: 'red' }, warnings: [] },
    { reached: null, warnings: [warning] },
    { reached: null, warnings: [{ ...warning, limit: '20.0 device-hours' }] },
    { reached: null, warnings: [warning, other] },
    { reached, warnings: [warning] },
  ];
  expect(new Set(standings.map(verdictOf)).size).toBe(standings.length);
  const moved = standings.map(
    (standing): BudgetStanding => ({
      reached: standing.reached && { ...standing.reached, what: '7.50 of 7.00 device-hours' },
      warnings: standing.warnings.map((each) => ({ ...each, used: '9.00 device-hours' })),
    }),
  );
  expect(moved.map(verdictOf)).toEqual(standings.map(verdictOf));
});
