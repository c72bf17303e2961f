import { lookAtRun } from '../../../controller/look-at-run.ts';
import { foldRun } from '../../../run/evolve.ts';
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
    (await store.runs.list()).map(async (record) => {
      const run = foldRun(await store.runs.events(record.id));
      // What is recorded of a run that goes on is what was asked for; where it is, its cluster knows.
      const { status } = await lookAtRun(workplace, record);
      return { record, run, status };
    }),
  );
  if (options.json) {
    const runs = rows.map(({ record, run, status }) => ({
      id: record.id,
      recipe: record.name,
      arm: record.arm,
      ablation: record.ablation?.id ?? null,
      cluster: record.profile.name,
      state: run.state.kind,
      status,
      checkpoint: run.checkpoint,
      createdAt: new Date(record.createdAt).toISOString(),
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
      { header: 'RUN', cell: ({ record }) => record.id },
      { header: 'ABLATION', cell: ({ record }) => record.ablation?.id ?? null },
      { header: 'RECIPE', cell: ({ record }) => record.name },
      { header: 'ARM', cell: ({ record }) => (record.ablation ? record.arm : null) },
      { header: 'CLUSTER', cell: ({ record }) => record.profile.name },
      {
        header: 'AGE',
        cell: ({ record }) => formatDuration((now() - record.createdAt) / 1000),
        align: 'right',
      },
      { header: 'STATE', cell: ({ run, status }) => describeNow(run.state, status) },
    ],
    output.isTerminal ? { width: output.width } : {},
  );
  output.print(table);
  return 0;
}
