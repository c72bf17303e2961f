import { controlRun } from '../../../controller/control-run.ts';
import { machineOf } from '../../../controller/elsewhere.ts';
import { reconcile } from '../../../controller/reconcile.ts';
import type { Workplace } from '../../../controller/workplace.ts';
import { foldRun } from '../../../run/evolve.ts';
import { isAtRest } from '../../../run/state.ts';
import type { RunRecord } from '../../../store/port.ts';
import type { CliContext } from '../../context.ts';
import { describeState } from '../../describe-state.ts';
import { printJson } from '../../output.ts';
import { findRuns } from '../../run-reference.ts';
import { showProgress } from '../../show-progress.ts';
import { tellInterrupt } from '../../tell-interrupt.ts';

const LOOK_MILLISECONDS = 250;

/** `stint runs cancel RUN…`: asks, and waits until each is at rest. */
export async function cancel(
  references: readonly string[],
  options: { readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const workplace = await context.openWorkplace();
  const { store, now } = workplace;
  const { output } = context;
  const records = await findRuns(store, references);
  const rows = [];
  for (const record of records) {
    const read = async () => foldRun(await store.runs.events(record.id)).state;
    if (!isAtRest(await read())) {
      await store.requests.ask(record.id, 'cancel', now());
      output.tell(`${record.id}: asked to save and end`);
    }
    while (!isAtRest(await read()) && !context.interrupt.aborted) {
      const { unattended, elsewhere } = await reconcile(workplace);
      const there = elsewhere.find(({ run }) => run === record.id);
      if (there) {
        output.tell(
          `${record.id}: no stint process works on it; it ends with the next stint command on ${machineOf(there.host)}`,
        );
        break;
      }
      if (unattended.includes(record.id)) await takeOver(context, workplace, record);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
    }
    rows.push({ id: record.id, state: await read() });
  }
  if (options.json) printJson(output, { runs: rows.map(({ id, state }) => ({ id, state: state.kind })) });
  else for (const { id, state } of rows) output.print(`${id}  ${describeState(state)}`);
  return 0;
}

/** Its pods go on without a process of ours, so this one sees to it that they end. */
async function takeOver(context: CliContext, workplace: Workplace, record: RunRecord): Promise<void> {
  const { output, interrupt, force } = context;
  tellInterrupt(context, [record]);
  const onProgress = showProgress(output, [record], workplace.now);
  await controlRun(workplace, record, { interrupt, force, onProgress });
}
