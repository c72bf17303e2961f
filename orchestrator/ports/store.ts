import type { BudgetBook, Scope } from '../budget/book.ts';
import type { Budget } from '../budget/budgets.ts';
import type { Role } from '../contract/roles.ts';
import type { TrainerStatus } from '../contract/trainer-status.ts';
import type { Problem } from '../errors/stint-error.ts';
import type { LedgerFact } from '../ledger/fact.ts';
import type { UsageDay } from '../ledger/usage-day.ts';
import type { UsageDimension, UsageSum } from '../ledger/usage-sum.ts';
import type { FineTune } from '../recipe/fine-tune.ts';
import type { Checkpoint } from '../registry/checkpoint.ts';
import type { RecordedEvent, RunEvent } from '../run/event.ts';
import type { RunRecord } from '../run/run-record.ts';
import type { Run } from '../run/state.ts';
import type { EvaluationResult } from '../wire/evaluation-result.ts';

/** What a run's events add up to, and the number of the last of them; 0 before the first. */
export interface RunAt {
  readonly run: Run;
  readonly seq: number;
}

/** A run as a list of many shows it: not what it was asked to be, but which it is and where it stands. */
export interface RunSummary extends RunAt, Pick<RunRecord, 'id' | 'name' | 'arm' | 'ablation' | 'createdAt'> {
  /** Name of its profile. */
  readonly cluster: string;
  readonly team: string | null;
  /** It is at rest, and its cluster keeps nothing of it. */
  readonly closed: boolean;
}

export interface SummaryQuery {
  readonly ablation?: string | undefined;
  readonly cluster?: string | undefined;
  readonly team?: string | undefined;
  readonly state?: Run['state']['kind'] | undefined;
  /** Only those that are not closed, or only those that are. */
  readonly closed?: boolean;
  /** Those after this one in the list. */
  readonly after?: Pick<RunRecord, 'createdAt' | 'id'>;
  readonly limit?: number;
}

export interface RunStore {
  /** All of them or none: an ablation is never half recorded. @throws StintError `conflict` when an id is taken. */
  create(runs: readonly RunRecord[]): Promise<void>;
  find(id: string): Promise<RunRecord | null>;
  /** Newest first. `open`: only those that are not at rest, or whose cluster still keeps something of them. */
  list(filter?: { readonly ablation?: string; readonly open?: boolean }): Promise<readonly RunRecord[]>;
  /** Newest first, as `list`; at a fraction of its price. */
  summaries(query?: SummaryQuery): Promise<readonly RunSummary[]>;
  /** How many are recorded in each state. */
  counts(): Promise<ReadonlyMap<Run['state']['kind'], number>>;
  /** Of all whose id begins so, newest first; an ablation's id has to be whole. */
  named(reference: string): Promise<readonly Pick<RunSummary, 'id' | 'ablation' | 'team'>[]>;
  /** Of a run that is not recorded: that of a new one. */
  state(run: string): Promise<RunAt>;
  /**
   * Writes events after the one numbered `after` (0: the first). All of them or none.
   * @throws StintError `conflict` when the run's last event is another one: read again and decide again.
   */
  append(
    run: string,
    after: number,
    at: number,
    events: readonly RunEvent[],
  ): Promise<readonly RecordedEvent[]>;
  /** Of each run that has told it, what its training has held beside what was expected of it; GPU-milliseconds. */
  measured(): Promise<
    readonly (Pick<RunRecord, 'profile'> & {
      readonly recipe: FineTune;
      readonly predicted: number;
      readonly actual: number;
    })[]
  >;
  /** In order, those numbered above `after`. */
  events(run: string, after?: number): Promise<readonly RecordedEvent[]>;
}

