import { Command, CommanderError, Option } from 'commander';
import { KINDS } from '../errors/catalogue.ts';
import { problemDocument } from '../errors/problem-document.ts';
import { type Problem } from '../errors/stint-error.ts';
import type { InspectOptions } from './commands/data/inspect.ts';
import type { EvalOptions } from './commands/eval/eval.ts';
import type { InitOptions } from './commands/init.ts';
import type { LaunchOptions } from './commands/launch.ts';
import type { PlanOptions } from './commands/plan.ts';
import type { RehearseOptions } from './commands/rehearse.ts';
import type { RenderOptions } from './commands/render.ts';
import type { CliContext } from './context.ts';
import type { CostOptions } from './cost-query.ts';
import { tellFailure } from './last-net.ts';
import { type Output, printJson } from './output.ts';

/** Where a command works, as its options say. */
export interface Place {
  readonly home?: string;
  /** Address of a store that is shared; none or empty: the store is in the home. */
  readonly store?: string;
}

/** Makes the context of a command once its options are known. */
export type OpenContext = (place: Place) => CliContext & { readonly close: () => Promise<void> };

const EXIT_CODES = `
Exit codes: 0 done, 1 a run failed, 2 bad input, 3 refused or stopped by plan or budget, 70 a defect of Stint.`;

/**
 * Runs one command line and gives its exit code. Each command is imported when it is called, so that none pays for
 * another's libraries.
 */
