import { covers } from '../budget/book.ts';
import { numberOf, ofLimitText, overrunOf, quantityText, unitName } from '../budget/limit.ts';
import type { BudgetLine } from '../budget/standing.ts';
import { heldMilliseconds } from '../comparison/held-time.ts';
import type { RunAnswer } from '../contract/runs.ts';
import { elsewhere } from '../controller/elsewhere.ts';
import { podStatements } from '../controller/held-by-phase.ts';
import { recordedAt } from '../controller/left-here.ts';
import { type Look, lookAtRun } from '../controller/look-at-run.ts';
import { lookAtUnattended } from '../controller/look-at-unattended.ts';
import { ownBudget } from '../controller/own-budget.ts';
import { scopeOf } from '../controller/uses-as-seen.ts';
import { runBudgets } from '../controller/watch-budgets.ts';
import type { Workplace } from '../controller/workplace.ts';
import { heldByPhase } from '../ledger/held-time.ts';
import type { PodStatement } from '../ledger/statement.ts';
import type { Report } from '../ports/store.ts';
import { type Attempt, attemptsOf } from '../run/attempts.ts';
import { warningText } from '../run/budget-standing.ts';
import { currentPlan } from '../run/current-plan.ts';
import { describeNow } from '../run/describe-state.ts';
import type { RecordedEvent } from '../run/event.ts';
import { foldRun } from '../run/evolve.ts';
import { isSettled } from '../run/is-settled.ts';
import type { RunRecord } from '../run/run-record.ts';
import { isAtRest, type RunState } from '../run/state.ts';
import { formatPercent } from '../units/format.ts';
import type { Desk } from './desk.ts';
import { findRun } from './find-runs.ts';

/** All that is known of one run, by its records and one look at its cluster. @throws StintError `no-such-run`, `ambiguous-run`. */
export async function getRun(
  { workplace, caller }: Desk,
  { run: reference }: { readonly run: string },
): Promise<RunAnswer> {
  const { store } = workplace;
  const record = await findRun(store, reference, caller);
  const look = await lookAtRun(workplace, record);
  const events = await eventsAsSeen(workplace, record, look);
  const run = foldRun(events);
  const { sight, pods, ...held } = await heldOf(workplace, record, look);
  const planned = currentPlan(record.plan, events);
  const lines = await runBudgets(workplace, sight, record, ownBudget(record, run));
  return {
    id: record.id,
    recipe: record.name,
    recipeDigest: record.recipeDigest,
    arm: record.arm,
    ablation: record.ablation?.id ?? null,
    ablationName: record.ablation?.name ?? null,
    factor: record.factor,
    cluster: record.profile.name,
    state: run.state.kind,
    status: look.status,
    summary: describeNow(run.state, look.status),
    unseen: look.why ?? null,
    obstacles: look.obstacles.map(({ since, what, limit }) => ({
      since: iso(since),
      what,
      endedAt: isoOrNull(limit?.at),
    })),
    warnings: warningsOf(events),
    message: 'message' in run.state ? run.state.message : null,
    attempts: attemptsOf(events).map((attempt) => ({
      ...attempt,
      startedAt: iso(attempt.startedAt),
      endedAt: isoOrNull(endOf(attempt, pods)),
    })),
    steps: await store.steps.reached(record.id),
    plannedSteps: planned.steps,
    plannedGpuHours: planned.gpuHours,
    ...(planned.inputs && { inputs: planned.inputs }),
    ...held,
    prediction: predictionOf(events),
    budgets: lines.map(lineOf),
    checkpoint: run.checkpoint,
    reported: reportedOf(await store.reports.find(record.id)),
    atRest: isAtRest(run.state),
    settled: isSettled(run, record.profile.backend.kind === 'kubernetes'),
    resumable: isResumable(run.state),
    host: record.host,
    workFolder: elsewhere(workplace, record) === null ? workplace.workFolder(record) : null,
  };
}

/** Of a run whose process is gone, and its pods with it, also what whoever takes it up will record first. */
async function eventsAsSeen(
  { store }: Workplace,
  { id }: RunRecord,
  { left, at }: Look,
): Promise<readonly RecordedEvent[]> {
  const events = await store.runs.events(id);
  return left === undefined ? events : [...events, ...recordedAt(left, { seq: events.length }, at)];
}

function reportedOf(report: Report | null): RunAnswer['reported'] {
  if (report === null) return null;
  const { progressPercentage = null, estimatedRemainingSeconds = null, metrics = [] } = report.status;
  return { at: iso(report.at), progressPercentage, estimatedRemainingSeconds, metrics };
}

const iso = (at: number): string => new Date(at).toISOString();
const isoOrNull = (at: number | null | undefined): string | null => (at == null ? null : iso(at));

/** What its pods have held, by the look; and what budgets that it shares with others have to know of these. */
async function heldOf(workplace: Workplace, record: RunRecord, look: Look) {
  const budgets = await workplace.store.budgets.list();
  const isShared = budgets.some((budget) => covers(budget, scopeOf(record.recipe)));
  const sight = await lookAtUnattended(workplace, isShared ? undefined : [], [{ record, look }]);
  const pods = await podStatements(workplace, sight, [record.id]);
  const phases = heldByPhase(pods);
  const doubtful = pods.filter(({ doubtfulMilliseconds }) => doubtfulMilliseconds > 0);
  return {
    sight,
    pods,
    gpuMilliseconds: heldMilliseconds(phases),
    doubtfulGpuMilliseconds: doubtful.reduce((sum, pod) => sum + pod.doubtfulMilliseconds, 0),
    doubtfulPods: doubtful.length,
    doubtfulSince: doubtful.length === 0 ? null : iso(Math.min(...doubtful.map(({ to }) => to))),
    phases,
  };
}

/** With its last pod, where that has ended before anybody looked: what is recorded later is when somebody did. */
function endOf({ number, endedAt }: Attempt, pods: readonly PodStatement[]): number | null {
  const ends = pods.filter(({ attempt }) => attempt === number).map(({ to }) => to);
  return endedAt === null || ends.length === 0 ? endedAt : Math.min(endedAt, Math.max(...ends));
}

const warningsOf = (events: readonly RecordedEvent[]): RunAnswer['warnings'] =>
  events.flatMap(({ at, event }) => {
    if (event.type === 'warned') return [{ at: iso(at), message: event.message }];
    // Of budgets, their own lines say how they stand now.
    return event.type === 'budget-warned' && event.isPlan
      ? [{ at: iso(at), message: warningText(event) }]
      : [];
  });

function lineOf(line: BudgetLine): RunAnswer['budgets'][number] {
  const { budget, text, unit, used, limit } = line;
  const overrun = overrunOf(line);
  const share = formatPercent(Number(used) / Number(limit));
  const over = overrun > 0n ? `; overrun by ${quantityText(unit, overrun)} while it saved and ended` : '';
  return {
    budget,
    unit: unitName(unit),
    used: numberOf(unit, used),
    limit: numberOf(unit, limit),
    overrun: numberOf(unit, overrun),
    summary: `${ofLimitText(line, used)} (${share}) of ${text}${over}`,
  };
}

function predictionOf(events: readonly RecordedEvent[]): RunAnswer['prediction'] {
  const measured = events.map(({ event }) => event).findLast(({ type }) => type === 'prediction-measured');
  if (measured?.type !== 'prediction-measured') return null;
  return { predicted: measured.predicted, actual: measured.actual };
}

/** Of one that its budget has ended, the state says how it goes on. */
const isResumable = (state: RunState): boolean =>
  isAtRest(state) && state.kind !== 'succeeded' && !(state.kind === 'failed' && state.failure === 'budget');
