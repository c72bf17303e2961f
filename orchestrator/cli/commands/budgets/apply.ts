import { BudgetsSchema } from '../../../budget/budgets.ts';
import type { BudgetChange } from '../../../budget/changes.ts';
import { readDocument } from '../../../documents/read-document.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';

/** `stint budgets apply FILE`: the budgets of the file take the place of all that were there. */
export async function apply(
  file: string,
  options: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const budgets = await readDocument(file, BudgetsSchema);
  const stint = await context.openStint('make');
  const answer = await stint.applyBudgets(budgets);
  const { output } = context;
  if (options.json) printJson(output, answer);
  else if (answer.changes.length === 0) output.print('There were no budgets and there are none.');
  else for (const change of answer.changes) output.print(changeText(change));
  return 0;
}

function changeText({ what, name, before, after }: BudgetChange): string {
  const head = `${what.padEnd('changed'.length)}  ${name}`;
  return what === 'changed' ? `${head}  ${after} (was ${before})` : `${head}  ${after ?? before}`;
}
