import { type BudgetBook, covers, type Use } from '../budget/book.ts';
import { type BudgetLine, budgetLines, standingOf } from '../budget/standing.ts';
import type { PriceOf } from '../ledger/cost-rows.ts';
import type { RunBudget } from '../recipe/run-budget.ts';
import type { BudgetStanding, BudgetWarning } from '../run/budget-standing.ts';
import type { RunRecord } from '../store/port.ts';
import { formatDeviceTime } from '../units/format.ts';
import { gpuMillisecondsOf } from '../units/gpu-hours.ts';
import type { UnattendedSight } from './look-at-unattended.ts';
import { refreshUsage } from './refresh-usage.ts';
import { watching } from './sight.ts';
import { bookAsSeen, scopeOf, usesOf } from './uses-as-seen.ts';
import type { Workplace } from './workplace.ts';

/** How often a run's own facts are summed up: 16 devices hold 0.01 device-hours meanwhile. */
const OWN_MILLISECONDS = 2_000;
/** How often all runs' are, for budgets that they share: each process that works on a run under one does this. */
const SHARED_MILLISECONDS = 15_000;

type Reader = Pick<Workplace, 'store' | 'now' | 'isAlive' | 'priceOf'>;
type BudgetedRecord = Pick<RunRecord, 'id' | 'recipe' | 'profile' | 'plan'>;

/** How a run's budgets stand, beside its plan as it was judged last; asked at every turn of the loop, looked up now and then. */
export function watchBudgets(
  workplace: Reader,
  record: BudgetedRecord,
): (own: RunBudget | undefined, plan?: Pick<RunRecord['plan'], 'gpuHours'>) => Promise<BudgetStanding> {
  let standing: BudgetStanding = { reached: null, warnings: [] };
  let book: BudgetBook = { budgets: [], reservations: [], uses: [] };
  let [ownAt, sharedAt] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  return async (own, plan = record.plan) => {
    const now = workplace.now();
    if (now - ownAt < OWN_MILLISECONDS) return standing;
    ownAt = now;
    if (now - sharedAt >= SHARED_MILLISECONDS) {
      sharedAt = now;
      book = await sharedBook(workplace, record);
    }
    const uses = await usesOf(workplace, watching(now), record);
    const { reached, warnings } = standingOf(linesOf(record, { own, book, uses }, workplace.priceOf, now));
    standing = { reached, warnings: [...warnings, ...pastPlan(plan, uses)] };
    return standing;
  };
}

/** The limits that a run is held against, as they stand now by what is seen. */
export async function runBudgets(
  workplace: Reader,
  sight: UnattendedSight,
  record: BudgetedRecord,
  own: RunBudget | undefined,
): Promise<readonly BudgetLine[]> {
  const uses = await usesOf(workplace, sight, record);
  const book = await bookAsSeen(workplace, sight, await sharedBook(workplace, record));
  return linesOf(record, { own, book, uses }, workplace.priceOf, workplace.now());
}

function pastPlan(
  { gpuHours }: Pick<RunRecord['plan'], 'gpuHours'>,
  uses: readonly Use[],
): readonly BudgetWarning[] {
  const planned = gpuMillisecondsOf(gpuHours.high);
  const held = uses.reduce((sum, { gpuMilliseconds }) => sum + gpuMilliseconds, 0);
  if (held <= planned) return [];
  const [used, limit] = [formatDeviceTime(held), formatDeviceTime(planned)];
  return [{ budget: "its plan's upper estimate", used, limit, isPlan: true }];
}

/** Pods of other runs hold devices too; only where a budget is shared does that matter. */
async function sharedBook(workplace: Reader, { recipe }: BudgetedRecord): Promise<BudgetBook> {
  const { store, now } = workplace;
  const scope = scopeOf(recipe);
  const budgets = await store.budgets.list();
  if (budgets.some((budget) => covers(budget, scope))) await refreshUsage(workplace);
  return store.budgets.book(now(), scope);
}

interface Held {
  readonly own: RunBudget | undefined;
  readonly book: BudgetBook;
  /** The run's own. */
  readonly uses: readonly Use[];
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
