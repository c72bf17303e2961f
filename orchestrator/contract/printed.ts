import { z } from 'zod';
import { KINDS } from '../errors/catalogue.ts';
import { COST_DIMENSIONS } from '../ledger/cost-rows.ts';
import { USES } from '../ledger/use.ts';
import { DataReportSchema } from '../plan/data-report.ts';
import { AblationPlanSchema, PlanSchema } from '../plan/plan.ts';
import { SweepSchema } from '../plan/sweep.ts';
import { EXCHANGES } from './routes.ts';
import { RunRowSchema } from './runs.ts';

/** What every command prints with `--json` where it cannot do what was asked. */
export const ProblemsSchema = z.strictObject({
  problems: z
    .array(
      z.strictObject({
        code: z.string(),
        kind: z.enum(Object.keys(KINDS) as [string, ...string[]]),
        blame: z.enum(['run', 'input', 'refused', 'stint']),
        what: z.string(),
        where: z.string().optional(),
        why: z.string().optional(),
        todo: z.string(),
      }),
    )
    .min(1),
});

const Plans = z.union([AblationPlanSchema, PlanSchema]);

const Begun = z.strictObject({
  runs: z.array(
    z.strictObject({
      id: z.string(),
      arm: z.string(),
      state: z.string().nullable(),
      checkpoint: z.string().nullable(),
    }),
  ),
});

const Asked = z.strictObject({ runs: z.array(z.strictObject({ id: z.string(), state: z.string() })) });

const CostRecord = z.strictObject({
  ...Object.fromEntries(COST_DIMENSIONS.map((dimension) => [dimension, z.string().nullable().optional()])),
  gpuMilliseconds: z.int(),
  doubtfulGpuMilliseconds: z.int(),
  uses: z.record(z.enum(USES), z.int()).nullable(),
  goodput: z.number().nullable(),
  cost: z.string().nullable(),
  costOfWaste: z.string().nullable(),
  currency: z.string().nullable(),
});

const Figures = z.record(z.string(), z.number());

const Recomputed = z.strictObject({
  paper: z.string(),
  control: Figures,
  scaling: Figures,
  performance: Figures,
  printed: z.record(z.string(), Figures),
  notReproducible: z.array(z.looseObject({ method: z.string(), metric: z.string() })),
});

const Rehearsed = z.looseObject({
  recipe: z.string(),
  rows: z.array(z.looseObject({ name: z.string(), findings: z.array(z.string()) })),
  fits: z.boolean(),
  asPlanned: z.boolean(),
});

const Manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});

const Evaluated = z.strictObject({
  run: z.string(),
  state: z.string().nullable(),
  checkpoint: z.string().nullable(),
  evaluations: z.array(z.looseObject({ benchmark: z.string() })),
});

const HeldPods = {
  pods: z.int().nonnegative(),
  gpuMilliseconds: z.int().nonnegative(),
};

const Recovered = z.strictObject({
  cluster: z.string(),
  recorded: z.boolean(),
  runs: z.array(
    z.strictObject({
      run: z.string(),
      recipe: z.string(),
      arm: z.string(),
      state: z.string(),
      atRest: z.boolean(),
      attempts: z.int().nonnegative(),
      ...HeldPods,
      doubtfulGpuMilliseconds: z.int().nonnegative(),
      checkpoint: z.string().nullable(),
      evaluated: z.boolean(),
      recorded: z.boolean(),
    }),
  ),
  podsWithoutRun: z.strictObject(HeldPods),
  gaps: z.array(z.strictObject({ kind: z.string(), what: z.string(), of: z.array(z.string()) })),
});

/** What each command prints with `--json`: one document, of `runs logs` one a line. Where it is a verb's answer, it is that. */
export const PRINTED = {
  init: z.strictObject({ recipe: z.string(), data: DataReportSchema, plan: Plans }),
  'data inspect': DataReportSchema.extend({
    arms: z.array(DataReportSchema.extend({ names: z.array(z.string()) })).optional(),
  }),
  plan: z.union([AblationPlanSchema, PlanSchema, SweepSchema]),
  rehearse: z.union([Rehearsed, z.strictObject({ rehearsals: z.array(Rehearsed) })]),
  launch: Begun,
  render: z.array(Manifest),
  doctor: EXCHANGES.examineCluster.answer,
  nodes: EXCHANGES.listNodes.answer,
  release: EXCHANGES.releaseRun.answer,
  recover: Recovered,
  'runs ls': z.strictObject({ runs: z.array(RunRowSchema) }),
  'runs show': EXCHANGES.getRun.answer,
  'runs logs': z.strictObject({ at: z.number(), pod: z.string(), text: z.string() }),
  'runs cancel': Asked,
  'runs resume': z.union([Begun, Asked]),
  cost: z.array(CostRecord),
  'budgets apply': EXCHANGES.applyBudgets.answer,
  'budgets ls': EXCHANGES.listBudgets.answer,
  'ledger verify': EXCHANGES.verifyLedger.answer,
  'checkpoints ls': EXCHANGES.listCheckpoints.answer,
  'checkpoints show': EXCHANGES.getCheckpoint.answer,
  'checkpoints verify': EXCHANGES.verifyCheckpoint.answer,
  compare: z.union([EXCHANGES.compareRuns.answer.shape.comparison, EXCHANGES.listPartings.answer]),
  eval: z.union([Evaluated, Recomputed]),
  'eval show': z.union([EXCHANGES.listAnswers.answer, EXCHANGES.listFlips.answer]),
  serve: z.strictObject({ url: z.string(), token: z.string().nullable() }),
  'tokens create': EXCHANGES.createToken.answer,
  'tokens ls': EXCHANGES.listTokens.answer,
  'tokens revoke': EXCHANGES.revokeToken.answer,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type CommandName = keyof typeof PRINTED;

/** The command of a line of arguments: the longest beginning that is one. */
export function commandOf(args: readonly string[]): CommandName | undefined {
  const [first = '', second = ''] = args;
  const names = Object.keys(PRINTED) as CommandName[];
  return names.find((name) => name === `${first} ${second}`) ?? names.find((name) => name === first);
}
