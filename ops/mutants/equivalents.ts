import type { Equivalent } from './score.ts';

const budget = (file: string) => `orchestrator/budget/${file}`;

/** Mutants that no test can notice, by the line that they make. */
export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: budget('judge.ts'),
    becomes: 'if (false) return [];',
    why: 'of a budget that covers none of what is wanted, nothing more is needed, which is no problem either',
  },
  {
    file: budget('judge.ts'),
    becomes: 'const needed = (after[index].reserved ?? 0n) - account.reserved;',
    why: 'the same budgets give as many accounts before as after',
  },
  {
    file: budget('judge.ts'),
    becomes: 'const currency = unit.kind === \'money\' ? unit.currency : "Stryker was here!";',
    why: 'device time can always be measured, so only money is without a price',
  },
  {
    file: budget('judge.ts'),
    becomes: "const currency = true ? unit.currency : '';",
    why: 'device time can always be measured, so only money is without a price',
  },
  {
    file: budget('limit.ts'),
    becomes: 'used >= limit ? used - limit : 0n;',
    why: 'where both are equal their difference is the zero of the other branch',
  },
  {
    file: budget('reservation.ts'),
    becomes: 'if (false || all === 0) return 1;',
    why: 'without a step taken the share that is computed is the whole, too',
  },
];
