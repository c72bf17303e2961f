import { controlRun } from '../../../controller/control-run.ts';
import { machineOf } from '../../../controller/elsewhere.ts';
import { reconcile } from '../../../controller/reconcile.ts';
import type { Workplace } from '../../../controller/workplace.ts';
import { isSettled } from '../../../run/is-settled.ts';
import { isAtRest, type Run } from '../../../run/state.ts';
import type { RunRecord } from '../../../store/port.ts';
import type { CliContext } from '../../context.ts';
import { describeState } from '../../describe-state.ts';
import { printJson } from '../../output.ts';
import { findRuns } from '../../run-reference.ts';
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
  const workplace = await context.openWorkplace();
  const { store, now } = workplace;
  const { output } = context;
  const records = await findRuns(store, references);
  const runOf = async ({ id }: RunRecord) => (await store.runs.state(id)).run;
  // All are asked before any is waited for: what they hold ends at the same time.
  for (const record of records) {
    const run = await runOf(record);
    if (isAtRest(run.state)) {
      if (!isOver(record, run))
        output.tell(`${record.id}: has ended; what its cluster still keeps of it is settled now`);
      continue;
    }
    await store.requests.ask(record.id, 'cancel', now());
    output.tell(`${record.id}: asked to save and end`);
  }
  await untilOver(context, workplace, records, runOf);
  const rows = await Promise.all(
    records.map(async (record) => ({ id: record.id, state: (await runOf(record)).state })),
  );
  if (options.json) printJson(output, { runs: rows.map(({ id, state }) => ({ id, state: state.kind })) });
  else for (const { id, state } of rows) output.print(`${id}  ${describeState(state)}`);
  return 0;
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
          `${record.id}: no stint process works on it; it ends with the next stint command on ${machineOf(there.host)}`,
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
  await controlRun(workplace, record, { interrupt, force, onProgress });
}