export async function runProgram(
  argv: readonly string[],
  version: string,
  open: OpenContext,
  door: Output,
): Promise<number> {
  let exitCode = 0;
  const json = argv.includes('--json');
  const program = new Command('stint')
    .description('Runs reasoning fine-tunes on GPU clusters and accounts for every GPU-second.')
    .version(version)
    .option(
      '--home <folder>',
      'where runs, ledger and checkpoints are kept (default: the nearest .stint folder)',
      process.env['STINT_HOME'],
    )
    // Help shows the name of the variable and not what it holds, which may be a password.
    .addOption(
      new Option(
        '--store <url>',
        'a store that several people share: postgres://user@host:5432/database (default: in the home)',
      ).env('STINT_STORE'),
    )
    .addHelpText('after', EXIT_CODES)
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => door.print(text.trimEnd()),
      writeErr: (text) => door.tell(text.trimEnd()),
    })
    .exitOverride();

  type Action<Options> = (args: string[], options: Options, context: CliContext) => Promise<number>;

  function add<Options extends { json?: boolean }>(
    parent: Command,
    usage: string,
    description: string,
    action: Action<Options>,
  ): Command {
    const command = parent
      .command(usage)
      .description(description)
      .option('--json', 'print one JSON document');
    return command.action(async (...given: unknown[]) => {
      const args = given.slice(0, command.registeredArguments.length).flat() as string[];
      exitCode = await act(args, command.opts<Options>(), action);
    });
  }

  async function act<Options extends { json?: boolean }>(
    args: string[],
    options: Options,
    action: Action<Options>,
  ): Promise<number> {
    const context = open(program.opts<Place>());
    try {
      return await action(args, options, context);
    } catch (error) {
      return tellFailure(error, {
        output: door,
        home: context.home,
        json: options.json === true,
        version,
        argv,
      });
    } finally {
      await context.close();
    }
  }

  const cluster = [
    '--cluster <profile>',
    'cluster profile: a name (laptop, h100-16, …) or the path of a .yaml file',
  ] as const;
  const withoutEvaluation = [
    '--without-evaluation',
    'leave the evaluation out: the run ends with its registered checkpoint',
  ] as const;
  const checkpoint = [
    '--checkpoint <checkpoint>',
    "of an evaluation: id or digest of the registered checkpoint that answers (default: the recipe's)",
  ] as const;
  const first = (args: readonly string[]) => args[0] ?? '';

  add<InitOptions>(
    program,
    'init',
    'write a recipe for a model and data of yours, with lengths measured and each choice explained',
    async (_, options, context) => (await import('./commands/init.ts')).init(options, context),
  )
    .requiredOption('--model <folder>', 'folder of a model, or a hub repository that lies in its cache')
    .requiredOption(
      '--data <file>',
      'a file, a folder or a pattern of JSON Lines or Parquet; or a repository',
    )
    .option(cluster[0], cluster[1], 'laptop')
    .option('-o, --output <file>', 'the recipe to write', 'recipe.yaml')
    .option('--question <column>', 'column of the questions (default: told by its name)')
    .option('--trace <column>', 'column of the reasoning traces')
    .option('--answer <column>', 'column of the answers')
    .option('--split <name>', "split of a hub's repository (default: train)")
    .option('--config <name>', "configuration of a hub's repository, where it has several")
    .option('--force', 'write over a recipe that is there');
  const data = program.command('data').description('look at training data before anything is started');
  add<InspectOptions>(
    data,
    'inspect <recipe-or-data>',
    'rows, lengths in the tokens of a model, and which rows have what wrong',
    async (args, options, context) =>
      (await import('./commands/data/inspect.ts')).inspect(first(args), options, context),
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
  add<PlanOptions>(
    program,
    'plan <recipe>',
    'what a recipe would take on a cluster, and whether it may start',
    async (args, options, context) =>
      (await import('./commands/plan.ts')).plan(first(args), options, context),
  )
    .requiredOption(...cluster)
    .option(...checkpoint)
    .option(...withoutEvaluation)
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
      (await import('./commands/rehearse.ts')).rehearse(first(args), options, context),
  )
    .requiredOption(...cluster)
    .option(...withoutEvaluation);
  add<LaunchOptions>(
    program,
    'launch <recipe>',
    'plan a recipe, and if the plan allows it, run it',
    async (args, options, context) =>
      (await import('./commands/launch.ts')).launch(first(args), options, context),
  )
    .requiredOption(...cluster)
    .option(...withoutEvaluation)
    .option('--wait', 'stay until it has ended, and show progress and comparison');
  add<RenderOptions>(
    program,
    'render [recipe]',
    'print the Kubernetes objects that a launch would create',
    async (args, options, context) =>
      (await import('./commands/render.ts')).render(args[0], options, context),
  )
    .requiredOption(...cluster)
    .option(...withoutEvaluation)
    .option('--stage <stage>', 'only what one stage needs, for example train')
    .option('--runtime', 'instead, what Kubeflow Trainer needs installed once for this cluster');

  add<{ cluster: string; json?: boolean }>(
    program,
    'doctor',
    'whether runs can work on a cluster, and how to mend what is in the way; changes nothing',
    async (_, options, context) => (await import('./commands/doctor.ts')).doctor(options, context),
  ).requiredOption(...cluster);
  add<{ cluster: string; json?: boolean }>(
    program,
    'nodes',
    'device nodes of a cluster, who holds them, which failed runs, and pods without a run',
    async (_, options, context) => (await import('./commands/nodes.ts')).nodes(options, context),
  ).requiredOption(...cluster);

  add<{ cluster?: string; yes?: boolean; json?: boolean }>(
    program,
    'release <run>',
    "in an emergency, take a run's objects off a cluster; a run of this store is settled with it",
    async (args, options, context) =>
      (await import('./commands/release.ts')).release(first(args), options, context),
  )
    .option('--cluster <profile>', `${cluster[1]}; default: where this store launched it`)
    .option('--yes', 'do it; else only what is there and what would be lost is said');

  const runs = program.command('runs').description('list, inspect, follow, cancel and resume runs');
  add<{ all?: boolean; json?: boolean }>(
    runs,
    'ls',
    'runs, newest first: those that go on, and the newest hundred',
    async (_, options, context) => (await import('./commands/runs/ls.ts')).ls(options, context),
  ).option('--all', 'every run that is recorded');
  add<{ json?: boolean }>(
    runs,
    'show <run>',
    'state, attempts, steps and held time of a run',
    async (args, options, context) =>
      (await import('./commands/runs/show.ts')).show(first(args), options, context),
  );
  add<{ follow?: boolean; stage?: string; json?: boolean }>(
    runs,
    'logs <run>',
    "the lines of a run's pods",
    async (args, options, context) =>
      (await import('./commands/runs/logs.ts')).logs(first(args), options, context),
  )
    .option('-f, --follow', 'go on until the run is at rest')
    .option('--stage <stage>', 'only this stage: prepare, train, export or evaluate');
  add<{ json?: boolean }>(
    runs,
    'cancel <run...>',
    'ask runs (or all arms of an ablation) to save and end',
    async (args, options, context) =>
      (await import('./commands/runs/cancel.ts')).cancel(args, options, context),
  );
  add<{ wait?: boolean; budgetGpuHours?: string; budgetCost?: string; json?: boolean }>(
    runs,
    'resume <run...>',
    'go on with runs that were interrupted, stopped or failed',
    async (args, options, context) =>
      (await import('./commands/runs/resume.ts')).resume(args, options, context),
  )
    .option('--wait', 'stay until they have ended, and show progress and comparison')
    .option('--budget-gpu-hours <hours>', 'their own budget from here on, what they have used included')
    .option('--budget-cost <amount>', 'the same in money, in the currency of their budget or price');

  add<CostOptions>(
    program,
    'cost [run...]',
    'device time, what of it was waste, and what it cost',
    async (args, options, context) => (await import('./commands/cost.ts')).cost(args, options, context),
  )
    .option(
      '--by <dimensions>',
      'one or several, with commas: run, recipe, project, team, costCenter, node, stage, month, phase',
      'run',
    )
    .option('--since <day>', 'first day or month, in UTC: 2026-11-01, 2026-11')
    .option('--until <day>', 'last day or month, in UTC')
    .option('--format <format>', 'table, json, csv, or focus (FinOps cost and usage, as CSV)', 'table')
    .option('--prices <file>', "price book (default: the home's prices.yaml, else the profiles' prices)");

  const budgets = program
    .command('budgets')
    .description('what teams and projects may use, and how much of it they have used');
  add<{ json?: boolean }>(
    budgets,
    'apply <file>',
    'put the budgets of a YAML file in the place of all that were there',
    async (args, options, context) =>
      (await import('./commands/budgets/apply.ts')).apply(first(args), options, context),
  );
  add<{ json?: boolean }>(
    budgets,
    'ls',
    'limit, used, reserved and left of each budget in this period',
    async (_, options, context) => (await import('./commands/budgets/ls.ts')).ls(options, context),
  );

  const ledger = program.command('ledger').description('the record of held device time itself');
  add<{ json?: boolean }>(
    ledger,
    'verify',
    'make every sum anew from the facts and compare, to the millisecond; changes nothing',
    async (_, options, context) => (await import('./commands/ledger/verify.ts')).verify(options, context),
  );

  const checkpoints = program
    .command('checkpoints')
    .description('list, inspect and verify registered checkpoints');
  add<{ json?: boolean }>(checkpoints, 'ls', 'all checkpoints, newest first', async (_, options, context) =>
    (await import('./commands/checkpoints/ls.ts')).ls(options, context),
  );
  add<{ json?: boolean }>(
    checkpoints,
    'show <checkpoint>',
    'files, lineage and device time of a checkpoint',
    async (args, options, context) =>
      (await import('./commands/checkpoints/show.ts')).show(first(args), options, context),
  );
  add<{ json?: boolean }>(
    checkpoints,
    'verify <checkpoint>',
    'read every byte again and compare',
    async (args, options, context) =>
      (await import('./commands/checkpoints/verify.ts')).verify(first(args), options, context),
  );

  add<{ html?: string; svg?: string; json?: boolean }>(
    program,
    'compare <run...>',
    'compare runs, or the arms of an ablation',
    async (args, options, context) => (await import('./commands/compare.ts')).compare(args, options, context),
  )
    .option('--html <file>', 'write a report with charts')
    .option('--svg <file>', 'write the main chart');

  add<EvalOptions>(
    program,
    'eval [recipe]',
    'ask a registered checkpoint, or a model, under each control of thinking, and say what can be told',
    async (args, options, context) =>
      (await import('./commands/eval/eval.ts')).evaluate(args[0], options, context),
  )
    .option(...checkpoint)
    .option(...cluster)
    .option('--paper <name>', "instead, make a paper's metrics again from the points that it published: s1");

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError))
      return tellFailure(error, {
        output: door,
        home: program.opts<Place>().home ?? '',
        json,
        version,
        argv,
      });
    // Help and version end this way too, with code 0.
    if (error.exitCode === 0) return 0;
    if (json) printJson(door, { problems: [problemDocument(wrongUsage(error))] });
    return KINDS.invalid.exitCode;
  }
}

/** What commander has told a person, as a document. */
const wrongUsage = ({ message }: CommanderError): Problem => ({
  code: 'wrong-usage',
  what: message.replace(/^error: /, ''),
  todo: 'see `stint --help`',
});
