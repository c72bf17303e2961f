import type { Command } from 'commander';
import type { EvalOptions } from '../commands/eval/eval.ts';
import type { Add } from './add.ts';
import { checkpoint, cluster, first } from './options.ts';

/** What came out of runs. */
export function addResults(program: Command, add: Add): void {
  const checkpoints = program
    .command('checkpoints')
    .description('list, inspect and verify registered checkpoints');

  add<{ json?: boolean }>(checkpoints, 'ls', 'all checkpoints, newest first', async (_, options, context) =>
    (await import('../commands/checkpoints/ls.ts')).ls(options, context),
  );

  add<{ json?: boolean }>(
    checkpoints,
    'show <checkpoint>',
    'files, lineage and device time of a checkpoint',
    async (args, options, context) =>
      (await import('../commands/checkpoints/show.ts')).show(first(args), options, context),
  );

  add<{ json?: boolean }>(
    checkpoints,
    'verify <checkpoint>',
    'read every byte again and compare',
    async (args, options, context) =>
      (await import('../commands/checkpoints/verify.ts')).verify(first(args), options, context),
  );

  add<{ html?: string; svg?: string; json?: boolean }>(
    program,
    'compare <run...>',
    'compare runs, or the arms of an ablation',
    async (args, options, context) =>
      (await import('../commands/compare.ts')).compare(args, options, context),
  )
    .option('--html <file>', 'write a report with charts')
    .option('--svg <file>', 'write the main chart');

  add<EvalOptions>(
    program,
    'eval [recipe]',
    'ask a registered checkpoint, or a model, under each control of thinking, and say what can be told',
    async (args, options, context) =>
      (await import('../commands/eval/eval.ts')).evaluate(args[0], options, context),
  )
    .option(...checkpoint)
    .option(...cluster)
    .option('--paper <name>', "instead, make a paper's metrics again from the points that it published: s1");
}
