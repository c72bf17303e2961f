import type { BudgetBook, DayUse } from '../budget/book.ts';
import { type BudgetLine, budgetLines, standingOf } from '../budget/standing.ts';
import type { PriceOf } from '../ledger/cost-rows.ts';
import type { RunBudget } from '../recipe/run-budget.ts';
import { type BudgetStanding, type BudgetWarning, verdictOf } from '../run/budget-standing.ts';
import type { RunRecord } from '../run/run-record.ts';
import { formatDeviceTime } from '../units/format.ts';
import { gpuMillisecondsOf } from '../units/gpu-hours.ts';
import type { UnattendedSight } from './look-at-unattended.ts';
import {
  type BudgetReader,
  readSharedBook,
  SHORTEST_MILLISECONDS,
  sharedBudgetsOf,
} from './shared-budgets.ts';
import { bookAsSeen, dayUsesOf, scopeOf, usesAhead } from './uses-as-seen.ts';
import type { Workplace } from './workplace.ts';

/** Of a plan that is priced by the day, nobody looks further ahead. */
const LONGEST_MILLISECONDS = 3_600_000;

type Reader = Pick<Workplace, 'store' | 'now' | 'isAlive' | 'priceOf'>;
type BudgetedRecord = Pick<RunRecord, 'id' | 'recipe' | 'profile' | 'plan'>;

/** How the budgets of a run stand, and until when they stand so by what it holds itself; epoch milliseconds. */
export interface BudgetOutlook {
  readonly standing: BudgetStanding;
  readonly until: number;
}

export type BudgetWatch = (
  own: RunBudget | undefined,
  plan?: Pick<RunRecord['plan'], 'gpuHours'>,
) => Promise<BudgetOutlook>;

/** How a run's budgets stand, beside its plan as it was judged last. What others use of them is for `SharedBudgets` to watch. */
export function watchBudgets(workplace: BudgetReader, record: BudgetedRecord): BudgetWatch {
  const shared = sharedBudgetsOf(workplace);
  let last: { readonly at: number; readonly outlook: BudgetOutlook } | undefined;
  return async (own, plan = record.plan) => {
    const now = workplace.now();
    // What was recorded since is seen by the next look.
    if (last && now - last.at < SHORTEST_MILLISECONDS)
      return { ...last.outlook, until: last.at + SHORTEST_MILLISECONDS };
    const uses = await usesAhead(workplace, record);
    const standingBy = (book: BudgetBook, at: number): BudgetStanding => {
      const held = { own, book, uses: uses.at(at) };
      const { reached, warnings } = standingOf(linesOf(record, held, workplace.priceOf, at));
      return { reached, warnings: [...warnings, ...pastPlan(plan, held.uses)] };
    };
    const standing = standingBy(await shared.book(scopeOf(record.recipe)), now);
    const until = uses.grow ? standsUntil(now, (at) => standingBy(NO_BOOK, at)) : Number.POSITIVE_INFINITY;
    last = { at: now, outlook: { standing, until } };
    return last.outlook;
  };
}

const NO_BOOK: BudgetBook = { budgets: [], reservations: [], uses: [] };

/** How far ahead it stands as now, to within half of that time. */
function standsUntil(now: number, standingAt: (at: number) => BudgetStanding): number {
  const verdict = verdictOf(standingAt(now));
  let ahead = SHORTEST_MILLISECONDS;
  while (ahead < LONGEST_MILLISECONDS && verdictOf(standingAt(now + 2 * ahead)) === verdict) ahead *= 2;
  return now + ahead;
}

/** The limits that a run is held against, as they stand now by what is seen. */
export async function runBudgets(
  workplace: Reader,
  sight: UnattendedSight,
  record: BudgetedRecord,
  own: RunBudget | undefined,
): Promise<readonly BudgetLine[]> {
  const uses = await dayUsesOf(workplace, sight, record);
  const book = await bookAsSeen(workplace, sight, await readSharedBook(workplace, scopeOf(record.recipe)));
  return linesOf(record, { own, book, uses }, workplace.priceOf, workplace.now());
}

function pastPlan(
  { gpuHours }: Pick<RunRecord['plan'], 'gpuHours'>,
  uses: readonly DayUse[],
): readonly BudgetWarning[] {
  const planned = gpuMillisecondsOf(gpuHours.high);
  const held = uses.reduce((sum, { gpuMilliseconds }) => sum + gpuMilliseconds, 0);
  if (held <= planned) return [];
  const [used, limit] = [formatDeviceTime(held), formatDeviceTime(planned)];
  return [{ budget: "its plan's upper estimate", used, limit, isPlan: true }];
}

interface Held {
  readonly own: RunBudget | undefined;
  readonly book: BudgetBook;
  /** The run's own. */
  readonly uses: readonly DayUse[];
}

/** Of the run itself, its facts tell more than sums that were made a while ago. */
function linesOf(
  { id, recipe }: BudgetedRecord,
  { own, book, uses }: Held,
  priceOf: PriceOf,
  now: number,
): readonly BudgetLine[] {
  const fresh = { ...book, uses: [...book.uses.filter(({ run }) => run !== id), ...uses] };
  return budgetLines({ run: id, ...scopeOf(recipe), own, uses }, fresh, priceOf, now);
}
