import { controlRuns } from '../controller/control-runs.ts';
import type { Workplace } from '../controller/workplace.ts';
import type { RunRecord } from '../run/run-record.ts';
import { compareAndReport } from './compare-and-report.ts';
import type { CliContext } from './context.ts';
import { exitCodeOf } from './exit-code.ts';
import { printJson } from './output.ts';
import { showProgress } from './show-progress.ts';
import { tellInterrupt } from './tell-interrupt.ts';

/** Works on runs in this process until all are at rest, then shows what came out. */
export async function workOnRuns(
  context: CliContext,
  workplace: Workplace,
  records: readonly RunRecord[],
  options: { readonly json?: boolean; readonly control?: typeof controlRuns },
): Promise<number> {
  const { output, interrupt, force } = context;
  tellInterrupt(context, records);
  const { control = controlRuns } = options;
  const runs = await control(workplace, records, {
    interrupt,
    force,
    onProgress: showProgress(output, records, workplace.now),
  });
  const states = runs.map((run) => run.state);
  if (options.json) {
    const rows = records.map((record, index) => ({
      id: record.id,
      arm: record.arm,
      state: states[index]?.kind ?? null,
      checkpoint: runs[index]?.checkpoint ?? null,
    }));
    printJson(output, { runs: rows });
  } else if (runs.some((run) => run.state.kind === 'succeeded')) {
    await compareAndReport(context, workplace, await arms(workplace, records));
  }
  const unfinished = records.filter((_, index) => states[index]?.kind === 'interrupted');
  if (unfinished.length > 0)
    output.tell(`Go on with: stint runs resume ${unfinished.map((record) => record.id).join(' ')}`);
  return exitCodeOf(states);
}

/** A resumed arm is compared with the arms of its ablation that had already ended. */
async function arms(workplace: Workplace, records: readonly RunRecord[]): Promise<readonly RunRecord[]> {
  const ablation = records[0]?.ablation?.id;
  if (ablation === undefined) return records;
  const { runs } = workplace.store;
  const begun = (await runs.summaries({ ablation })).filter(({ run }) => run.attempt > 0);
  const ids = new Set(begun.map(({ id }) => id));
  return (await runs.list({ ablation })).filter(({ id }) => ids.has(id)).toReversed();
}
