import { Command, CommanderError, Option } from 'commander';
import { KINDS } from '../errors/catalogue.ts';
import { problemDocument } from '../errors/problem-document.ts';
import { type Problem } from '../errors/stint-error.ts';
import type { CliContext } from './context.ts';
import { tellFailure } from './last-net.ts';
import { type Output, printJson } from './output.ts';
import { addAccounts } from './usage/accounts.ts';
import type { Action } from './usage/add.ts';
import { addClusters } from './usage/clusters.ts';
import { addRecipes } from './usage/recipes.ts';
import { addResults } from './usage/results.ts';
import { addRuns } from './usage/runs.ts';
import { addServer } from './usage/server.ts';

/** Where a command works, as its options say. */
export interface Place {
  readonly home?: string;
  /** Address of a store that is shared; none or empty: the store is in the home. */
  readonly store?: string;
  /** Address of a server that answers for this process. */
  readonly server?: string;
}

/** Makes the context of a command once its options are known. */
export type OpenContext = (place: Place) => CliContext & { readonly close: () => Promise<void> };

/** In the order in which help lists them. */
const GROUPS = [addRecipes, addClusters, addRuns, addAccounts, addResults, addServer];

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
  const program = makeProgram(version, door);

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
      // Of a command within one that has --json, too, the outer one would take it.
      const options = { ...command.opts<Options>(), ...(json && { json }) };
      exitCode = await act(args, options, action);
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

  for (const addGroup of GROUPS) addGroup(program, add);

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

/** Without its commands. */
function makeProgram(version: string, door: Output): Command {
  return (
    new Command('stint')
      .description('Runs reasoning fine-tunes on GPU clusters and accounts for every GPU-second.')
      .version(version)
      .addOption(
        new Option(
          '--home <folder>',
          'where runs, ledger and checkpoints are kept (default: the nearest .stint folder)',
        ).env('STINT_HOME'),
      )
      // Help shows the name of the variable and not what it holds, which may be a password.
      .addOption(
        new Option(
          '--store <url>',
          'a store that several people share: postgres://user@host:5432/database (default: in the home)',
        ).env('STINT_STORE'),
      )
      .addOption(
        new Option(
          '--server <url>',
          'a `stint serve` that answers instead of this machine; its token is read from STINT_TOKEN, or the file STINT_TOKEN_FILE',
        ).env('STINT_SERVER'),
      )
      .addHelpText('after', EXIT_CODES)
      .showSuggestionAfterError()
      .configureOutput({
        writeOut: (text) => door.print(text.trimEnd()),
        writeErr: (text) => door.tell(text.trimEnd()),
      })
      .exitOverride()
  );
}

/** What commander has told a person, as a document. */
const wrongUsage = ({ message }: CommanderError): Problem => ({
  code: 'wrong-usage',
  what: message.replace(/^error: /, ''),
  todo: 'see `stint --help`',
});
