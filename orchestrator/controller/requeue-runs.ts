import type { Reservation } from '../budget/book.ts';
import { ceilingOf } from '../budget/reservation.ts';
import { type BudgetLine, standingOf } from '../budget/standing.ts';
import { type Problem, StintError } from '../errors/stint-error.ts';
import type { Admission } from '../ports/store.ts';
import type { RunBudget } from '../recipe/run-budget.ts';
import { currentPlan } from '../run/current-plan.ts';
import type { RecordedEvent } from '../run/event.ts';
import { foldRun } from '../run/evolve.ts';
import type { RunRecord } from '../run/run-record.ts';
import { stepsAtRisk } from '../run/stages.ts';
import { isAtRest, type Run } from '../run/state.ts';
import { admitRuns, reservationFor } from './admit-runs.ts';
import type { Looker } from './look-at-run.ts';
import { lookAtUnattended, type UnattendedSight } from './look-at-unattended.ts';
import { ownBudget } from './own-budget.ts';
import { priceOfRun } from './price-of-run.ts';
import { heldSoFar } from './retry-limits.ts';
import { runBudgets } from './watch-budgets.ts';
import type { Workplace } from './workplace.ts';

/** What a run may use itself from here on, what it has used included. The amount is in its budget's or its price's currency. */
export interface BudgetRaise {
  readonly gpuHours?: number;
  readonly amount?: number;
}

type Resumer = Looker & Pick<Workplace, 'priceOf'>;

/**
 * Brings runs at rest back into the queue, all or none, and reserves what is left of them. Gives those that are to be
 * worked on: all but those that have succeeded and are settled.
 *
 * @throws StintError `over-budget` with the figures, `run-goes-on` where a budget is to be raised that is in use.
 */
export async function requeueRuns(
  workplace: Resumer,
  named: readonly RunRecord[],
  raise: BudgetRaise = {},
): Promise<readonly RunRecord[]> {
  const sight = await lookAtUnattended(workplace);
  const all = await Promise.all(named.map((record) => examine(workplace, sight, record, raise)));
  const resumable = all.filter(({ isOver }) => !isOver);
  const problems = all.flatMap((each) => each.problems);
  if (problems.length > 0) throw new StintError(problems);
  const wishes = resumable.flatMap(({ wish }) => wish ?? []);
  if (wishes.length > 0) {
    const resume = wishes.map((wish) => wish.resume);
    // To a run at rest it means nothing; to one that was just resumed it would.
    for (const { run } of resume) await workplace.store.requests.withdraw(run, 'cancel');
    const reservations = wishes.map(({ reservation }) => reservation);
    await admitRuns(workplace, { create: [], resume, at: workplace.now() }, reservations);
  }
  return resumable.map(({ record }) => record);
}

interface Examined {
  readonly record: RunRecord;
  /** It has succeeded and is settled. */
  readonly isOver: boolean;
  /** Null where it goes on already, or has only to be settled. */
  readonly wish: { readonly resume: Admission['resume'][number]; readonly reservation: Reservation } | null;
  /** What speaks against it before anybody else's runs are looked at. */
  readonly problems: readonly Problem[];
}

async function examine(
  workplace: Resumer,
  sight: UnattendedSight,
  record: RunRecord,
  raise: BudgetRaise,
): Promise<Examined> {
  const events = await workplace.store.runs.events(record.id);
  const run = foldRun(events);
  const none = { record, isOver: false, wish: null, problems: [] };
  // What its cluster still keeps of it has to be settled.
  if (run.state.kind === 'succeeded')
    return { ...none, isOver: record.profile.backend.kind !== 'kubernetes' || run.released };
  const budget = raisedBudget(record, run, raise);
  if (!isAtRest(run.state)) return { ...none, problems: budget ? [goesOn(record.id)] : [] };
  const own = budget ?? ownBudget(record, run);
  const held = await heldSoFar(workplace, sight, record.id);
  const resumed = { type: 'resumed', ...(budget && { budget }) } as const;
  const resume = { run: record.id, after: events.length, events: [resumed] };
  // What was trained is exported whatever is used up: that holds no devices.
  if (run.done.includes('train') && !run.done.includes('export'))
    return { ...none, wish: { resume, reservation: reservationFor(record, held) } };
  const most = await mostHeld(workplace, record, events, { held, own });
  const problems = usedUp(record, await runBudgets(workplace, sight, record, own));
  return { ...none, wish: { resume, reservation: reservationFor(record, most) }, problems };
}

/** Undefined where nothing is raised. */
function raisedBudget(record: RunRecord, run: Run, { gpuHours, amount }: BudgetRaise): RunBudget | undefined {
  if (gpuHours === undefined && amount === undefined) return undefined;
  const before = ownBudget(record, run);
  const currency = before?.cost?.currency ?? record.profile.price.currency;
  return {
    ...before,
    ...(gpuHours !== undefined && { gpuHours }),
    ...(amount !== undefined && { cost: { amount, currency } }),
  };
}

/** The most that it may hold in all: what it has held, its start-up and the steps that it has to take or take again. */
async function mostHeld(
  workplace: Resumer,
  record: RunRecord,
  events: readonly RecordedEvent[],
  { held, own }: { readonly held: number; readonly own: RunBudget | undefined },
): Promise<number> {
  const plan = currentPlan(record.plan, events);
  const reached = await workplace.store.steps.reached(record.id);
  const lost = foldRun(events).done.includes('train') ? 0 : stepsAtRisk(record.recipe);
  const steps = Math.max(0, reached - lost);
  return ceilingOf(plan, own, priceOfRun(workplace, record), { held, steps });
}

function usedUp({ id }: RunRecord, lines: readonly BudgetLine[]): readonly Problem[] {
  const { reached } = standingOf(lines);
  if (reached === null) return [];
  const todo = `${reached.todo}. Nothing was started`;
  return [{ code: 'over-budget', where: id, what: reached.what, todo }];
}

const goesOn = (run: string): Problem => ({
  code: 'run-goes-on',
  where: run,
  what: `${run} goes on, and its budget cannot be changed meanwhile`,
  why: 'the process that works on it holds it against the budget that it began with',
  todo: `let it end, or save and end it with \`stint runs cancel ${run}\`; then resume it with the larger budget`,
});
