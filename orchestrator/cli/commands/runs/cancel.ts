import { setTimeout } from 'node:timers/promises';
import type { Stint } from '../../../contract/routes.ts';
import { attendRun } from '../../../controller/attend-run.ts';
import { machineOf } from '../../../controller/elsewhere.ts';
import { reconcile } from '../../../controller/reconcile.ts';
import type { Workplace } from '../../../controller/workplace.ts';
import { isSettled } from '../../../run/is-settled.ts';
import type { RunRecord } from '../../../run/run-record.ts';
import type { Run } from '../../../run/state.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { showProgress } from '../../show-progress.ts';
import { tellInterrupt } from '../../tell-interrupt.ts';

const LOOK_MILLISECONDS = 250;

/**
 * `stint runs cancel RUN…`: asks, and waits until each is at rest and settled. One that is at rest already may still be kept on its
 * cluster, because whoever worked on it could not let go of it: that is done then.
 */
export async function cancel(
  references: readonly string[],
  options: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const stint = await context.openStint();
  const { output } = context;
  const { runs } = await stint.cancelRuns({ runs: [...references] });
  for (const { id, asked, settled } of runs)
    if (asked) output.tell(`${id}: asked to save and end`);
    else if (!settled) output.tell(`${id}: has ended; what its cluster still keeps of it is settled now`);
  const ids = runs.map(({ id }) => id);
  if (context.server === null) await seeToTheEnd(context, ids);
  else await untilSettled(context, stint, ids);
  const rows = await Promise.all(ids.map((run) => stint.getRun({ run })));
  if (options.json) printJson(output, { runs: rows.map(({ id, state }) => ({ id, state })) });
  else for (const { id, summary } of rows) output.print(`${id}  ${summary}`);
  return 0;
}

/** Who serves attends the runs; here there is only to wait for them. */
async function untilSettled({ interrupt }: CliContext, stint: Stint, ids: readonly string[]): Promise<void> {
  for (const run of ids)
    while (!interrupt.aborted && !(await stint.getRun({ run })).settled)
      await setTimeout(LOOK_MILLISECONDS, undefined, { signal: interrupt }).catch(() => undefined);
}

async function seeToTheEnd(context: CliContext, ids: readonly string[]): Promise<void> {
  const workplace = await context.openWorkplace();
  const { runs } = workplace.store;
  const records = await Promise.all(ids.map((id) => runs.find(id)));
  const runOf = async ({ id }: RunRecord) => (await runs.state(id)).run;
  const known = records.filter((record) => record !== null);
  await untilOver(context, workplace, known, runOf);
}

const isOver = ({ profile }: RunRecord, run: Run): boolean =>
  isSettled(run, profile.backend.kind === 'kubernetes');

/** Those whose pods go on without a process are taken over, side by side, so that this one sees to it that they end. */
async function untilOver(
  context: CliContext,
  workplace: Workplace,
  records: readonly RunRecord[],
  runOf: (record: RunRecord) => Promise<Run>,
): Promise<void> {
  const { output, interrupt } = context;
  const taken = new Map<string, Promise<unknown>>();
  const outOfReach = new Set<string>();
  for (;;) {
    const looked = await Promise.all(records.map(async (record) => ({ record, run: await runOf(record) })));
    const left = looked
      .filter(({ record, run }) => !outOfReach.has(record.id) && !isOver(record, run))
      .map(({ record }) => record);
    if (left.length === 0 || interrupt.aborted) break;
    const { unattended, elsewhere } = await reconcile(workplace);
    for (const record of left) {
      const there = elsewhere.find(({ run }) => run === record.id);
      if (there) {
        outOfReach.add(record.id);
        output.tell(
          `${record.id}: no stint process works on it; it ends when it is cancelled, or resumed, on ${machineOf(there.host)}`,
        );
      } else if (unattended.includes(record.id) && !taken.has(record.id)) {
        const end = takeOver(context, workplace, record).then(() => taken.delete(record.id));
        taken.set(record.id, end);
      }
    }
    // What fails of one is said at once, and the others go on on their cluster.
    await Promise.race([workplace.sleep(LOOK_MILLISECONDS, interrupt), ...failures(taken)]);
  }
  await Promise.all(taken.values());
}

/** Never ends where nothing fails. */
const failures = (taken: ReadonlyMap<string, Promise<unknown>>): readonly Promise<never>[] =>
  [...taken.values()].map(
    (each) => new Promise((_, reject) => void each.catch((error: unknown) => reject(asError(error)))),
  );

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

async function takeOver(context: CliContext, workplace: Workplace, record: RunRecord): Promise<void> {
  const { output, interrupt, force } = context;
  tellInterrupt(context, [record]);
  const onProgress = showProgress(output, [record], workplace.now);
  await attendRun(workplace, record, { interrupt, force, onProgress });
}
