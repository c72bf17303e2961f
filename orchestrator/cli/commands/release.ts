import type { Answer } from '../../contract/routes.ts';
import { StintError } from '../../errors/stint-error.ts';
import { formatDeviceTime, formatDuration } from '../../units/format.ts';
import type { CliContext } from '../context.ts';
import { namedCluster } from '../named-cluster.ts';
import { openSurvey } from '../open-survey.ts';
import { type Output, printJson } from '../output.ts';
import { renderTable } from '../render/table.ts';

export interface ReleaseOptions {
  readonly cluster?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

type Found = Answer<'findLeftovers'>;

/**
 * `stint release RUN [--cluster PROFILE] --yes`: takes everything of a run away from its cluster. For emergencies: of a run
 * that no store knows any more, or when what keeps its objects must go at once. A run of this store is settled with it.
 */
export async function release(run: string, options: ReleaseOptions, context: CliContext): Promise<number> {
  const { output } = context;
  const survey = await openSurvey(context);
  const { cluster } = options;
  const question = { run, ...(cluster !== undefined && { cluster: await namedCluster(cluster) }) };
  const found = await survey.findLeftovers(question);
  if (!options.json) output.print(leftTable(found, output));
  if (!options.yes) throw unconfirmed(found);
  if (!options.json && found.settles && found.left.pods.some(({ alive }) => alive))
    output.tell(waitText(found, context));
  const answer = await survey.releaseRun(question);
  for (const warning of answer.warnings) output.tell(`warning: ${warning}`);
  if (options.json) printJson(output, answer);
  else output.tell(`${run}: released. ${outcome(answer)}`);
  return 0;
}

const waitText = ({ run, graceSeconds }: Found, { server }: CliContext): string =>
  `${run}: waits up to ${formatDuration(graceSeconds)} for its pods to end, to record when they do; ${server === null ? 'Ctrl-C ends the wait' : 'Ctrl-C leaves that to the server'}`;

const outcome = (answer: Answer<'releaseRun'>): string =>
  answer.gpuMilliseconds === undefined
    ? lossText(answer.lostGpuMilliseconds ?? 0)
    : `${formatDeviceTime(answer.gpuMilliseconds)} that it held are in the ledger${doubtText(answer.doubtfulGpuMilliseconds ?? 0)}.`;

const doubtText = (doubtful: number): string =>
  doubtful === 0
    ? ''
    : `; ${formatDeviceTime(doubtful)} beside it are in doubt, as nobody saw pods of it end, and billed to nobody`;

const leftTable = ({ left: { owners, pods } }: Found, output: Output): string =>
  renderTable<{
    readonly kind: string;
    readonly name: string;
    readonly pod?: Found['left']['pods'][number];
  }>(
    [...owners, ...pods.map((pod) => ({ kind: 'pod', name: pod.name, pod }))],
    [
      { header: 'KIND', cell: ({ kind }) => kind },
      { header: 'NAME', cell: ({ name }) => name },
      { header: 'NODE', cell: ({ pod }) => pod?.node || null },
      { header: 'STATE', cell: ({ pod }) => (pod ? (pod.alive ? 'alive' : 'ended') : null) },
      {
        header: 'HELD',
        cell: ({ pod }) => (pod ? formatDeviceTime(pod.gpuMilliseconds) : null),
        align: 'right',
      },
    ],
    output.isTerminal ? { width: output.width } : {},
  );

const lossText = (lost: number): string =>
  lost === 0
    ? 'No device time is lost: the ledger has all of it.'
    : `${formatDeviceTime(lost)} that its pods held are in no ledger.`;

const SETTLED = 'what its pods held is recorded first, and the run is at rest from then on';

const notSettled = (lost: number): string => `nobody settles what is taken away so. ${lossText(lost)}`;

const unconfirmed = ({ run, left: { owners, pods }, settles, lostGpuMilliseconds }: Found): StintError =>
  new StintError({
    code: 'not-confirmed',
    where: run,
    what: `nothing was released: it would delete ${owners.length} jobs and ${pods.length} pods, ${pods.filter(({ alive }) => alive).length} of them alive`,
    why: settles ? SETTLED : notSettled(lostGpuMilliseconds),
    todo: `\`stint runs cancel ${run}\` lets its pods save before they end; to take it away all the same, add --yes`,
  });
