import { counted, listed } from '../../doctor/command.ts';
import { needsOf } from '../../doctor/needs.ts';
import {
  failuresByNode,
  type NodeUse,
  nodeUse,
  otherNodes,
  runOf,
  type Stray,
  strayPods,
} from '../../doctor/node-use.ts';
import { loadProfile } from '../../documents/load-profile.ts';
import { StintError } from '../../errors/stint-error.ts';
import type { ClusterProfile } from '../../profile/cluster-profile.ts';
import { isAtRest } from '../../run/state.ts';
import type { Store } from '../../store/port.ts';
import type { CliContext } from '../context.ts';
import { openWhereThereIsOne } from '../open-where-there-is-one.ts';
import { type Output, printJson } from '../output.ts';
import { renderTable } from '../render/table.ts';

export interface NodesOptions {
  readonly cluster: string;
  readonly json?: boolean;
}

/** `stint nodes --cluster PROFILE`: device nodes, who holds them, which failed runs, and pods that nobody stands behind. */
export async function nodes(options: NodesOptions, context: CliContext): Promise<number> {
  const profile = await loadProfile(options.cluster, context.home);
  const { backend } = profile;
  if (backend.kind === 'local') throw noNodes(profile);
  const { output } = context;
  const inventory = await context.readInventory(backend, profile.device.resource);
  const known = await whatIsKnown(profile, (await openWhereThereIsOne(context))?.store);
  const needs = needsOf(profile, backend);
  const rows = nodeUse(inventory, needs, known.failures);
  const others = otherNodes(inventory, needs);
  const strays = strayPods(inventory.pods, known.isAtRest);
  if (options.json) {
    printJson(output, {
      cluster: profile.name,
      nodes: rows,
      otherNodes: others,
      strays,
      seesAllPods: inventory.seesAllPods,
    });
    return 0;
  }
  const resource = profile.device.resource ?? 'cpu';
  if (rows.length > 0) output.print(nodesTable(rows, output));
  else output.tell(`No node of the profile has ${resource} to give.`);
  if (others > 0)
    output.tell(
      `${counted(others, 'more node')} with ${resource} ${others === 1 ? 'is' : 'are'} not of this profile (backend.nodeSelector).`,
    );
  if (!inventory.seesAllPods)
    output.tell(`Only pods of namespace ${backend.namespace} can be seen: others may hold what looks free.`);
  if (strays.length > 0) output.print(`\n${strayTable(strays, output)}`);
  for (const line of advice(strays, context.store)) output.tell(line);
  return 0;
}

const nodesTable = (rows: readonly NodeUse[], output: Output): string =>
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

const strayTable = (strays: readonly Stray[], output: Output): string =>
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
function advice(strays: readonly Stray[], store: string): readonly string[] {
  const [unknown, resting] = (['run of another store', 'run is at rest'] as const).map((why) =>
    strays.filter((stray) => stray.why === why),
  );
  const runs = (of: readonly Stray[] = []) => listed([...new Set(of.map(runOf))]);
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

/** Of the runs on this cluster. */
async function whatIsKnown(profile: ClusterProfile, store: Store | undefined) {
  if (store === undefined)
    return { isAtRest: new Map<string, boolean>(), failures: new Map<string, number>() };
  const runs = (await store.runs.summaries({ cluster: profile.name })).map(({ id, run }) => ({ id, ...run }));
  return {
    isAtRest: new Map(runs.map(({ id, state }) => [id, isAtRest(state)])),
    failures: failuresByNode(runs),
  };
}

const noNodes = ({ name }: ClusterProfile) =>
  new StintError({
    code: 'no-nodes',
    where: '--cluster',
    what: `the profile ${name} runs on this machine and has no nodes`,
    why: 'nodes are those of a Kubernetes cluster',
    todo: `name a profile of a cluster; \`stint doctor --cluster ${name}\` looks at this machine`,
  });
