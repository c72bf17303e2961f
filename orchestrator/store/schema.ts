import type { Generated } from 'kysely';
import type { Budget } from '../budget/budgets.ts';
import type { Role } from '../contract/roles.ts';
import type { TrainerStatus } from '../contract/trainer-status.ts';
import type { LedgerFact } from '../ledger/fact.ts';
import type { Pricing } from '../ledger/pricing.ts';
import type { PodStatement } from '../ledger/statement.ts';
import type { RequestKind } from '../ports/store.ts';
import type { CapacityType } from '../profile/capacity.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import type { RunEvent } from '../run/event.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Run } from '../run/state.ts';
import type { EvaluationResult } from '../wire/evaluation-result.ts';
import type { Stage } from '../wire/job-spec.ts';
import type { Json } from './json-column.ts';
import type { UsageColumns } from './usage-columns.ts';

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
    team: string | null;
    project: string | null;
    cost_center: string | null;
    price: Json<RunRecord['profile']['price']> | null;
    host: string | null;
    /** 1: it is done with. */
    closed: number;
    /** Name of the profile. */
    cluster: string;
  };
  /** What a run's events up to number `seq` add up to, by the code of version `fold`. */
  readonly run_states: {
    run: string;
    seq: number;
    fold: number;
    state: Run['state']['kind'];
    body: Json<Run>;
  };
  readonly run_events: { run: string; seq: number; at: number; body: Json<RunEvent> };
  readonly ledger_facts: { key: string; run: string; at: number; body: Json<LedgerFact> };
  /**
   * `version` goes up with every new fact of the run; `summed`: the one whose facts its usage follows from, 0 while a pod goes on,
   * because that is out of date at once.
   */
  readonly ledger_heads: { run: string; version: number; summed: Generated<number> };
  /** What `summed` was before it. */
  readonly usage_heads: { run: string; version: number; open: number };
  readonly usage_days: UsageColumns & {
    run: string;
    pod: string;
    day: number;
    stage: Stage;
    attempt: number;
    node: string;
    device_model: string;
    devices: number;
    capacity: CapacityType;
    region: string | null;
    ending: PodStatement['end'];
    from_at: number;
    to_at: number;
    held: number;
    doubtful: number;
  };
  readonly checkpoints: {
    id: string;
    digest: string;
    run: string;
    files: Json<Checkpoint['files']>;
    lineage: Json<Checkpoint['lineage']>;
    created_at: number;
  };
  readonly evaluations: {
    run: string;
    result: Json<EvaluationResult>;
    created_at: number;
    checkpoint: string | null;
  };
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
  /** A process that holds leases; its heartbeat is that of each of them. */
  readonly attendants: { owner: string; host: string | null; pid: number; heartbeat_at: number };
  /** One row: all budgets. Whoever admits runs changes it first, so that one does so at a time. */
  readonly budget_books: {
    id: number;
    version: number;
    budgets: Json<readonly Budget[]>;
    applied_at: number;
  };
  /** The most that a run may hold in all; `ended_at`: since when it is at rest, null while it goes on. */
  readonly reservations: {
    run: string;
    gpu_ms: number;
    at: number;
    ended_at: number | null;
    team: string | null;
    project: string | null;
    /** Null where an earlier Stint has written it. */
    pricing: Json<Pricing> | null;
  };
  readonly tokens: {
    name: string;
    hash: string;
    role: Role;
    team: string | null;
    created_at: number;
    expires_at: number | null;
    revoked_at: number | null;
    run: string | null;
  };
  /** Of each run the last. */
  readonly reports: { run: string; at: number; status: Json<TrainerStatus> };
  /** `question`: a digest; `answer`: null until it was given. */
  readonly answers: { caller: string; key: string; question: string; at: number; answer: string | null };
  readonly requests: { run: string; kind: RequestKind; at: number };
  /** On SQLite alone: what was changed last has the highest number. */
  readonly changes: { number: number; subject: string };
}
