import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Budget } from '../../orchestrator/budget/budgets.ts';
import { budgetText, changesOf } from '../../orchestrator/budget/changes.ts';

const budgets = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), gpuHours: fc.constantFrom(1, 2) }),
  { selector: ({ name }) => name, maxLength: 4 },
);
const sets = budgets.map((all) =>
  all.map(({ name, gpuHours }): Budget => ({ name, team: name, period: 'month', gpuHours })),
);

test('each budget of either set is told of once: those that are there now in their order, then those that are gone', () => {
  fc.assert(
    fc.property(sets, sets, (before, after) => {
      const was = (name: string) => before.find((budget) => budget.name === name)?.gpuHours;
      const is = (name: string) => after.find((budget) => budget.name === name)?.gpuHours;
      const gone = before.filter(({ name }) => is(name) === undefined);
      const changes = changesOf(before, after);
      expect(changes.map(({ name }) => name)).toEqual([...after, ...gone].map(({ name }) => name));
      for (const { what, name, before: old, after: now } of changes) {
        const same = was(name) === is(name);
        const kind = is(name) === undefined ? 'removed' : was(name) === undefined ? 'added' : 'changed';
        expect(what).toBe(same ? 'kept' : kind);
        expect(old === null).toBe(was(name) === undefined);
        expect(now === null).toBe(is(name) === undefined);
      }
    }),
  );
});

test('a budget is told with whose it is, its limits, its period and its first day', () => {
  const hours: Budget = { name: 'a', team: 'red', period: 'month', gpuHours: 100 };
  expect(budgetText(hours)).toBe('team red: 100 device-hours each month');
  const money: Budget = { name: 'b', project: 's1', period: 'total', cost: { amount: 50, currency: 'USD' } };
  expect(budgetText(money)).toBe('project s1: 50.00 USD in total');
  expect(budgetText({ ...hours, ...money, team: undefined, from: '2026-11-01' })).toBe(
    'project s1: 100 device-hours and 50.00 USD in total from 2026-11-01',
  );
});
