import type { NodeRow, StrayRow } from '../../contract/clusters.ts';
import { runOf } from '../../doctor/node-use.ts';
import { counted, listed } from '../../units/counted.ts';
import type { CliContext } from '../context.ts';
import { namedCluster } from '../named-cluster.ts';
import { openSurvey } from '../open-survey.ts';
import { type Output, printJson } from '../output.ts';
import { renderTable } from '../render/table.ts';

export interface NodesOptions {
  readonly cluster: string;
  readonly json?: boolean;
}

/** `stint nodes --cluster PROFILE`: device nodes, who holds them, which failed runs, and pods that nobody stands behind. */
export async function nodes(options: NodesOptions, context: CliContext): Promise<number> {
  const { output } = context;
  const survey = await openSurvey(context);
  const answer = await survey.listNodes({ cluster: await namedCluster(options.cluster) });
  if (options.json) {
    printJson(output, answer);
    return 0;
  }
  const { nodes: rows, otherNodes, strays, seesAllPods, device, namespace } = answer;
  if (rows.length > 0) output.print(nodesTable(rows, output));
  else output.tell(`No node of the profile has ${device} to give.`);
  if (otherNodes > 0)
    output.tell(
      `${counted(otherNodes, 'more node')} with ${device} ${otherNodes === 1 ? 'is' : 'are'} not of this profile (backend.nodeSelector).`,
    );
  if (!seesAllPods)
    output.tell(`Only pods of namespace ${namespace} can be seen: others may hold what looks free.`);
  if (strays.length > 0) output.print(`\n${strayTable(strays, output)}`);
  for (const line of advice(strays, context.store)) output.tell(line);
  return 0;
}

const nodesTable = (rows: readonly NodeRow[], output: Output): string =>
  renderTable(
    rows,
    [
      { header: 'NODE', cell: ({ name }) => name },
      { header: 'STATE', cell: ({ state }) => state },
      { header: 'DEVICES', cell: ({ devices }) => devices },
      { header: 'FREE', cell: ({ free }) => free },
      {
        header: 'HELD BY',
        cell: ({ holders }) => holders.map(({ run, devices }) => `${run} ${devices}`).join(', ') || null,
      },
      { header: 'FAILURES', cell: ({ failures }) => failures },
      { header: 'TAINTS', cell: ({ taints }) => taints.join(' ') || null },
    ],
    output.isTerminal ? { width: output.width } : {},
  );

const strayTable = (strays: readonly StrayRow[], output: Output): string =>
  renderTable(
    strays,
    [
      { header: 'POD OF NO RUN AT WORK HERE', cell: ({ name }) => name },
      { header: 'NODE', cell: ({ node }) => node || null },
      { header: 'DEVICES', cell: ({ devices }) => devices },
      { header: 'RUN', cell: runOf },
      {
        header: 'WHY',
        cell: ({ why, terminating }) => `${why}${terminating ? ', pod is ending' : ''}`,
      },
    ],
    output.isTerminal ? { width: output.width } : {},
  );

/** Another store may know a run that this one does not, so its pods are never called leftovers, and nothing is advised that would end them. */
function advice(strays: readonly StrayRow[], store: string): readonly string[] {
  const [unknown, resting] = (['run of another store', 'run is at rest'] as const).map((why) =>
    strays.filter((stray) => stray.why === why),
  );
  const runs = (of: readonly StrayRow[] = []) => listed([...new Set(of.map(runOf))]);
  const lines: string[] = [];
  if (unknown?.[0])
    lines.push(
      `Not known in ${store}: ${runs(unknown)}. Another store launched it and says how it is; ask whoever that is before you touch it.`,
    );
  const idle = resting?.[0];
  if (idle)
    lines.push(
      `${runs(resting)}: at rest here, but its pods have not ended; see: stint runs show ${idle.run}`,
    );
  return lines;
}
