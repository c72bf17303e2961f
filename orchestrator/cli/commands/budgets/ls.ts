import { budgetText } from '../../../budget/changes.ts';
import { ownerText } from '../../../budget/judge.ts';
import { namedFigureText, namedQuantityText } from '../../../budget/limit.ts';
import type { BudgetAccount } from '../../../contract/budgets.ts';
import { listed } from '../../../units/counted.ts';
import { formatDeviceTime, formatPercent } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { renderTable } from '../../render/table.ts';
import { unseenText } from '../../unseen-text.ts';

/** `stint budgets ls`: each limit in the period that goes on, what is used and reserved of it, and how it stands. */
export async function ls(options: { readonly json?: boolean }, context: CliContext): Promise<number> {
  const stint = await context.openStint();
  const { output } = context;
  const answer = await stint.listBudgets({});
  const { budgets, coming } = answer;
  if (options.json) {
    printJson(output, answer);
    return 0;
  }
  if (budgets.length + coming.length === 0) {
    output.tell(
      'There are no budgets: teams and projects may use what they like. Set some with: stint budgets apply FILE',
    );
    return 0;
  }
  if (budgets.length > 0) output.print(table(budgets));
  for (const line of unseenText(answer)) output.tell(line);
  for (const budget of coming) output.print(`${budget.name}: not in force yet: ${budgetText(budget)}`);
  return 0;
}

function table(rows: readonly BudgetAccount[]): string {
  return renderTable(rows, [
    { header: 'BUDGET', cell: ({ name }) => name },
    { header: 'OF', cell: ownerText },
    { header: 'PERIOD', cell: ({ period }) => period },
    { header: 'LIMIT', cell: ({ unit, limit }) => namedQuantityText(unit, limit), align: 'right' },
    { header: 'USED', cell: ({ unit, used }) => namedFigureText(unit, used), align: 'right' },
    { header: 'SHARE', cell: ({ share }) => formatPercent(share), align: 'right' },
    { header: 'RESERVED', cell: ({ unit, reserved }) => namedFigureText(unit, reserved), align: 'right' },
    { header: 'LEFT', cell: ({ unit, left }) => namedFigureText(unit, left), align: 'right' },
    { header: 'STATE', cell: stateText },
  ]);
}

function stateText({ unit, state, overrun, stopped, unpricedGpuMilliseconds }: BudgetAccount): string {
  const grace = stopped.length === 0 ? '' : ` within the grace of ${listed(stopped)}`;
  const text = state === 'overrun' ? `overrun by ${namedQuantityText(unit, overrun)}${grace}` : state;
  if (unpricedGpuMilliseconds === 0 || unit === 'gpuMilliseconds') return text;
  return `${text}; ${formatDeviceTime(unpricedGpuMilliseconds)} without a price in ${unit} not counted`;
}
