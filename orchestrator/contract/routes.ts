import type { z } from 'zod';
import { ANSWER_VERBS } from './answers.ts';
import { BUDGET_VERBS } from './budgets.ts';
import { CHECKPOINT_VERBS } from './checkpoints.ts';
import { CLUSTER_VERBS } from './clusters.ts';
import { COMPARISON_VERBS } from './comparisons.ts';
import { COST_VERBS } from './costs.ts';
import type { Exchange } from './exchange.ts';
import { LAUNCH_VERBS } from './launches.ts';
import { LEDGER_VERBS } from './ledger.ts';
import { RUN_VERBS } from './runs.ts';
import { TOKEN_VERBS } from './tokens.ts';
import { STATUS_VERBS } from './trainer-status.ts';
import type { VerbName } from './verbs.ts';

/** What each verb takes and answers. The server's routes and its OpenAPI are made of this and of `VERBS`. */
export const EXCHANGES = {
  ...RUN_VERBS,
  ...LAUNCH_VERBS,
  ...COMPARISON_VERBS,
  ...ANSWER_VERBS,
  ...CLUSTER_VERBS,
  ...COST_VERBS,
  ...CHECKPOINT_VERBS,
  ...BUDGET_VERBS,
  ...LEDGER_VERBS,
  ...TOKEN_VERBS,
  ...STATUS_VERBS,
} as const satisfies Readonly<Record<VerbName, Exchange>>;

type Exchanges = typeof EXCHANGES;
export type Question<Name extends VerbName> = z.output<Exchanges[Name]['input']>;
export type Answer<Name extends VerbName> = z.output<Exchanges[Name]['answer']>;

/** Stint, wherever it is: in this process, or at a server. @throws StintError of the catalogue, the same from both. */
export type Stint = { readonly [Name in VerbName]: (question: Question<Name>) => Promise<Answer<Name>> };
