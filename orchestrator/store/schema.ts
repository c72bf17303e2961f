import type { LedgerFact } from '../ledger/fact.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import type { RunEvent } from '../run/event.ts';
import type { EvaluationResult } from '../wire/evaluation-result.ts';
import type { Json } from './json-column.ts';
import type { RequestKind, RunRecord } from './port.ts';

/**
 * The tables, in types that SQLite and PostgreSQL share: JSON is text that we write and read ourselves, times are
 * bigint milliseconds.
 */
export interface Database {
  readonly runs: {
    id: string;
    name: string;
    arm: string;
    ablation_id: string | null;
    ablation_name: string | null;
    factor: string | null;
    factor_value: Json<unknown> | null;
    recipe: Json<RunRecord['recipe']>;
    recipe_digest: string;
    profile: Json<RunRecord['profile']>;
    plan: Json<RunRecord['plan']>;
    created_at: number;
    host: string | null;
  };
  readonly run_events: { run: string; seq: number; at: number; body: Json<RunEvent> };
  readonly ledger_facts: { key: string; run: string; at: number; body: Json<LedgerFact> };
  readonly checkpoints: {
    id: string;
    digest: string;
    run: string;
    files: Json<Checkpoint['files']>;
    lineage: Json<Checkpoint['lineage']>;
    created_at: number;
  };
  readonly evaluations: { run: string; result: Json<EvaluationResult>; created_at: number };
  readonly steps: {
    run: string;
    attempt: number;
    step: number;
    at: number;
    loss: number | null;
    tokens: number;
    seconds: number;
  };
  readonly leases: { run: string; owner: string; pid: number; heartbeat_at: number };
  readonly requests: { run: string; kind: RequestKind; at: number };
}
