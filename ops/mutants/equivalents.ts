import type { Equivalent } from './score.ts';

const budget = (file: string) => `orchestrator/budget/${file}`;
const FOCUS = 'orchestrator/ledger/focus.ts';

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
  {
    file: FOCUS,
    becomes:
      "record(charge, costs[index] ?? \"Stryker was here!\", hours[index] ?? '', runOf(charge.sum.key.run ?? '')),",
    why: 'each charge has its cost: the list of costs is made from that of charges',
  },
  {
    file: FOCUS,
    becomes:
      "record(charge, costs[index] ?? '', hours[index] ?? \"Stryker was here!\", runOf(charge.sum.key.run ?? '')),",
    why: 'each charge has its hours: the list of hours is made from that of charges',
  },
  {
    file: FOCUS,
    becomes:
      "record(charge, costs[index] ?? '', hours[index] ?? '', runOf(charge.sum.key.run ?? \"Stryker was here!\")),",
    why: 'usage that is priced for this export is always summed by run',
  },
  {
    file: 'orchestrator/render/render-pod.ts',
    becomes: 'const cloud = true && withDevices ? profile.backend.pod : undefined;',
    why: 'the local backend has no field `pod`, so nothing is added there either',
  },
  {
    file: 'orchestrator/plan/remedies.ts',
    becomes: 'false',
    why: 'lengths that are reckoned again for the same sequence are the same; it only takes longer',
  },
];