export interface LedgerStore {
  /**
   * Keeps what is new; a fact that is known changes nothing. All of them or none.
   * @throws StintError `ledger-contradiction` when a known key comes with another content.
   */
  record(facts: readonly LedgerFact[]): Promise<void>;
  /** Of these runs, or of all. */
  facts(runs?: readonly string[]): Promise<readonly LedgerFact[]>;
  /** Those with facts, in order; also runs that are not recorded here. */
  runs(): Promise<readonly string[]>;
}

export interface UsageQuery {
  readonly by: readonly UsageDimension[];
  /** Days since 1970-01-01 in UTC: the first, and the one after the last. */
  readonly since?: number;
  readonly until?: number;
  readonly runs?: readonly string[];
  /** All but these. */
  readonly except?: readonly string[];
}

/** What pods held, kept in the form in which it is summed. It follows from the ledger's facts alone and can be thrown away. */
export interface UsageStore {
  /** Runs with facts that their usage does not show yet, or with a pod that goes on; and how far their facts are. */
  stale(): Promise<readonly { readonly run: string; readonly version: number }[]>;
  /** The usage of these runs, made from all of their facts when these were at least at `version`. All or none. */
  replace(
    usage: readonly { readonly run: string; readonly version: number; readonly days: readonly UsageDay[] }[],
  ): Promise<void>;
  /** Of these runs, by run, pod and day. */
  days(runs: readonly string[]): Promise<readonly UsageDay[]>;
  /** @throws StintError `ledger-conservation` when its parts are not the whole. */
  sum(query: UsageQuery): Promise<readonly UsageSum[]>;
}

/** Runs that shall go on, from what they are recorded as or from where they came to rest. */
export interface Admission {
  readonly create: readonly RunRecord[];
  /** Events as `RunStore.append` takes them. */
  readonly resume: readonly {
    readonly run: string;
    readonly after: number;
    readonly events: readonly RunEvent[];
  }[];
  /** The most that each of them may hold in all; of other runs, what is changed while they go on. GPU-milliseconds. */
  readonly reserve: readonly { readonly run: string; readonly gpuMilliseconds: number }[];
  readonly at: number;
}

export interface BudgetStore {
  /** Puts these in the place of all that were there, and gives those. */
  apply(budgets: readonly Budget[], at: number): Promise<readonly Budget[]>;
  list(): Promise<readonly Budget[]>;
  /** All, or those of one scope. A run counts as going on until its usage is summed up to its last fact. */
  book(now: number, scope?: Scope): Promise<BudgetBook>;
  /**
   * Judges and records as one: whoever admits runs elsewhere at the same time is judged before or after.
   *
   * @param judge - What speaks against it; called once, with all budgets.
   * @throws StintError those problems, or `conflict` as `create` and `append` do; nothing is recorded then.
   */
  admit(admission: Admission, judge: (book: BudgetBook) => readonly Problem[]): Promise<void>;
}

export interface CheckpointStore {
  /** Call it with verified files only. The same content of the same run is registered once; gives its id. */
  register(checkpoint: Checkpoint): Promise<string>;
  /** By id or by digest; the newest, where several runs made the same bytes. */
  find(idOrDigest: string): Promise<Checkpoint | null>;
  /** Newest first. */
  list(filter?: { readonly run?: string }): Promise<readonly Checkpoint[]>;
}

