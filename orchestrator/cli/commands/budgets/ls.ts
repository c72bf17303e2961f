import { type Account, accountsOf } from '../../../budget/account.ts';
import { type BudgetBook, covers, periodOf } from '../../../budget/book.ts';
import type { Budget } from '../../../budget/budgets.ts';
import { budgetText } from '../../../budget/changes.ts';
import { ownerText } from '../../../budget/judge.ts';
import { figureText, numberOf, overrunOf, quantityText, unitName } from '../../../budget/limit.ts';
import { isWarned } from '../../../budget/standing.ts';
import { lookAtUnattended } from '../../../controller/look-at-unattended.ts';
import { refreshUsage } from '../../../controller/refresh-usage.ts';
import { bookAsSeen } from '../../../controller/uses-as-seen.ts';
import { listed } from '../../../doctor/command.ts';
import { dayOf, dayText } from '../../../ledger/usage-day.ts';
import type { Store } from '../../../store/port.ts';
import { formatDeviceTime, formatPercent } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { renderTable } from '../../render/table.ts';
import { unseenText } from '../../unseen-text.ts';

/** `stint budgets ls`: each limit in the period that goes on, what is used and reserved of it, and how it stands. */
export async function ls(options: { readonly json?: boolean }, context: CliContext): Promise<number> {
  const workplace = await context.openWorkplace();
  const { store, now } = workplace;
  const { output } = context;
  await refreshUsage(workplace);
  const sight = await lookAtUnattended(workplace);
  const at = now();
  const book = await bookAsSeen(workplace, sight, await store.budgets.book(at));
  const rows = await Promise.all(
    accountsOf(book, workplace.priceOf, at).map(async (account): Promise<Row> => {
      const stopped = account.used > account.limit ? await stoppedFor(store, account, book) : [];
      return { ...account, stopped };
    }),
  );
  const coming = book.budgets.filter((budget) => periodOf(budget, at) === null);
  if (options.json) {
    printJson(output, { budgets: rows.map(asJson), coming });
    return 0;
  }
  if (book.budgets.length === 0) {
    output.tell(
      'There are no budgets: teams and projects may use what they like. Set some with: stint budgets apply FILE',
    );
    return 0;
  }
  if (rows.length > 0) output.print(table(rows));
  for (const line of unseenText(sight)) output.tell(line);
  for (const budget of coming) output.print(comingText(budget));
  return 0;
}

interface Row extends Account {
  /** Runs that it has stopped in this period: what they held while they saved is the overrun. */
  readonly stopped: readonly string[];
}

async function stoppedFor(
  store: Store,
  { budget, period }: Account,
  { uses }: BudgetBook,
): Promise<readonly string[]> {
  const runs = uses.filter((use) => covers(budget, use) && use.day >= period.since).map(({ run }) => run);
  const stopped: string[] = [];
  for (const run of new Set(runs)) {
    const events = await store.runs.events(run);
    const asked = events.findLast(
      ({ event }) =>
        event.type === 'stop-requested' && event.why === 'budget' && event.budget.budget === budget.name,
    );
    if (asked && dayOf(asked.at) >= period.since) stopped.push(run);
  }
  return stopped.toSorted();
}

function table(rows: readonly Row[]): string {
  return renderTable(rows, [
    { header: 'BUDGET', cell: ({ budget }) => budget.name },
    { header: 'OF', cell: ({ budget }) => ownerText(budget) },
    { header: 'PERIOD', cell: ({ period }) => period.name },
    { header: 'LIMIT', cell: ({ unit, limit }) => quantityText(unit, limit), align: 'right' },
    { header: 'USED', cell: ({ unit, used }) => figureText(unit, used), align: 'right' },
    { header: 'SHARE', cell: (account) => formatPercent(shareOf(account)), align: 'right' },
    { header: 'RESERVED', cell: ({ unit, reserved }) => figureText(unit, reserved), align: 'right' },
    { header: 'LEFT', cell: (account) => figureText(account.unit, leftOf(account)), align: 'right' },
    { header: 'STATE', cell: stateText },
  ]);
}

const comingText = (budget: Budget): string => `${budget.name}: not in force yet: ${budgetText(budget)}`;

/** Of what is used. */
const shareOf = ({ used, limit }: Account): number => Number(used) / Number(limit);

function leftOf({ limit, used, reserved }: Account): bigint {
  const left = limit - used - reserved;
  return left > 0n ? left : 0n;
}

type State = 'ok' | 'over 80%' | 'reached' | 'overrun';

function stateOf(account: Account): State {
  if (account.used > account.limit) return 'overrun';
  if (account.used === account.limit) return 'reached';
  return isWarned(account, account.used) ? 'over 80%' : 'ok';
}

function stateText(row: Row): string {
  const { unit, unpriced, stopped } = row;
  const state = stateOf(row);
  const grace = stopped.length === 0 ? '' : ` within the grace of ${listed(stopped)}`;
  const text = state === 'overrun' ? `overrun by ${quantityText(unit, overrunOf(row))}${grace}` : state;
  if (unpriced === 0 || unit.kind === 'time') return text;
  return `${text}; ${formatDeviceTime(unpriced)} without a price in ${unit.currency} not counted`;
}

function asJson(row: Row): unknown {
  const { budget, period, unit, limit, used, reserved, reservedBy, unpriced, stopped } = row;
  const figure = (quantity: bigint) => numberOf(unit, quantity);
  return {
    name: budget.name,
    team: budget.team ?? null,
    project: budget.project ?? null,
    period: period.name,
    since: dayText(period.since),
    unit: unitName(unit),
    limit: figure(limit),
    used: figure(used),
    reserved: figure(reserved),
    reservedBy,
    left: figure(leftOf(row)),
    share: shareOf(row),
    state: stateOf(row),
    stopped,
    overrun: figure(overrunOf(row)),
    unpricedGpuMilliseconds: unpriced,
  };
}
