import type { Command } from 'commander';
import type { Add } from './add.ts';
import { first } from './options.ts';

/** What is done with runs that are recorded. */
export function addRuns(program: Command, add: Add): void {
  const runs = program.command('runs').description('list, inspect, follow, cancel and resume runs');

  add<{ all?: boolean; json?: boolean }>(
    runs,
    'ls',
    'runs, newest first: those that go on, and the newest hundred',
    async (_, options, context) => (await import('../commands/runs/ls.ts')).ls(options, context),
  ).option('--all', 'every run that is recorded');

  add<{ json?: boolean }>(
    runs,
    'show <run>',
    'state, attempts, steps and held time of a run',
    async (args, options, context) =>
      (await import('../commands/runs/show.ts')).show(first(args), options, context),
  );

  add<{ follow?: boolean; stage?: string; json?: boolean }>(
    runs,
    'logs <run>',
    "the lines of a run's pods",
    async (args, options, context) =>
      (await import('../commands/runs/logs.ts')).logs(first(args), options, context),
  )
    .option('-f, --follow', 'go on until the run is at rest')
    .option('--stage <stage>', 'only this stage: prepare, train, export or evaluate');

  add<{ json?: boolean }>(
    runs,
    'cancel <run...>',
    'ask runs (or all arms of an ablation) to save and end',
    async (args, options, context) =>
      (await import('../commands/runs/cancel.ts')).cancel(args, options, context),
  );

  add<{ wait?: boolean; budgetGpuHours?: string; budgetCost?: string; json?: boolean }>(
    runs,
    'resume <run...>',
    'go on with runs that were interrupted, stopped or failed',
    async (args, options, context) =>
      (await import('../commands/runs/resume.ts')).resume(args, options, context),
  )
    .option('--wait', 'stay until they have ended, and show progress and comparison')
    .option('--budget-gpu-hours <hours>', 'their own budget from here on, what they have used included')
    .option('--budget-cost <amount>', 'the same in money, in the currency of their budget or price');
}
