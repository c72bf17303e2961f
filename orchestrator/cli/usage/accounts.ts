import type { Command } from 'commander';
import type { CostOptions } from '../cost-query.ts';
import type { Add } from './add.ts';
import { first } from './options.ts';

/** What was held, what it cost, and what may be used. */
export function addAccounts(program: Command, add: Add): void {
  add<CostOptions>(
    program,
    'cost [run...]',
    'device time, what of it was waste, and what it cost',
    async (args, options, context) => (await import('../commands/cost.ts')).cost(args, options, context),
  )
    .option(
      '--by <dimensions>',
      'one or several, with commas: run, recipe, project, team, costCenter, node, stage, month, phase',
      'run',
    )
    .option('--since <day>', 'first day or month, in UTC: 2026-11-01, 2026-11')
    .option('--until <day>', 'last day or month, in UTC')
    .option(
      '--format <format>',
      'table, json, csv, or focus (FinOps cost and usage, as CSV) (default: table)',
    )
    .option('--prices <file>', "price book (default: the home's prices.yaml, else the profiles' prices)");

  const budgets = program
    .command('budgets')
    .description('what teams and projects may use, and how much of it they have used');

  add<{ json?: boolean }>(
    budgets,
    'apply <file>',
    'put the budgets of a YAML file in the place of all that were there',
    async (args, options, context) =>
      (await import('../commands/budgets/apply.ts')).apply(first(args), options, context),
  );

  add<{ json?: boolean }>(
    budgets,
    'ls',
    'limit, used, reserved and left of each budget in this period',
    async (_, options, context) => (await import('../commands/budgets/ls.ts')).ls(options, context),
  );

  const ledger = program.command('ledger').description('the record of held device time itself');

  add<{ json?: boolean }>(
    ledger,
    'verify',
    'make every sum again from the facts and compare, to the millisecond; changes nothing',
    async (_, options, context) => (await import('../commands/ledger/verify.ts')).verify(options, context),
  );
}