export interface CheckpointEvaluation {
  readonly run: string;
  readonly result: EvaluationResult;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface EvaluationStore {
  /**
   * The run's result, in place of an earlier one.
   *
   * @param checkpoint - Digest under which what answered is registered; null for a model that is not.
   */
  record(run: string, result: EvaluationResult, at: number, checkpoint: string | null): Promise<void>;
  find(run: string): Promise<EvaluationResult | null>;
  /** All that a registered checkpoint was measured to do, by whichever run; the oldest first. */
  of(checkpoint: string): Promise<readonly CheckpointEvaluation[]>;
}

/** All that is recorded of what became of a run. */
export interface RunHistory {
  /** In order, from the first. */
  readonly events: readonly RecordedEvent[];
  readonly facts: readonly LedgerFact[];
  readonly steps: readonly StepRecord[];
  readonly checkpoints: readonly Checkpoint[];
  /** `checkpoint`: as `EvaluationStore.record` has it. */
  readonly evaluation: (Omit<CheckpointEvaluation, 'run'> & { readonly checkpoint: string | null }) | null;
}

export interface HistoryStore {
  /** With every fact that its events follow from. Of a run that is not recorded: that of a new one, with the facts that there are. */
  of(run: string): Promise<RunHistory>;
  /**
   * Records a run as it once was recorded: all of it or nothing. False where a run of its id is recorded, which stays as it is.
   *
   * @param reserve - The most that it may hold in all, where it goes on; GPU-milliseconds.
   * @throws StintError `ledger-contradiction` when a fact is known with another content.
   */
  restore(record: RunRecord, history: RunHistory, reserve: number | null): Promise<boolean>;
}

export interface Lease {
  readonly run: string;
  /** Unique to one process's life, because process ids come back. */
  readonly owner: string;
  readonly pid: number;
  readonly heartbeatAt: number;
}

/** A process that holds leases. */
export interface Holder extends Omit<Lease, 'run'> {
  /** It has one heartbeat for all of its leases; else each was renewed by itself, as an earlier Stint does. */
  readonly beats: boolean;
}

export interface Attendant extends Pick<Lease, 'owner' | 'pid'> {
  /** Its machine and home, where machines share the store. */
  readonly host: string | null;
}

/** Who may act on a run. A holder that lost its lease is stopped by the numbering of events all the same. */
export interface LeaseStore {
  /**
   * True when it is now held: it was free, the owner's own, neither it nor its owner's heartbeat renewed for `expiresAfter` milliseconds, or that of
   * `deadOwner`, whose process is known to be gone. Naming it keeps a second heir from robbing the first.
   */
  acquire(lease: Lease, expiresAfter: number, deadOwner?: string): Promise<boolean>;
  /**
   * Renews all leases of a process at once, and gives how many there are. Where these are fewer than it knows of, others have
   * taken some: stop acting on those runs.
   */
  beat(attendant: Attendant, now: number): Promise<number>;
  /** The runs that are its own, in order. */
  held(owner: string): Promise<readonly string[]>;
  /** It has released what it held, and its heartbeat ends. */
  leave(owner: string, now: number): Promise<void>;
  release(run: string, owner: string): Promise<void>;
  find(run: string): Promise<Lease | null>;
  /** Of all runs, in order; also those of holders that are gone. */
  list(): Promise<readonly Lease[]>;
  /** Processes that have one heartbeat for all that they hold, at the price of a row each; also those that are gone. */
  attendants(): Promise<readonly Holder[]>;
  /** Whoever holds any, each once, with its newest heartbeat; also those that are gone. */
  holders(): Promise<readonly Holder[]>;
  /** Open runs that none of these owners holds, in order of creation, and who holds them. */
  unheld(except: readonly string[]): Promise<readonly Unheld[]>;
}

export interface Unheld {
  readonly run: string;
  readonly owner: string | null;
  /** As in the run's record. */
  readonly host: string | null;
}

export type RequestKind = 'cancel';

/** What a person asked of a run that another process may be working on. */
export interface RequestStore {
  /** Asking twice is asking once; the first time counts. */
  ask(run: string, kind: RequestKind, at: number): Promise<void>;
  /** When it was asked, or null. */
  askedAt(run: string, kind: RequestKind): Promise<number | null>;
  withdraw(run: string, kind: RequestKind): Promise<void>;
}

/** One optimizer step as an attempt reported it. */
export interface StepRecord {
  readonly attempt: number;
  /** From 1. */
  readonly step: number;
  readonly at: number;
  readonly loss: number | null;
  readonly tokens: number;
  readonly seconds: number;
}

export interface StepStore {
  /** A step that is known for that attempt changes nothing. */
  record(run: string, steps: readonly StepRecord[]): Promise<void>;
  /** Each step once, as the newest attempt that reported it did, in order. */
  curve(run: string): Promise<readonly StepRecord[]>;
  /** The highest step any attempt reported; 0 before the first. */
  reached(run: string): Promise<number>;
}

/** What lets its bearer ask a server. */
export interface Token {
  /** Who has it: a person, or a program. */
  readonly name: string;
  /** sha256 of its text, in hex; the text itself is kept nowhere. */
  readonly hash: string;
  readonly role: Role;
  /** The one team that it is for; null: all. */
  readonly team: string | null;
  /** The one run for which it reports, which is all that it may do then. */
  readonly run: string | null;
  readonly createdAt: number;
  /** Null: never. */
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

export interface TokenStore {
  /** @throws StintError `token-name-taken`. */
  create(token: Omit<Token, 'revokedAt'>): Promise<void>;
  /** By its hash, also where it holds no more. */
  find(hash: string): Promise<Token | null>;
  /** By name. */
  list(): Promise<readonly Token[]>;
  /** False where there is none of the name. Revoked twice is revoked once. */
  revoke(name: string, at: number): Promise<boolean>;
}

/** What the trainer of a run has said of itself. */
export interface Report {
  /** When it was heard. */
  readonly at: number;
  readonly status: TrainerStatus;
}

export interface ReportStore {
  /** In the place of the one before. @throws StintError `unknown-run`. */
  keep(run: string, report: Report): Promise<void>;
  find(run: string): Promise<Report | null>;
}

/** A question that may be asked again under its key, because its answer was lost on the way. */
export interface KeyedQuestion {
  /** Whose key it is: two callers may choose the same. */
  readonly caller: string;
  readonly key: string;
  /** Digest of what is asked. */
  readonly question: string;
  readonly at: number;
}

export interface KeptAnswer extends Pick<KeyedQuestion, 'question' | 'at'> {
  /** Null: it was not given, or not yet. */
  readonly answer: string | null;
}

/** Answers by key, for a week. */
export interface AnswerStore {
  /** Keeps the question; or gives what was asked under its key before, which may have been something else. */
  begin(question: KeyedQuestion): Promise<KeptAnswer>;
  finish(answered: Pick<KeyedQuestion, 'caller' | 'key'> & { readonly answer: string }): Promise<void>;
  /** It was refused: nothing has happened, and the key is free again. */
  drop(refused: Pick<KeyedQuestion, 'caller' | 'key'>): Promise<void>;
}

/** What a feed tells of beside runs, by their ids: the budgets that runs share, and which runs are open. */
export const BUDGETS = 'budgets';
export const OPEN_RUNS = 'open-runs';

/** Tells that something has changed, whichever process has changed it. What it is has to be read. */
export interface ChangeFeed {
  /**
   * Calls `onChange` after what is recorded or asked of the run has changed, and whenever such a change may have been missed.
   *
   * @param subject - The run's id, `BUDGETS` or `OPEN_RUNS`.
   * @returns what ends it.
   */
  subscribe(subject: string, onChange: () => void): () => void;
}

/** All that Stint remembers. Every adapter passes `test/store/contract.ts`. */
export interface Store {
  readonly runs: RunStore;
  readonly ledger: LedgerStore;
  readonly usage: UsageStore;
  readonly budgets: BudgetStore;
  readonly checkpoints: CheckpointStore;
  readonly evaluations: EvaluationStore;
  readonly steps: StepStore;
  readonly histories: HistoryStore;
  readonly leases: LeaseStore;
  readonly requests: RequestStore;
  readonly tokens: TokenStore;
  readonly answers: AnswerStore;
  readonly reports: ReportStore;
  readonly changes: ChangeFeed;
  close(): Promise<void>;
}
