import { podStatements } from '../../controller/held-by-phase.ts';
import { isAttended } from '../../controller/is-attended.ts';
import { settleReleased } from '../../controller/settle-released.ts';
import { sightOfLeases } from '../../controller/sight.ts';
import type { Workplace } from '../../controller/workplace.ts';
import { type Leftovers, type LeftPod, unsettledGpuMilliseconds } from '../../doctor/leftovers.ts';
import { loadProfile } from '../../documents/load-profile.ts';
import { isStintError, StintError } from '../../errors/stint-error.ts';
import type { ClusterProfile } from '../../profile/cluster-profile.ts';
import { isSettled } from '../../run/is-settled.ts';
import type { RunRecord } from '../../store/port.ts';
import { formatDeviceTime, formatDuration } from '../../units/format.ts';
import type { CliContext } from '../context.ts';
import { type Output, printJson } from '../output.ts';
import { renderTable } from '../render/table.ts';

export interface ReleaseOptions {
  readonly cluster?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/**
 * `stint release RUN [--cluster PROFILE] --yes`: takes everything of a run away from its cluster. For emergencies: of a run
 * that no store knows any more, or when what keeps its objects must go at once. A run of this store is settled with it.
 */
export async function release(run: string, options: ReleaseOptions, context: CliContext): Promise<number> {
  const { output } = context;
  const workplace = await openIfThere(context);
  const record = (await workplace?.store.runs.find(run)) ?? undefined;
  const profile = await profileOf(run, record, options);
  const { backend, device } = profile;
  if (backend.kind !== 'kubernetes') throw nothingKept(run, profile);
  if (workplace && record && (await isAttended(workplace, record))) throw atWork(run);

  const cluster = context.leftovers(backend, device.resource, run);
  const left = await cluster.find();
  const unsettled = workplace && record ? await unsettledRun({ workplace, record }) : undefined;
  if (left.owners.length + left.pods.length === 0 && !unsettled) throw nothingKept(run, profile);
  if (!options.json) output.print(leftTable(left, output));
  const lost = unsettledGpuMilliseconds(left, await settledPods(workplace, run));
  if (!options.yes) throw unconfirmed(run, left, unsettled ? SETTLED : notSettled(lost));
  if (unsettled) return settle(unsettled, left, options, { ...context, remove: cluster.release });
  return takeAway(run, left, options, { output, lost, remove: cluster.release });
}

/** Of a run that no ledger has, or whose ledger has all of it. */
async function takeAway(
  run: string,
  left: Leftovers,
  { json }: ReleaseOptions,
  {
    output,
    lost,
    remove,
  }: { readonly output: Output; readonly lost: number; readonly remove: () => Promise<void> },
): Promise<number> {
  await remove();
  if (json) printJson(output, { run, released: left, lostGpuMilliseconds: lost });
  else output.tell(`${run}: released. ${lossText(lost)}`);
  return 0;
}

interface Known {
  readonly workplace: Workplace;
  readonly record: RunRecord;
}

async function settle(
  { workplace, record }: Known,
  left: Leftovers,
  { json }: ReleaseOptions,
  {
    output,
    interrupt,
    remove,
  }: Pick<CliContext, 'output' | 'interrupt'> & {
    readonly remove: (ended: () => Promise<void>) => Promise<void>;
  },
): Promise<number> {
  const run = record.id;
  if (!json && left.pods.some(({ alive }) => alive))
    output.tell(
      `${run}: waits up to ${formatDuration(record.profile.grace)} for its pods to end, to record when they do; Ctrl-C ends the wait`,
    );
  const { held, doubtful } = await settleReleased(workplace, record, {
    remove,
    interrupt,
    onWarning: (message) => output.tell(`warning: ${message}`),
  });
  if (json) {
    printJson(output, { run, released: left, gpuMilliseconds: held, doubtfulGpuMilliseconds: doubtful });
    return 0;
  }
  output.tell(
    `${run}: released. ${formatDeviceTime(held)} that it held are in the ledger${doubtText(doubtful)}.`,
  );
  return 0;
}

const doubtText = (doubtful: number): string =>
  doubtful === 0
    ? ''
    : `; ${formatDeviceTime(doubtful)} beside it are in doubt, as nobody saw pods of it end, and billed to nobody`;

/** Unless it is at rest, and its cluster was told that it may forget it. */
async function unsettledRun(known: Known): Promise<Known | undefined> {
  const { run } = await known.workplace.store.runs.state(known.record.id);
  return isSettled(run, true) ? undefined : known;
}

const SETTLED = 'what its pods held is recorded first, and the run is at rest from then on';

const leftTable = ({ owners, pods }: Leftovers, output: Output): string =>
  renderTable<{ readonly kind: string; readonly name: string; readonly pod?: LeftPod }>(
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

async function settledPods(workplace: Workplace | undefined, run: string): Promise<ReadonlySet<string>> {
  const pods = workplace ? await podStatements(workplace, await sightOfLeases(workplace), [run]) : [];
  return new Set(pods.filter(({ end }) => end !== 'open').map(({ pod }) => pod));
}

/** A run may have to be released where nothing was ever launched. */
async function openIfThere(context: CliContext): Promise<Workplace | undefined> {
  try {
    return await context.openWorkplace();
  } catch (error) {
    if (isStintError(error) && error.code === 'no-home') return undefined;
    throw error;
  }
}

async function profileOf(
  run: string,
  record: RunRecord | undefined,
  { cluster }: ReleaseOptions,
): Promise<ClusterProfile> {
  if (cluster !== undefined) return loadProfile(cluster);
  if (record) return record.profile;
  throw new StintError({
    code: 'no-such-run',
    where: run,
    what: `this store knows no run "${run}", so it does not know on which cluster it is`,
    todo: 'name the cluster: `--cluster PROFILE`',
  });
}

const nothingKept = (run: string, { name }: ClusterProfile) =>
  new StintError({
    code: 'nothing-to-release',
    where: run,
    what: `${name} keeps nothing of a run "${run}"`,
    todo: '`stint nodes --cluster PROFILE` lists pods without a run',
  });

const atWork = (run: string) =>
  new StintError({
    code: 'run-is-held',
    where: run,
    what: `a stint process works on ${run}, and would make again what is taken away`,
    todo: `end it with \`stint runs cancel ${run}\`, which settles its time and lets its objects go`,
  });

const notSettled = (lost: number): string => `nobody settles what is taken away so. ${lossText(lost)}`;

const unconfirmed = (run: string, { owners, pods }: Leftovers, why: string) =>
  new StintError({
    code: 'not-confirmed',
    where: run,
    what: `nothing was released: it would delete ${owners.length} jobs and ${pods.length} pods, ${pods.filter(({ alive }) => alive).length} of them alive`,
    why,
    todo: `\`stint runs cancel ${run}\` lets its pods save before they end; to take it away all the same, add --yes`,
  });
