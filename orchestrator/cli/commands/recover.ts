import type { LostRun } from '../../controller/lost-run.ts';
import { type FoundRun, findLostRuns, recordFinding } from '../../controller/recover-runs.ts';
import { watching } from '../../controller/sight.ts';
import type { Workplace } from '../../controller/workplace.ts';
import { loadProfile } from '../../documents/load-profile.ts';
import { isStintError } from '../../errors/stint-error.ts';
import type { LedgerFact } from '../../ledger/fact.ts';
import { statement } from '../../ledger/statement.ts';
import { attemptsOf } from '../../run/attempts.ts';
import { foldRun } from '../../run/evolve.ts';
import { isAtRest } from '../../run/state.ts';
import { counted, listed } from '../../units/counted.ts';
import { formatDeviceTime } from '../../units/format.ts';
import type { CliContext } from '../context.ts';
import { printJson } from '../output.ts';
import { type Gap, RecoveryGaps } from '../recovery-gaps.ts';
import { renderTable } from '../render/table.ts';

export interface RecoverOptions {
  readonly cluster: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** How many are named in a line. */
const NAMED = 5;

/** A run that is recorded again; device time in GPU-milliseconds. */
interface Row {
  readonly run: string;
  readonly recipe: string;
  readonly arm: string;
  readonly state: string;
  readonly atRest: boolean;
  readonly attempts: number;
  readonly pods: number;
  readonly gpuMilliseconds: number;
  readonly doubtfulGpuMilliseconds: number;
  readonly checkpoint: string | null;
  readonly evaluated: boolean;
  readonly recorded: boolean;
}

/**
 * `stint recover --cluster PROFILE [--yes]`: runs that this store does not have, from their folders and from what the cluster shows.
 * Without --yes, only what would be recorded. The exit code is 1 where a run is left of which nothing could be recorded.
 */
export async function recover(
  { cluster, yes = false, json = false }: RecoverOptions,
  context: CliContext,
): Promise<number> {
  const { output } = context;
  const profile = await loadProfile(cluster, context.home);
  const workplace = await context.openWorkplace(yes ? 'make' : undefined);
  const gaps = new RecoveryGaps();
  const rows: Row[] = [];
  let loose = { pods: 0, gpuMilliseconds: 0 };
  for await (const found of findLostRuns(workplace, profile)) {
    gaps.take(found);
    const recorded = yes && (await recordOrName(workplace, found, gaps));
    if (found.kind === 'lost') rows.push({ ...rowOf(found.lost, workplace.now()), recorded });
    if (found.kind === 'without-record') {
      const { pods, gpuMilliseconds } = heldOf(found.facts, workplace.now());
      loose = { pods: loose.pods + pods, gpuMilliseconds: loose.gpuMilliseconds + gpuMilliseconds };
    }
    if (context.interrupt.aborted) break;
  }
  if (json)
    printJson(output, {
      cluster: profile.name,
      recorded: yes,
      runs: rows,
      podsWithoutRun: loose,
      gaps: gaps.all,
    });
  else for (const line of lines(rows, gaps.all, yes, output)) output.print(line);
  return gaps.isWhole ? 0 : 1;
}

/** One whose facts contradict the ledger keeps no other from being recorded. */
async function recordOrName(
  workplace: Pick<Workplace, 'store'>,
  found: FoundRun,
  gaps: RecoveryGaps,
): Promise<boolean> {
  try {
    return await recordFinding(workplace, found);
  } catch (error) {
    if (!isStintError(error) || error.code !== 'ledger-contradiction') throw error;
    gaps.refused(found.run);
    return false;
  }
}

function rowOf({ record, history }: LostRun, now: number): Omit<Row, 'recorded'> {
  const { state, checkpoint } = foldRun(history.events);
  return {
    run: record.id,
    recipe: record.name,
    arm: record.arm,
    state: state.kind,
    atRest: isAtRest(state),
    attempts: attemptsOf(history.events).length,
    ...heldOf(history.facts, now),
    checkpoint,
    evaluated: history.evaluation !== null,
  };
}

function heldOf(facts: readonly LedgerFact[], now: number) {
  const { pods } = statement(facts, watching(now));
  return {
    pods: pods.length,
    gpuMilliseconds: pods.reduce((sum, pod) => sum + pod.gpuMilliseconds, 0),
    doubtfulGpuMilliseconds: pods.reduce((sum, pod) => sum + pod.doubtfulMilliseconds, 0),
  };
}

function lines(
  rows: readonly Row[],
  gaps: readonly Gap[],
  isDone: boolean,
  output: CliContext['output'],
): readonly string[] {
  const open = rows.filter(({ atRest, recorded }) => !atRest && recorded).map(({ run }) => run);
  return [
    ...(rows.length > 0 ? [table(rows, output), ''] : []),
    ...gaps.map(({ what, of }) => (of.length === 0 ? what : `${of.length} ${what}: ${listed(of, NAMED)}`)),
    rows.length === 0 ? 'Nothing is to be recorded.' : summary(rows, isDone),
    ...(open.length > 0
      ? [
          `They go on with \`stint runs resume ${open.slice(0, NAMED).join(' ')}${open.length > NAMED ? ' …' : ''}\`, or when \`stint serve\` attends this store.`,
        ]
      : []),
  ];
}

function summary(rows: readonly Row[], isDone: boolean): string {
  if (!isDone) return `${counted(rows.length, 'run')} would be recorded again; nothing was: add --yes.`;
  const recorded = rows.filter((row) => row.recorded);
  const held = recorded.reduce((sum, { gpuMilliseconds }) => sum + gpuMilliseconds, 0);
  return `${counted(recorded.length, 'run')} recorded again, which held ${formatDeviceTime(held)}.`;
}

const table = (rows: readonly Row[], output: CliContext['output']): string =>
  renderTable<Row>(
    rows,
    [
      { header: 'RUN', cell: ({ run }) => run },
      { header: 'RECIPE', cell: ({ recipe, arm }) => (arm === recipe ? recipe : `${recipe} ${arm}`) },
      { header: 'STATE', cell: ({ state }) => state },
      { header: 'ATTEMPTS', cell: ({ attempts }) => String(attempts), align: 'right' },
      { header: 'PODS', cell: ({ pods }) => String(pods), align: 'right' },
      { header: 'HELD', cell: ({ gpuMilliseconds }) => formatDeviceTime(gpuMilliseconds), align: 'right' },
      { header: 'CHECKPOINT', cell: ({ checkpoint }) => checkpoint },
    ],
    output.isTerminal ? { width: output.width } : {},
  );
