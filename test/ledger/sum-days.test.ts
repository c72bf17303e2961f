import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { statement } from '../../orchestrator/ledger/statement.ts';
import { sumDays } from '../../orchestrator/ledger/sum-days.ts';
import { usageDays } from '../../orchestrator/ledger/usage-day.ts';
import { facts } from './arbitrary-facts.ts';
import { unwatched } from './watched-to.ts';

const RED = { recipe: 'r', team: 'red', project: null, costCenter: null, listedPrice: null };

test('sums of days hold all of the days that were asked for, whatever they are told apart by', () => {
  const stretched = facts.map((known) => known.map((fact) => ({ ...fact, at: fact.at * 25_000 })));
  const by = fc.subarray(['run', 'stage', 'node', 'team', 'recipe'] as const);
  fc.assert(
    fc.property(stretched, by, fc.nat(3), fc.nat(3), (known, dimensions, since, length) => {
      const days = statement(known, unwatched(300_000_000)).pods.flatMap(usageDays);
      const range = { since, until: since + length };
      const asked = days.filter(({ day }) => day >= since && day < since + length);
      const sums = sumDays(days, dimensions, (run) => (run === 'run-1' ? RED : undefined), range);
      const total = (of: readonly { gpuMilliseconds: number; doubtfulMilliseconds: number }[]) =>
        of.reduce((sum, each) => sum + each.gpuMilliseconds + each.doubtfulMilliseconds, 0);
      expect(total(sums)).toBe(total(asked));
      for (const { uses, phases, gpuMilliseconds } of sums)
        for (const parts of [uses, phases])
          expect(Object.values(parts).reduce((sum, time) => sum + time, 0)).toBe(gpuMilliseconds);
      const keys = sums.map(({ key, day, deviceModel }) => JSON.stringify([key, day, deviceModel]));
      expect(new Set(keys).size).toBe(keys.length);
    }),
  );
});
