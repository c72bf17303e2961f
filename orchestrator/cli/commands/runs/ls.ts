import { type Looker, lookAtRun } from '../../../controller/look-at-run.ts';
import { type Status, statusOf } from '../../../run/status.ts';
import type { RunSummary } from '../../../store/port.ts';
import { formatDuration } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { describeNow } from '../../describe-state.ts';
import { printJson } from '../../output.ts';
import { renderTable } from '../../render/table.ts';

/** `stint runs ls`: all runs, newest first, with what became of them. */
export async function ls(options: { readonly json?: boolean }, context: CliContext): Promise<number> {
  const workplace = await context.openWorkplace();
  const { store, now } = workplace;
  const { output } = context;
  const rows = await Promise.all(
    (await store.runs.summaries()).map(async (summary) => ({
      ...summary,
      status: await statusOfRun(workplace, summary),
    })),
  );
  if (options.json) {
    const runs = rows.map(({ id, name, arm, ablation, cluster, createdAt, run, status }) => ({
      id,
      recipe: name,
      arm,
      ablation: ablation?.id ?? null,
      cluster,
      state: run.state.kind,
      status,
      checkpoint: run.checkpoint,
      createdAt: new Date(createdAt).toISOString(),
    }));
    printJson(output, { runs });
    return 0;
  }
  if (rows.length === 0) {
    output.tell(
      `There are no runs in ${context.store} yet. Start one: stint launch recipes/quickstart.yaml --cluster laptop --wait`,
    );
    return 0;
  }
  const table = renderTable(
    rows,
    [
      { header: 'RUN', cell: ({ id }) => id },
      { header: 'ABLATION', cell: ({ ablation }) => ablation?.id ?? null },
      { header: 'RECIPE', cell: ({ name }) => name },
      { header: 'ARM', cell: ({ ablation, arm }) => (ablation ? arm : null) },
      { header: 'CLUSTER', cell: ({ cluster }) => cluster },
      {
        header: 'AGE',
        cell: ({ createdAt }) => formatDuration((now() - createdAt) / 1000),
        align: 'right',
      },
      { header: 'STATE', cell: ({ run, status }) => describeNow(run.state, status) },
    ],
    output.isTerminal ? { width: output.width } : {},
  );
  output.print(table);
  return 0;
}

/** What is recorded of a run that goes on is what was asked for; where it is, its cluster knows. */
async function statusOfRun(workplace: Looker, { id, run }: RunSummary): Promise<Status> {
  const record = run.state.kind === 'running' ? await workplace.store.runs.find(id) : null;
  return record === null ? statusOf(run.state, null) : (await lookAtRun(workplace, record)).status;
}
