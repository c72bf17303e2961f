import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Budget } from '../../orchestrator/budget/budgets.ts';
import { changesOf } from '../../orchestrator/budget/changes.ts';

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
