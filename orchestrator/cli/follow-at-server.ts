import type { FollowRun } from '../contract/streams.ts';
import type { RunState } from '../run/state.ts';
import { reportComparison } from './compare-and-report.ts';
import type { CliContext, ServerAccess } from './context.ts';
import { exitCodeOf } from './exit-code.ts';
import { printJson } from './output.ts';
import { showProgress } from './show-progress.ts';

interface Followed {
  readonly id: string;
  readonly arm: string;
}

/** Shows what a server's runs do until all are at rest, then what came out. The first Ctrl-C leaves; the runs go on at the server. */
export async function followAtServer(
  context: CliContext,
  { stint, followRun }: ServerAccess,
  runs: readonly Followed[],
  options: { readonly json?: boolean },
): Promise<number> {
  const { output } = context;
  const states = await statesAtServer(context, followRun, runs);
  if (states === null) return exitCodeOf([{ kind: 'interrupted', message: '' }]);
  if (options.json) {
    const rows = await Promise.all(
      runs.map(async ({ id, arm }) => ({ arm, run: await stint.getRun({ run: id }) })),
    );
    printJson(output, {
      runs: rows.map(({ arm, run }) => ({ id: run.id, arm, state: run.state, checkpoint: run.checkpoint })),
    });
  } else if (states.some(({ kind }) => kind === 'succeeded')) {
    const compared = await stint.compareRuns({ runs: runs.map(({ id }) => id) });
    const first = await stint.getRun({ run: runs[0]?.id ?? '' });
    await reportComparison(context, compared, first.ablation ?? first.id, Date.now());
  }
  const unfinished = runs.filter((_, index) => states[index]?.kind === 'interrupted');
  if (unfinished.length > 0)
    output.tell(`Go on with: stint runs resume ${unfinished.map(({ id }) => id).join(' ')}`);
  return exitCodeOf(states);
}

/** What became of runs that a server works on; null where the first Ctrl-C has ended the wait. */
export async function statesAtServer(
  { output, interrupt }: Pick<CliContext, 'output' | 'interrupt'>,
  followRun: FollowRun,
  runs: readonly Followed[],
): Promise<readonly RunState[] | null> {
  const onProgress = showProgress(output, runs, Date.now);
  const ends = await Promise.all(runs.map(({ id }) => followRun(id, { signal: interrupt, onProgress })));
  const states = ends.filter((state) => state !== null);
  if (states.length === ends.length) return states;
  output.tell(leaving(runs));
  return null;
}

const leaving = (runs: readonly Followed[]): string => `This process leaves. The server goes on with the runs.
  follow:  stint runs logs -f ${runs[0]?.id}
  end:     stint runs cancel ${runs.map(({ id }) => id).join(' ')}`;
