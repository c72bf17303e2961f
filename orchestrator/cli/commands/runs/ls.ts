import type { Looker } from '../../../controller/look-at-run.ts';
import { isAtRest } from '../../../run/state.ts';
import { type Status, statusOf } from '../../../run/status.ts';
import type { RunRecord, RunSummary, Store } from '../../../store/port.ts';
import { formatDuration } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { describeNow } from '../../describe-state.ts';
import { printJson } from '../../output.ts';
import { renderTable } from '../../render/table.ts';

/** A screen or two; whoever wants more asks for all. */
const SHOWN = 100;

/** `stint runs ls`: runs, newest first, with what became of them; those that go on all, of the others as many as one reads. */
export async function ls(
  options: { readonly all?: boolean; readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const workplace = await context.openWorkplace();
  const { store, now } = workplace;
  const { output } = context;
  const { shown, left } = await wanted(store, options.all || options.json);
  const rows = await Promise.all(
    shown.map(async (summary) => ({
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
  if (left) output.tell('Older runs that are over are not shown: stint runs ls --all');
  return 0;
}

/** What is recorded of a run that goes on is what was asked for; where it is, its cluster knows. */
async function statusOfRun(workplace: Looker, { id, run }: RunSummary): Promise<Status> {
  const record = isAtRest(run.state) ? null : await workplace.store.runs.find(id);
  return record === null ? statusOf(run.state, null) : seenStatus(workplace, record);
}

async function seenStatus(workplace: Looker, record: RunRecord): Promise<Status> {
  const { lookAtRun } = await import('../../../controller/look-at-run.ts');
  return (await lookAtRun(workplace, record)).status;
}

async function wanted(
  store: Store,
  all = false,
): Promise<{ readonly shown: readonly RunSummary[]; readonly left: boolean }> {
  if (all) return { shown: await store.runs.summaries(), left: false };
  const [newest, open] = await Promise.all([
    store.runs.summaries({ limit: SHOWN + 1 }),
    store.runs.summaries({ closed: false }),
  ]);
  const [shown, more] = [newest.slice(0, SHOWN), newest.slice(SHOWN)];
  const ids = new Set(shown.map(({ id }) => id));
  const older = open.filter(({ id }) => !ids.has(id));
  return { shown: [...shown, ...older], left: more.length > 0 };
}
