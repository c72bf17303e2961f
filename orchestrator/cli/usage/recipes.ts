import type { Command } from 'commander';
import type { InspectOptions } from '../commands/data/inspect.ts';
import type { InitOptions } from '../commands/init.ts';
import type { LaunchOptions } from '../commands/launch.ts';
import type { PlanOptions } from '../commands/plan.ts';
import type { RehearseOptions } from '../commands/rehearse.ts';
import type { RenderOptions } from '../commands/render.ts';
import type { Add } from './add.ts';
import { checkpoint, cluster, endpoint, first, leaveEvaluationOut } from './options.ts';

/** What is done with a recipe: written, looked at, planned, rehearsed, launched. */
export function addRecipes(program: Command, add: Add): void {
  add<InitOptions>(
    program,
    'init',
    'write a recipe for a model and data of yours, with lengths measured and each choice explained',
    async (_, options, context) => (await import('../commands/init.ts')).init(options, context),
  )
    .requiredOption('--model <folder>', 'folder of a model, or a hub repository that lies in its cache')
    .requiredOption(
      '--data <file>',
      'a file, a folder or a pattern of JSON Lines, JSON, CSV or Parquet; or a repository',
    )
    .option(cluster[0], cluster[1], 'laptop')
    .option('-o, --output <file>', 'the recipe to write', 'recipe.yaml')
    .option('--question <column>', 'column of the questions (default: told by its name)')
    .option('--trace <column>', 'column of the reasoning traces')
    .option('--answer <column>', 'column of the answers')
    .option('--split <name>', "split of a hub's repository (default: train)")
    .option('--config <name>', "configuration of a hub's repository, where it has several")
    .option('--force', 'write over a recipe that is there');

  addData(program, add);

  add<PlanOptions>(
    program,
    'plan <recipe>',
    'what a recipe would take on a cluster, and whether it may start',
    async (args, options, context) =>
      (await import('../commands/plan.ts')).plan(first(args), options, context),
  )
    .requiredOption(...cluster)
    .option(...checkpoint)
    .option(...endpoint)
    .option(...leaveEvaluationOut)
    .option(
      '--sweep <field=values>',
      'the curve over values of a field: training.sequenceLength=1024,2048,…,32768',
    )
    .option('--svg <file>', 'with --sweep: draw it');

  add<RehearseOptions>(
    program,
    'rehearse <recipe>',
    "run the plan's largest and mean step without a device, to hold its memory, FLOPs and bytes against the plan",
    async (args, options, context) =>
      (await import('../commands/rehearse.ts')).rehearse(first(args), options, context),
  )
    .requiredOption(...cluster)
    .option(...leaveEvaluationOut);

  add<LaunchOptions>(
    program,
    'launch <recipe>',
    'plan a recipe, and if the plan allows it, run it',
    async (args, options, context) =>
      (await import('../commands/launch.ts')).launch(first(args), options, context),
  )
    .requiredOption(...cluster)
    .option(...checkpoint)
    .option(...endpoint)
    .option(...leaveEvaluationOut)
    .option('--wait', 'stay until it has ended, and show progress and comparison');

  add<RenderOptions>(
    program,
    'render [recipe]',
    'print the Kubernetes objects that a launch would create',
    async (args, options, context) =>
      (await import('../commands/render.ts')).render(args[0], options, context),
  )
    .requiredOption(...cluster)
    .option(...checkpoint)
    .option(...endpoint)
    .option(...leaveEvaluationOut)
    .option('--stage <stage>', 'only what one stage needs, for example train')
    .option('--runtime', 'instead, what Kubeflow Trainer needs installed once for this cluster');
}

function addData(program: Command, add: Add): void {
  const data = program.command('data').description('look at training data before anything is started');

  add<InspectOptions>(
    data,
    'inspect <recipe-or-data>',
    'rows, lengths in the tokens of a model, and which rows have what wrong',
    async (args, options, context) =>
      (await import('../commands/data/inspect.ts')).inspect(first(args), options, context),
  )
    .option('--model <folder>', "folder or hub repository of the model (default: the recipe's)")
    .option('--sequence-length <tokens>', "count what is longer (default: the recipe's)")
    .option('--question <column>', 'column of the questions (default: told by its name)')
    .option('--trace <column>', 'column of the reasoning traces')
    .option('--answer <column>', 'column of the answers')
    .option('--split <name>', "split of a hub's repository (default: train)")
    .option('--config <name>', "configuration of a hub's repository, where it has several")
    .option('--write-lengths', 'put the lengths into the recipe, to plan with where the data is not')
    .option('--svg <file>', 'draw the lengths');
}
