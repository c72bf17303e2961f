import type { Command } from 'commander';
import type { CompareOptions } from '../commands/compare.ts';
import type { EvalOptions } from '../commands/eval/eval.ts';
import type { ShowOptions } from '../commands/eval/show.ts';
import type { Add } from './add.ts';
import { checkpoint, cluster, endpoint, first } from './options.ts';

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

  add<CompareOptions>(
    program,
    'compare <run...>',
    'compare runs, or the arms of an ablation',
    async (args, options, context) =>
      (await import('../commands/compare.ts')).compare(args, options, context),
  )
    .option('--html <file>', 'write a report with charts')
    .option('--svg <file>', 'write a chart: accuracy over thinking, where there is one')
    .option('--chart <name>', 'which one: accuracy, adherence, flips, methods, parallel, loss or phases')
    .option('--tokens', 'instead, the first token in which two runs part, of each answer');

  const evaluation = add<EvalOptions>(
    program,
    'eval [recipe]',
    'ask a registered checkpoint, or a model, under each control of thinking, and say what can be told',
    async (args, options, context) =>
      (await import('../commands/eval/eval.ts')).evaluate(args[0], options, context),
  )
    .option(...checkpoint)
    .option(...endpoint)
    .option(...cluster)
    .option('--paper <name>', "instead, make a paper's metrics again from the points that it published: s1");

  add<ShowOptions>(
    evaluation,
    'show <run>',
    'what a run was asked and what it answered, or whose answers changed sides between two runs',
    async (args, options, context) =>
      (await import('../commands/eval/show.ts')).show(first(args), options, context),
  )
    .option('--question <number>', 'its number in the benchmark, from 1')
    .option('--benchmark <name>', 'of which benchmark (default: all)')
    .option('--against <run>', 'instead, the questions gained and lost since this run');
}
