import type { CliContext } from '../../orchestrator/cli/context.ts';
import { OWNER } from '../../orchestrator/contract/caller.ts';
import { StintError } from '../../orchestrator/errors/stint-error.ts';
import { localLogs } from '../../orchestrator/operations/local-logs.ts';
import { localStint } from '../../orchestrator/operations/local-stint.ts';
import { siteOf } from '../../orchestrator/operations/site-of.ts';

const unused = async (): Promise<never> => {
  throw new Error('this command needs nothing of the kind');
};

/** Of a home in which nothing was launched yet. */
export const noRuns = async (): Promise<never> => {
  throw new StintError({ code: 'no-home', what: 'no runs', todo: 'launch' });
};

/** What a command works with, and what it printed and told. */
export function commandContext(parts: Partial<CliContext>) {
  const printed: string[] = [];
  const told: string[] = [];
  const context: CliContext = {
    output: {
      print: (text) => printed.push(text),
      tell: (text) => told.push(text),
      isTerminal: false,
      width: 100,
      redraw: () => undefined,
    },
    home: '/home/ann/.stint',
    store: '/home/ann/.stint',
    openWorkplace: unused,
    openStint: async (how) => localStint(await context.openWorkplace(how), siteOf(context.home, context)),
    openLogs: async () => localLogs({ workplace: await context.openWorkplace(), caller: OWNER }),
    openServer: unused,
    server: null,
    version: '0.0.0',
    requireReady: unused,
    surveyCluster: unused,
    surveyMachine: unused,
    readInventory: unused,
    leftovers: () => ({ find: unused, release: unused }),
    dataReader: { digest: unused, inspect: unused },
    rehearser: { digest: unused, rehearse: unused },
    startInBackground: unused,
    interrupt: new AbortController().signal,
    force: new AbortController().signal,
    ...parts,
  };
  return { context, printed, told };
}
