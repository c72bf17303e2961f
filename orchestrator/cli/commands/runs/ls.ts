import type { Stint } from '../../../contract/routes.ts';
import type { RunRow } from '../../../contract/runs.ts';
import { formatDuration } from '../../../units/format.ts';
import type { CliContext } from '../../context.ts';
import { printJson } from '../../output.ts';
import { renderTable } from '../../render/table.ts';

/** A screen or two; whoever wants more asks for all. */
const SHOWN = 100;
const PAGE = 1_000;

/** `stint runs ls`: runs, newest first, with what became of them; those that go on all, of the others as many as one reads. */
export async function ls(
  options: { readonly all?: boolean; readonly json?: boolean },
  context: CliContext,
): Promise<number> {
  const stint = await context.openStint();
  const { output } = context;
  const { runs, left } = options.all || options.json ? await all(stint) : await newest(stint);
  if (options.json) {
    printJson(output, { runs });
    return 0;
  }
  if (runs.length === 0) {
    output.tell(
      `There are no runs in ${context.store} yet. Start one: stint launch recipes/quickstart.yaml --cluster laptop --wait`,
    );
    return 0;
  }
  output.print(tableOf(runs, output.isTerminal ? { width: output.width } : {}));
  if (left) output.tell('Older runs that are over are not shown: stint runs ls --all');
  return 0;
}

const tableOf = (runs: readonly RunRow[], fit: { readonly width?: number }): string =>
  renderTable(
    runs,
    [
      { header: 'RUN', cell: ({ id }) => id },
      { header: 'ABLATION', cell: ({ ablation }) => ablation },
      { header: 'RECIPE', cell: ({ recipe }) => recipe },
      { header: 'ARM', cell: ({ ablation, arm }) => (ablation === null ? null : arm) },
      { header: 'CLUSTER', cell: ({ cluster }) => cluster },
      {
        header: 'AGE',
        cell: ({ createdAt }) => formatDuration((Date.now() - Date.parse(createdAt)) / 1000),
        align: 'right',
      },
      { header: 'STATE', cell: ({ summary }) => summary },
    ],
    fit,
  );

interface Shown {
  readonly runs: readonly RunRow[];
  /** There are more. */
  readonly left: boolean;
}

async function newest(stint: Stint): Promise<Shown> {
  const [page, open] = await Promise.all([
    stint.listRuns({ limit: SHOWN }),
    everyPage(stint, { open: true }),
  ]);
  const ids = new Set(page.runs.map(({ id }) => id));
  return { runs: [...page.runs, ...open.filter(({ id }) => !ids.has(id))], left: page.next !== null };
}

const all = async (stint: Stint): Promise<Shown> => ({ runs: await everyPage(stint, {}), left: false });

async function everyPage(stint: Stint, wanted: { readonly open?: boolean }): Promise<readonly RunRow[]> {
  const runs: RunRow[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await stint.listRuns({ ...wanted, limit: PAGE, ...(cursor !== undefined && { cursor }) });
    runs.push(...page.runs);
    cursor = page.next;
  }
  return runs;
}
