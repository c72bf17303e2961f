import { z } from 'zod';
import type { Exchange } from './exchange.ts';

const verifyLedger = {
  summary: 'Make every sum again from the facts and compare, to the millisecond; changes nothing',
  input: z.strictObject({}),
  answer: z
    .strictObject({
      runs: z.int(),
      facts: z.int(),
      pods: z.int(),
      gpuMilliseconds: z.int(),
      doubtfulPods: z.int().meta({ description: 'Pods whose end nobody saw.' }),
      doubtfulMilliseconds: z.int(),
      unboundPods: z.array(z.string()).meta({ description: 'Pods whose binding nobody saw: not billed.' }),
      wrong: z.array(z.string()).meta({ description: 'Pods whose kept sums are not what their facts say.' }),
    })
    .meta({ id: 'LedgerVerification' }),
} as const satisfies Exchange;

export const LEDGER_VERBS = { verifyLedger } as const;
