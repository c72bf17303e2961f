import { expect, it } from 'vitest';
import { type BudgetWarning, warningKey, warningText } from '../../orchestrator/run/budget-standing.ts';

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
